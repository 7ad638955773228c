import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ShopUnderTest, openShop } from './shop.js';

let house: ShopUnderTest;
let folder: string;
beforeAll(async () => {
  house = await openShop();
  folder = await mkdtemp(join(tmpdir(), 'banyan-openapi-'));
});
afterAll(async () => {
  await house.close();
  await rm(folder, { recursive: true });
});

describe("the shop's OpenAPI document", () => {
  it('is 3.1 and has no error for redocly', async () => {
    const { body } = await house.shop.send('GET', '/openapi.json');
    expect(body.openapi).toMatch(/^3\.1\./);
    const file = join(folder, 'openapi.json');
    await writeFile(file, JSON.stringify(body));
    const report = await promisify(execFile)('node_modules/.bin/redocly', ['lint', '--format=json', file], { env: { ...process.env, REDOCLY_TELEMETRY: 'off' } })
      .catch((error: { stdout: string }) => error);
    expect(JSON.parse(report.stdout)).toMatchObject({ totals: { errors: 0 } });
  }, 60_000);

  it('has a page for people that loads nothing from elsewhere', async () => {
    const page = await fetch(new URL('/docs', house.shop.url));
    expect(page.status).toBe(200);
    const html = await page.text();
    const sources = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(sources.length).toBeGreaterThan(0);
    expect(sources.filter((it) => /^(https?:)?\/\//.test(it))).toEqual([]);
    for (const source of sources) expect((await fetch(new URL(source, new URL('/docs', house.shop.url)))).status).toBe(200);
  });
});
