import { once } from 'node:events';
import { SMTPServer } from 'smtp-server';

/** A mail server on this machine that keeps what it gets. */
export interface Mailbox {
  readonly port: number;
  /** Whole messages, as they were said on the wire. */
  readonly mails: readonly string[];
  /** Every password that was tried. */
  readonly passwords: readonly string[];
  close(): Promise<void>;
}

/** @param password the one that opens it; without one nobody has to sign in */
export async function openMailbox(password?: string): Promise<Mailbox> {
  const mails: string[] = [];
  const passwords: string[] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', ...(password === undefined ? ['AUTH'] : [])], allowInsecureAuth: true, authOptional: password === undefined, logger: false,
    onAuth: ({ username, password: tried }, _session, callback) => {
      passwords.push(tried ?? '');
      callback(tried === password ? null : new Error('No.'), { user: username });
    },
    onData: (stream, _session, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        mails.push(Buffer.concat(chunks).toString('utf8'));
        callback();
      });
    },
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.server.address();
  return {
    mails, passwords, port: typeof address === 'object' && address ? address.port : 0,
    close: () => new Promise((resolve) => { server.close(resolve); }),
  };
}
