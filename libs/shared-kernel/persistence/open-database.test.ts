import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TcpProxy, type TestDatabase, eventually, testDatabase } from '../testing/plain.js';
import { openDatabase, provisionContext } from './index.js';

describe('the first connection of a pool', () => {
  let storage: TestDatabase;
  let proxy: TcpProxy;
  let url: string;
  beforeEach(async () => {
    storage = await testDatabase();
    proxy = await TcpProxy.to(Number(new URL(storage.url).port));
    ({ url } = await provisionContext({ adminUrl: storage.url, name: 'notes', migrations: [] }));
  });
  afterEach(async () => {
    await proxy.stop();
    await storage.drop();
  });

  const open = () => openDatabase({ context: 'notes', url: proxy.through(url), applicationName: 'test' });

  it('is tried again when no answer came in time', async () => {
    proxy.stall();
    const opening = open();
    await eventually(() => { expect(proxy.connections).toBe(2); }, 20_000);
    proxy.flow();
    const database = await opening;
    expect(await database.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await database.close();
  }, 30_000);

  it('says that the database is away when it is ended', async () => {
    proxy.close();
    await expect(open()).rejects.toEqual(expect.objectContaining({ code: 'database-away' }));
  });
});
