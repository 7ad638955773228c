import { createServer, type Server } from 'node:net';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidConfiguration } from '@banyan/kernel/app';
import { eventually, scratchFolder } from '@banyan/kernel/testing';
import { NotificationsSettings } from '@banyan/notifications';
import { PaymentsSettings } from '@banyan/payments';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readConfig } from './read-config.js';
import { ShopProcess } from './shop-process.js';

let dataDir: string;
beforeEach(async () => { dataDir = await mkdtemp(join(scratchFolder(), 'banyan-start-')); });
afterEach(async () => { await rm(dataDir, { recursive: true, force: true }); });

const refusal = (environment: Record<string, string>) => ShopProcess.start({ DATA_DIR: dataDir, ...environment }).then(
  async (shop) => {
    await shop.kill('SIGKILL');
    throw new Error('The shop started.');
  },
  (error: Error) => error.message,
);

describe('the configuration', () => {
  it('is refused with every problem at once, and repeats no secret', async () => {
    const said = await refusal({ PORT: 'eighty', DATABASE_URL: 'mysql://root:hunter2@host/db', EVENT_BUS: 'pigeons', ADMIN_EMAIL: 'nobody', NODE_ENV: 'prod' });
    for (const name of ['PORT', 'DATABASE_URL', 'EVENT_BUS', 'ADMIN_EMAIL', 'NODE_ENV']) expect(said).toContain(`- ${name}`);
    expect(said).not.toContain('hunter2');
    expect(said).not.toContain('    at ');
  });

  it('of production has no default secrets', () => {
    const problems = (environment: Record<string, string>) => {
      try {
        readConfig({ NODE_ENV: 'production', ...environment });
        return [];
      } catch (error) {
        return error instanceof InvalidConfiguration ? error.problems : [String(error)];
      }
    };
    expect(problems({}).map((it) => it.split(':')[0])).toEqual(['DATABASE_URL', 'ADMIN_EMAIL, ADMIN_PASSWORD', 'CARD_PROCESSOR', 'SMTP_URL, MAIL_FROM']);
    const complete = { DATABASE_URL: 'postgres://owner:kd82hs0wkz@db/shop', ADMIN_EMAIL: 'a@shop.example', ADMIN_PASSWORD: 'kf93-kd92-lq01', CARD_PROCESSOR: 'test', SMTP_URL: 'smtps://shop:kd9@mail.example', MAIL_FROM: 'shop@shop.example' };
    expect(problems(complete)).toEqual([]);
    expect(problems({
      ...complete, DATABASE_URL: 'postgres://owner:postgres@db/shop', PAYMENTS_DATABASE_URL: 'postgres://owner:secret@db2/shop', ADMIN_PASSWORD: 'changemechangeme',
    })).toHaveLength(3);
  });

  it.each([
    'mail.example:587', 'http://mail.example', 'smtp://', 'smtp://shop:kd9@', 'smtp://shop:%zz@mail.example', 'smtp://shop:kd9@mail.example/?tls.rejectUnauthorized=false', 'smtp://shop:kd9@mail.example/inbox',
  ])('takes no mail server that is given as %s, and does not repeat what may hold a password', (url) => {
    expect(() => readConfig({ SMTP_URL: url })).toThrow(/SMTP_URL: Has .*not shown/);
    expect(() => readConfig({ SMTP_URL: url })).not.toThrow('kd9');
  });

  it.each([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, /OTEL_EXPORTER_OTLP_ENDPOINT: Has to look like http:.*not shown/],
    [{ OTEL_TRACES_SAMPLER_ARG: '1.5' }, /OTEL_TRACES_SAMPLER_ARG: Has to be at most 1\./],
    [{ OTEL_TRACES_SAMPLER_ARG: 'all' }, /OTEL_TRACES_SAMPLER_ARG: Has to be a share/],
  ])('takes no traces that are given as %j', (environment, problem) => {
    expect(() => readConfig(environment)).toThrow(problem);
  });

  it('takes no other way to keep the books than those there are', () => {
    const ledgerOf = (environment: Record<string, string>) => readConfig(environment).settings(undefined).find((it) => it.provide === PaymentsSettings)?.useValue;
    expect([ledgerOf({}), ledgerOf({ PAYMENTS_LEDGER: 'tables' })]).toMatchObject([{ ledger: 'events' }, { ledger: 'tables' }]);
    expect(() => readConfig({ PAYMENTS_LEDGER: 'files' })).toThrow('PAYMENTS_LEDGER: Has to be tables or events. (it is "files")');
  });

  it('records every trace where a collector is named, and none elsewhere', () => {
    const endpoint = 'http://127.0.0.1:4318';
    expect([readConfig({}).tracing, readConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }).tracing]).toEqual([undefined, { endpoint, ratio: 1 }]);
  });

  it.each(['smtp://127.0.0.1:2525', 'smtps://mail.example', 'smtp://shop:p%40ss%2Fword@mail.example:587/'])('takes a mail server that is given as %s', (url) => {
    expect(readConfig({ SMTP_URL: url }).settings(undefined)).toContainEqual({ provide: NotificationsSettings, useValue: expect.objectContaining({ smtpUrl: url }) });
  });
});

describe('the start', () => {
  it('says what to do when the port is taken', async () => {
    const server: Server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        resolve(typeof address === 'object' && address ? address.port : 0);
      });
    });
    try {
      expect(await refusal({ PORT: String(port) })).toContain(`Port ${port} is in use by another program (perhaps another Banyan). Stop that one, or choose another port: PORT=${port + 1} npm start`);
    } finally {
      server.close();
    }
  });

  it('says what to do when the data folder is broken, and deletes nothing', async () => {
    await mkdir(join(dataDir, 'postgres'));
    await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), 'nine and a half\n');
    const said = await refusal({ PORT: '0' });
    expect(said).toContain(dataDir);
    expect(said).toMatch(/mv /);
    expect(said).not.toContain('    at ');
    expect(await readFile(join(dataDir, 'postgres', 'PG_VERSION'), 'utf8')).toBe('nine and a half\n');
  });

  it('says what to do when the database cannot be reached', async () => {
    const said = await refusal({ PORT: '0', DATABASE_URL: 'postgres://owner:secret-word@127.0.0.1:1/shop' });
    expect(said).toMatch(/127\.0\.0\.1:1/);
    expect(said).not.toContain('secret-word');
    expect(said).not.toContain('    at ');
  });
});

describe('readiness', () => {
  it('asks the database of every context and the event bus', async () => {
    const shop = await ShopProcess.start({ DATA_DIR: dataDir });
    const { status, checks } = await (await fetch(new URL('/health/ready', shop.url))).json() as { status: string; checks: Record<string, { status: string }> };
    expect(status).toBe('ok');
    expect(Object.keys(checks)).toEqual(expect.arrayContaining(['lifecycle', 'event-bus', 'database:identity', 'database:ordering', 'database:payments']));
    expect(Object.values(checks).every((it) => it.status === 'up')).toBe(true);
    await shop.kill('SIGTERM');
  }, 60_000);
});

describe('the stop', () => {
  it('drains, ends with 0, and leaves no process behind, not even the database', async () => {
    const shop = await ShopProcess.start({ DATA_DIR: dataDir });
    const [postmaster] = (await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n');
    expect(await shop.kill('SIGINT')).toBe(0);
    await eventually(() => { expect(() => process.kill(Number(postmaster), 0)).toThrow('ESRCH'); });
  }, 60_000);
});
