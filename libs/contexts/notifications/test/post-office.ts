import { once } from 'node:events';
import type { Socket } from 'node:net';
import { SMTPServer, type SMTPServerDataStream } from 'smtp-server';

/** What came in, as it was said on the wire. */
export interface Received {
  readonly to: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** A reply of the server, or the line goes dead before there is one, or nothing comes at all. */
export type Reply = 'accept' | 'hang up' | 'say nothing' | `${4 | 5}${number} ${string}`;

interface Habits {
  /** Asked for every recipient. */
  readonly recipient?: (address: string) => Reply;
  /** Asked when a message is complete; it is received whatever the answer. */
  readonly message?: (received: Received) => Reply;
}

interface Manners {
  readonly port?: number;
  /** Whoever does not sign in with this gets no further. */
  readonly login?: { readonly user: string; readonly password: string };
}

/** A real mail server on this machine that behaves as a test wants. */
export class PostOffice {
  readonly received: Received[] = [];
  /** Every user and password that was said. */
  readonly logins: string[] = [];
  habits: Habits = {};
  private readonly sockets = new Set<Socket>();
  private readonly server: SMTPServer;

  private constructor({ login }: Manners) {
    this.server = new SMTPServer({
      disabledCommands: login ? ['STARTTLS'] : ['STARTTLS', 'AUTH'], allowInsecureAuth: true, authOptional: !login, logger: false,
      onAuth: ({ username, password }, _session, callback) => {
        this.logins.push(`${username}:${password}`);
        if (login && username === login.user && password === login.password) callback(null, { user: username });
        else callback(refusal('535 5.7.8 no'));
      },
      onRcptTo: ({ address }, _session, callback) => { this.reply(this.habits.recipient?.(address) ?? 'accept', callback); },
      onData: (stream, { envelope }, callback) => {
        void this.take(stream, envelope.rcptTo.map((it) => it.address), callback);
      },
    });
    this.server.on('error', () => undefined); // lines that go dead are what this is for
    this.server.server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
  }

  static async open(manners: Manners = {}): Promise<PostOffice> {
    const office = new PostOffice(manners);
    await once(office.server.listen(manners.port ?? 0, '127.0.0.1'), 'listening');
    return office;
  }

  get port(): number {
    const address = this.server.server.address();
    if (typeof address !== 'object' || !address) throw new Error('The post office is closed.');
    return address.port;
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.port}`;
  }

  /** What somebody has got. */
  for(email: string): Received[] {
    return this.received.filter((it) => it.to.includes(email));
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => { this.server.close(resolve); });
    this.hangUp();
    await closed;
  }

  private async take(stream: SMTPServerDataStream, to: readonly string[], callback: (error?: Error | null) => void): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
    const received = { to, ...parsed(Buffer.concat(chunks).toString('utf8')) };
    this.received.push(received);
    this.reply(this.habits.message?.(received) ?? 'accept', callback);
  }

  private reply(reply: Reply, callback: (error?: Error | null) => void): void {
    if (reply === 'hang up') this.hangUp();
    else if (reply !== 'say nothing') callback(reply === 'accept' ? null : refusal(reply));
  }

  private hangUp(): void {
    for (const socket of this.sockets) socket.destroy();
  }
}

function refusal(reply: string): Error {
  return Object.assign(new Error(reply.slice(4)), { responseCode: Number(reply.slice(0, 3)) });
}

/** Headers with their names in lower case, unfolded, and the body. */
function parsed(raw: string): Omit<Received, 'to'> {
  const end = raw.indexOf('\r\n\r\n');
  const lines = raw.slice(0, end).replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n');
  const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
  return { headers, text: raw.slice(end + 4) };
}
