import { mkdir, rename, writeFile } from 'node:fs/promises';
import { createTransport } from 'nodemailer';
import { type Mail, type MailAnswer, Mailer } from './mailer.js';
import { messageOf } from './message.js';

/**
 * For development: puts every mail into a folder, as `<id>.eml`, readable by its owner alone. Sent again, it takes the
 * place of the one before. A file is there completely or not at all.
 */
export class FolderMailer extends Mailer {
  private readonly transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });

  constructor(private readonly folder: string, private readonly from: string) {
    super();
  }

  async send(mail: Mail): Promise<MailAnswer> {
    const { message } = await this.transport.sendMail(messageOf(mail, this.from));
    if (!Buffer.isBuffer(message)) throw new Error('nodemailer was asked for a buffer and gave a stream.');
    const file = `${this.folder}/${mail.id}.eml`;
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await writeFile(`${file}.part`, message, { mode: 0o600 });
    await rename(`${file}.part`, file);
    return { is: 'accepted' };
  }
}
