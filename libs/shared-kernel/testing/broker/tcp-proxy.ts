import { type Server, type Socket, connect, createServer } from 'node:net';

export type Direction = 'to-server' | 'to-client';

/** Looks at what passes, and may change it: bytes out for bytes in. */
export type Tamper = (bytes: Buffer, direction: Direction) => Buffer;

/** A network between a client and a server that can be made to fail. */
export class TcpProxy {
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  private isOpen = true;
  private isStalled = false;
  private cutAt: { direction: Direction; bytes: number; done: () => void } | undefined;
  private tamper: Tamper = (bytes) => bytes;
  /** Connections that were made through it so far. */
  connections = 0;

  private constructor(private readonly server: Server, readonly port: number) {}

  /** Opens a port of this machine that leads to another one. */
  static async to(port: number): Promise<TcpProxy> {
    const server = createServer({ allowHalfOpen: false });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
    await promise;
    const address = server.address();
    const proxy = new TcpProxy(server, typeof address === 'object' && address ? address.port : 0);
    server.on('connection', (client) => proxy.join(client, port));
    return proxy;
  }

  /** The same URL by way of this proxy. */
  through(url: string): string {
    const through = new URL(url);
    through.host = `127.0.0.1:${this.port}`;
    return through.href;
  }

  /** Ends every connection at once, as a cable does. */
  cut(): void {
    for (const pair of this.pairs) {
      for (const socket of pair) socket.destroy();
    }
    this.pairs.clear();
  }

  /** Resolves when so many more bytes have passed in that direction and, in the middle of what came then, all was cut. */
  cutAfter(bytes: number, direction: Direction): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.cutAt = { bytes, direction, done: resolve };
    return promise;
  }

  /** Cuts everything and lets nobody in. */
  close(): void {
    this.isOpen = false;
    this.cut();
  }

  /** Lets connections in again. */
  open(): void {
    this.isOpen = true;
  }

  /** Lets no byte pass any more, without telling anybody. */
  stall(): void {
    this.isStalled = true;
    for (const pair of this.pairs) {
      for (const socket of pair) socket.pause();
    }
  }

  /** Lets bytes pass again, those that waited first. */
  flow(): void {
    this.isStalled = false;
    for (const pair of this.pairs) {
      for (const socket of pair) socket.resume();
    }
  }

  /** From now on every byte goes through this. */
  change(tamper: Tamper): void {
    this.tamper = tamper;
  }

  async stop(): Promise<void> {
    this.close();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.server.close(() => resolve());
    await promise;
  }

  private join(client: Socket, port: number): void {
    if (!this.isOpen) {
      client.destroy();
      return;
    }
    this.connections += 1;
    const server = connect(port, '127.0.0.1');
    const pair = [client, server] as const;
    this.pairs.add(pair);
    this.pipe(client, server, 'to-server');
    this.pipe(server, client, 'to-client');
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.pairs.delete(pair);
        for (const either of pair) either.destroy();
      });
    }
    if (this.isStalled) this.stall();
  }

  private pipe(from: Socket, to: Socket, direction: Direction): void {
    from.on('data', (bytes) => {
      const changed = this.tamper(bytes, direction);
      const { cutAt } = this;
      if (!cutAt || cutAt.direction !== direction || changed.length < cutAt.bytes) {
        if (cutAt?.direction === direction) cutAt.bytes -= changed.length;
        to.write(changed);
        return;
      }
      this.cutAt = undefined;
      to.write(changed.subarray(0, cutAt.bytes), () => {
        this.cut();
        cutAt.done();
      });
    });
  }
}
