import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readCommand } from './config.js';

const token = { BANYAN_TOKEN: 'a-token' };
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'config-'));
  file = join(folder, 'invoices.csv');
  writeFileSync(file, '');
});

afterEach(() => rmSync(folder, { recursive: true }));

describe('readCommand', () => {
  it('takes a file and sensible defaults', () => {
    expect(readCommand([file], token)).toMatchObject({
      is: 'replay',
      options: { file, url: 'http://127.0.0.1:3000', concurrency: 8, patienceMs: 120_000, settleMs: 15_000, limit: undefined },
    });
  });

  it('prefers --url to BANYAN_URL to PORT', () => {
    const url = (args: string[], environment: Record<string, string>) => {
      const command = readCommand([file, ...args], { ...token, ...environment });
      return command.is === 'replay' ? command.options.url : command;
    };
    expect(url([], { PORT: '8080' })).toBe('http://127.0.0.1:8080');
    expect(url([], { PORT: '8080', BANYAN_URL: 'https://shop.test' })).toBe('https://shop.test');
    expect(url(['--url', 'http://other.test'], { BANYAN_URL: 'https://shop.test' })).toBe('http://other.test');
  });

  it('names every problem at once', () => {
    const args = [join(folder, 'none.csv'), 'second.csv', '--limit', '0', '--url', 'ftp://x', '--concurrency=many', '--nope', '--patience'];
    const command = readCommand(args, { ...token, PORT: 'x' });
    expect(command).toEqual({
      is: 'bad',
      problems: expect.arrayContaining([
        `FILE: cannot be read: ${join(folder, 'none.csv')}`,
        '--limit: must be a whole number from 1 to 1000000000',
        '--url: must be an http(s) URL',
        '--concurrency: must be a whole number from 1 to 256',
        '--patience: must be a whole number from 1 to 86400',
        'PORT: must be a whole number from 1 to 65535',
        '--nope: there is no such option',
        'second.csv: one file at a time',
      ]),
    });
  });

  it('needs a file', () => {
    expect(readCommand([], token)).toEqual({ is: 'bad', problems: ['FILE: needs a value'] });
  });

  it('logs in as the operator that the shop keeps beside its data, if nothing else is said', () => {
    const login = { email: 'operator@shop.test', password: 'p' };
    writeFileSync(join(folder, 'operator.json'), JSON.stringify(login));
    const credentials = (environment: Record<string, string>) => {
      const command = readCommand([file], { DATA_DIR: folder, ...environment });
      return command.is === 'replay' ? command.options.credentials : command;
    };
    expect(credentials({})).toEqual({ login, token: undefined });
    expect(credentials({ ADMIN_EMAIL: 'a@b.test', ADMIN_PASSWORD: 'q' })).toMatchObject({ login: { email: 'a@b.test', password: 'q' } });
    expect(credentials({ ADMIN_EMAIL: 'a@b.test' })).toMatchObject({ is: 'bad' });
  });

  it('says which logins it looked for', () => {
    const command = readCommand([file], { DATA_DIR: folder });
    expect(command).toMatchObject({ is: 'bad', problems: [expect.stringContaining('BANYAN_TOKEN')] });
  });

  it('helps', () => {
    expect(readCommand(['--help'], {})).toEqual({ is: 'help' });
  });
});
