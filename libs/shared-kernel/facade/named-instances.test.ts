import { afterEach, describe, expect, it } from '@jest/globals';
import { NamedInstances, type NamedUpstream } from './named-instances.js';

describe('apps whose addresses were written down', () => {
  const open: NamedInstances[] = [];
  afterEach(async () => { for (const it of open.splice(0)) await it.stop(); });

  const payments: NamedUpstream = { app: 'payments', url: 'https://payments.internal:3000' };
  async function named(upstreams: readonly NamedUpstream[], lookUp?: (host: string) => Promise<{ address: string }[]>): Promise<NamedInstances> {
    const instances = new NamedInstances(upstreams, lookUp);
    open.push(instances);
    await instances.start();
    return instances;
  }

  it('have a process for each address of a name, once', async () => {
    const instances = await named([payments], async (host) => (host === 'payments.internal' ? ['10.0.0.2', '10.0.0.1', '10.0.0.2'].map((address) => ({ address })) : []));
    expect(instances.of('payments')).toEqual(['10.0.0.1', '10.0.0.2'].map((address) => ({ id: `https://payments.internal:3000 ${address}`, app: 'payments', url: 'https://payments.internal:3000', serves: true, address })));
    expect([instances.names('payments'), instances.names('catalog')]).toEqual([true, false]);
  });

  it('can be given as a list of addresses, also of version 6', async () => {
    const instances = await named([{ app: 'monolith', url: 'http://127.0.0.1:3000' }, { app: 'payments', url: 'http://[::1]:3001' }]);
    expect(['monolith', 'payments'].map((app) => instances.of(app).map(({ address }) => address))).toEqual([['127.0.0.1'], ['::1']]);
  });

  it('follow their names, and stay where they were while a name cannot be looked up', async () => {
    let addresses: string[] | undefined;
    const instances = await named([payments, { app: 'catalog', url: 'http://catalog' }], async (host) => {
      if (host === 'catalog') return [{ address: '10.1.1.1' }];
      if (!addresses) throw new Error('no such name');
      return addresses.map((address) => ({ address }));
    });
    const seen = () => ['payments', 'catalog'].flatMap((app) => instances.of(app).map(({ address }) => address));
    expect(seen()).toEqual(['10.1.1.1']);
    for (const now of [['10.0.0.1'], ['10.0.0.7', '10.0.0.8'], undefined]) {
      addresses = now;
      await instances.look();
      expect(seen()).toEqual([...(now ?? ['10.0.0.7', '10.0.0.8']), '10.1.1.1']);
    }
  });
});
