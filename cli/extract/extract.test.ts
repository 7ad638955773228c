import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { type House, declarationsOf, openHouse } from '../house/index.js';
import { apply, isReal } from './change.js';
import { planOf } from './plan.js';

const SHARED = ['nest-cli.json', 'Dockerfile', 'docker-compose.yml'];
const SEEN = [...SHARED, 'apps/monolith/monolith.ts'];

let real: House;
beforeAll(async () => { real = await openHouse(); });

/** The repository without anything lifted out, as far as the command looks at it. */
let house: House;
beforeEach(async () => {
  const root = await mkdtemp(join(tmpdir(), 'banyan-extract-'));
  for (const path of SEEN) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await cp(join(real.root, path), join(root, path));
  }
  await cp(join(real.root, 'apps/extracted'), join(root, 'apps/extracted'), { recursive: true });
  house = { ...real, root };
  for (const { name } of declarationsOf(real)) await apply(root, await planOf(house, name, 'undo'));
});
afterEach(async () => { await rm(house.root, { recursive: true, force: true }); });

const text = (path: string): Promise<string> => readFile(join(house.root, path), 'utf8');
const all = async (): Promise<string[]> => Promise.all(SHARED.map(text));
const extract = async (name: string): Promise<void> => apply(house.root, await planOf(house, name, 'extract'));
const undo = async (name: string): Promise<void> => apply(house.root, await planOf(house, name, 'undo'));

describe('lifting a context out', () => {
  it('makes an app, an image, a service and a project of it, for every context', async () => {
    const names = declarationsOf(house).map((it) => it.name);
    for (const name of names) await extract(name);
    const services = (parse(await text('docker-compose.yml'), { merge: true }) as { services: Record<string, { build: { target: string }; environment: object }> }).services;
    const projects = (JSON.parse(await text('nest-cli.json')) as { projects: object }).projects;
    for (const name of names) {
      expect(await text(`apps/extracted/${name}/main.ts`)).toContain(`from '@banyan/${name}';`);
      expect(services[name]).toMatchObject({ build: { target: name }, environment: { ADVERTISED_URL: `http://${name}:3000`, EVENT_BUS: '${EVENT_BUS:-rabbitmq}' } });
      expect(await text('Dockerfile')).toContain(`FROM app AS ${name}\n`);
      expect(projects).toHaveProperty(name);
    }
    expect((await text('Dockerfile')).trimEnd().split('\n').at(-2)).toBe('FROM app AS monolith');
  });

  it('changes nothing below libs, whatever the context', async () => {
    for (const { name } of declarationsOf(house)) {
      const paths = (await planOf(house, name, 'extract')).map(({ path }) => path);
      expect(paths.filter((it) => it.startsWith('libs/'))).toEqual([]);
    }
  });

  it('changes nothing the second time', async () => {
    await extract('shipping');
    expect((await planOf(house, 'shipping', 'extract')).filter(isReal)).toEqual([]);
  });

  it('passes on what the context wants to be told', async () => {
    await extract('notifications');
    const { services } = parse(await text('docker-compose.yml'), { merge: true }) as { services: { notifications: { environment: object } } };
    expect(Object.keys(services.notifications.environment)).toEqual(expect.arrayContaining(['SMTP_URL', 'MAIL_FROM']));
  });

  it('is taken back to the letter, in whatever order', async () => {
    const before = await all();
    for (const name of ['payments', 'reporting', 'identity']) await extract(name);
    for (const name of ['reporting', 'payments', 'identity']) await undo(name);
    expect(await all()).toEqual(before);
    await expect(text('apps/extracted/payments/main.ts')).rejects.toThrow('ENOENT');
  });

  it('neither overwrites nor removes what somebody has changed by hand', async () => {
    await extract('catalog');
    await writeFile(join(house.root, 'apps/extracted/catalog/main.ts'), '// mine\n');
    await expect(planOf(house, 'catalog', 'extract')).rejects.toThrow('apps/extracted/catalog/main.ts was changed by hand');
    await expect(planOf(house, 'catalog', 'undo')).rejects.toThrow('was changed by hand');
    await extract('shipping');
    await writeFile(join(house.root, 'docker-compose.yml'), (await text('docker-compose.yml')).replace('image: banyan-shipping:local', 'image: mine'));
    await expect(planOf(house, 'shipping', 'undo')).rejects.toThrow('docker-compose.yml has "shipping:" already');
  });

  it('knows the contexts that there are', async () => {
    await expect(planOf(house, 'paymentz', 'extract')).rejects.toThrow('There is no context "paymentz". There are: catalog, ');
  });
});

describe('what the repository ships', () => {
  it('is what the command makes of payments', async () => {
    expect((await planOf(real, 'payments', 'extract')).filter(isReal)).toEqual([]);
  });
});
