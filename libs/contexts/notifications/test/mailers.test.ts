import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MailerAway } from '../contract/index.js';
import { FolderMailer } from '../src/mailer/folder-mailer.js';
import type { Mail } from '../src/mailer/mailer.js';
import { SmtpMailer } from '../src/mailer/smtp-mailer.js';
import { PostOffice } from './post-office.js';

const FROM = 'shop@shop.example';
const LONG_ENOUGH_MS = 5_000;
const mail: Mail = {
  id: '01890000-0000-7000-8000-000000000001', to: { name: 'Zoë "Z" O\'Brien', email: 'zoe@example.org' }, writtenAt: new Date('2011-01-04T10:00:00.000Z'),
  subject: 'Ünïcode, and more of it than fits on one line of a header, as it may be seventy characters and no longer', text: 'Dear Zoë,\n\n.\nFrom here.\n',
};

describe('the mail server', () => {
  const login = { user: 'shop', password: 'p@ss:word/%' };
  let office: PostOffice;
  beforeAll(async () => { office = await PostOffice.open({ login }); });
  afterAll(() => office.close());
  const urlWith = (password: string, host = '127.0.0.1') => `smtp://${login.user}:${encodeURIComponent(password)}@${host}:${office.port}`;

  it('is signed in to with what the URL says', async () => {
    expect(await new SmtpMailer(urlWith(login.password), FROM).send(mail, LONG_ENOUGH_MS)).toEqual({ is: 'accepted' });
    expect(office.received.at(-1)).toMatchObject({
      to: [mail.to.email], headers: { 'message-id': `<${mail.id}@shop.example>`, date: 'Tue, 04 Jan 2011 10:00:00 +0000' },
    });
  });

  it('that does not accept our password may accept it later, and nobody reads it in the error', async () => {
    const error: unknown = await new SmtpMailer(urlWith('hunter2'), FROM).send(mail, LONG_ENOUGH_MS).catch((it: unknown) => it);
    expect(error).toBeInstanceOf(MailerAway);
    expect(String(error)).toContain('535');
    expect(JSON.stringify([String(error), error, error instanceof Error && error.stack])).not.toContain('hunter2');
  });

  it('elsewhere gets no password over a line that everybody can read', async () => {
    const before = office.logins.length;
    await expect(new SmtpMailer(urlWith(login.password, '0.0.0.0'), FROM).send(mail, LONG_ENOUGH_MS)).rejects.toThrow(MailerAway);
    expect(office.logins).toHaveLength(before);
  });

  it('that says nothing is not waited for longer than told', async () => {
    const silent = await PostOffice.open();
    silent.habits = { recipient: () => 'say nothing' };
    await expect(new SmtpMailer(silent.url, FROM).send(mail, 200)).rejects.toThrow(/EABORT/);
    await silent.close();
  });

  it('has an address that is a URL; what is wrong with it is not told', () => {
    for (const url of ['shop:hunter2@mail.example', '//shop:hunter2@mail.example', 'https://shop:hunter2@mail.example', 'smtp:hunter2']) {
      expect(() => new SmtpMailer(url, FROM)).toThrow(/^The mail server has to be given as smtp:\/\/user:password@host:587 or the like\./);
    }
  });
});

describe('the folder', () => {
  let folder: string;
  beforeAll(async () => { folder = join(await mkdtemp(join(tmpdir(), 'banyan-mail-')), 'mail'); });
  afterAll(() => rm(join(folder, '..'), { recursive: true }));

  it('is made when it is needed and holds each mail once, for its owner alone', async () => {
    const mailer = new FolderMailer(folder, FROM);
    for (let i = 0; i < 2; i += 1) expect(await mailer.send(mail)).toEqual({ is: 'accepted' });
    expect(await readdir(folder)).toEqual([`${mail.id}.eml`]);
    const file = join(folder, `${mail.id}.eml`);
    expect((await stat(file)).mode & 0o077).toBe(0);
    const eml = await readFile(file, 'utf8');
    expect(eml).toContain(`Message-ID: <${mail.id}@shop.example>\r\n`);
    expect(eml).toMatch(/^To: =\?UTF-8\?.*zoe@example\.org>\r\n/m);
  });
});
