import type { ServerResponse } from 'node:http';
import type { Dispatcher as Undici } from 'undici';
import { DeadlineExceeded } from '../contract/index.js';
import { answerHeaders } from './passed-headers.js';
import type { Upstream } from './upstreams.js';

/** How it ended: the answer is out, it broke off (here too, so that it does not look complete), or the client went away. */
export type Passed = 'whole' | 'broken' | 'left';

/** Nothing was sent, so another instance may get it. */
export class NeverSent extends Error {}

const NOTHING_SENT = new Set(['ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT', 'ENOTFOUND', 'EHOSTUNREACH', 'EAI_AGAIN']);

/** What stands in for an app that is not there answers so. */
const AWAY = new Set([502, 503, 504]);

/** Bytes of an answer that wait for a client who reads slowly. Several chunks at once are one call to the kernel. */
const MOST_WAITING = 256 * 1024;

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * One request to one instance, and the answer on its way back. It is undici's handler itself: with streams for both
 * bodies, a signal and a pipeline around each answer a small request cost twice the CPU time.
 *
 * Chunks go from one connection to the other as they come. A client that reads slowly makes the instance wait; one that
 * goes away ends the request there.
 */
export class Exchange implements Undici.DispatchHandler {
  private readonly outcome = Promise.withResolvers<Passed>();
  private controller: Undici.DispatchController | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isOver = false;
  private isBroken = false;

  constructor(private readonly upstream: Upstream, private readonly response: ServerResponse) {}

  /**
   * Resolves when there is nothing more to pass on.
   * @param ms how long the head of the answer may take
   * @throws NeverSent, DeadlineExceeded, or what broke it off, before anything was answered
   */
  async run(request: Undici.DispatchOptions, ms: number): Promise<Passed> {
    const { upstream, response } = this;
    if (response.destroyed) return 'left';
    response.once('close', this.onClose);
    this.timer = setTimeout(this.onLate, Math.min(ms, LONGEST_TIMER_MS));
    upstream.underWay += 1;
    try {
      upstream.pool.dispatch(request, this);
      return await this.outcome.promise;
    } finally {
      clearTimeout(this.timer);
      response.removeListener('close', this.onClose);
      upstream.underWay -= 1;
    }
  }

  onRequestStart(controller: Undici.DispatchController): void {
    this.controller = controller;
    // It waited for a connection, and meanwhile its client left or its time ran out.
    if (this.isOver) controller.abort(new Error('Nobody waits for the answer any more.'));
  }

  onResponseStart(_controller: Undici.DispatchController, status: number, headers: Parameters<typeof answerHeaders>[0]): void {
    if (status < 200) return;
    // The head is out now: whether the body comes in time is the client's to judge, as with any stream.
    clearTimeout(this.timer);
    if (AWAY.has(status)) this.upstream.failed();
    else this.upstream.answered();
    this.response.writeHead(status, answerHeaders(headers));
  }

  onResponseData(controller: Undici.DispatchController, chunk: Buffer): void {
    const { response } = this;
    // After each pause undici tells of a chunk without a byte, and Node would ask the kernel to write nothing.
    if (chunk.length === 0 || response.destroyed) return;
    if (response.write(chunk) || response.writableLength < MOST_WAITING) return;
    controller.pause();
    response.once('drain', () => controller.resume());
  }

  onResponseEnd(): void {
    this.response.end(); // and its 'close' says that it is out
  }

  onResponseError(_controller: Undici.DispatchController | null, error: Error): void {
    if (this.isOver) return;
    if (this.response.headersSent) {
      this.upstream.failed();
      this.isBroken = true;
      this.response.destroy();
      return;
    }
    const code = 'code' in error ? String(error.code) : '';
    const neverSent = NOTHING_SENT.has(code);
    this.upstream.failed(neverSent);
    this.giveUp(neverSent ? new NeverSent(code, { cause: error }) : error);
  }

  private readonly onClose = (): void => {
    if (this.isOver) return;
    this.isOver = true;
    if (this.response.writableFinished) return this.outcome.resolve('whole');
    this.outcome.resolve(this.isBroken ? 'broken' : 'left');
    if (!this.isBroken) this.controller?.abort(new Error('The client went away.'));
  };

  private readonly onLate = (): void => {
    if (this.isOver) return;
    this.upstream.failed();
    const late = new DeadlineExceeded('The answer took longer than the time this request had.');
    this.giveUp(late);
    this.controller?.abort(late);
  };

  private giveUp(error: Error): void {
    this.isOver = true;
    this.outcome.reject(error);
  }
}
