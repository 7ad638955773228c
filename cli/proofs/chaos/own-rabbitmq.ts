import { type OwnBroker, TcpProxy, ownBroker } from '@banyan/kernel/testing';
import type { Dice } from '../simulation/engine/dice.js';
import type { Journal } from './journal.js';

/** Until a connection is cut, so many bytes may pass: somewhere within a window of confirms, or of deliveries. */
const BYTES = [1, 20_000] as const;

/** A RabbitMQ of this run alone, behind a cable that can be cut. */
export class OwnRabbitMq {
  restarts = 0;
  cuts = 0;
  private restarting: Promise<void> = Promise.resolve();

  private constructor(private readonly broker: OwnBroker, private readonly proxy: TcpProxy, private readonly journal: Journal) {}

  static async start(journal: Journal): Promise<OwnRabbitMq> {
    const broker = await ownBroker();
    return new OwnRabbitMq(broker, await TcpProxy.to(broker.port), journal);
  }

  get url(): string {
    return this.proxy.through(this.broker.url);
  }

  /** Stops it, in good order or outright, and starts it again; does not wait for that. */
  restart(outright: boolean): void {
    this.restarts += 1;
    this.journal.note('restarted RabbitMQ', { outright });
    this.restarting = this.restartAfter(this.restarting, outright);
    this.restarting.catch(() => undefined); // whoever waits for it hears of it
  }

  private async restartAfter(earlier: Promise<void>, outright: boolean): Promise<void> {
    await earlier;
    await (outright ? this.broker.kill() : this.broker.stop());
    await this.broker.start();
  }

  /** Takes it away, until it is started again. */
  async stop(): Promise<void> {
    this.journal.note('stopped RabbitMQ');
    await this.broker.stop();
  }

  async start(): Promise<void> {
    this.journal.note('started RabbitMQ');
    await this.broker.start();
  }

  /** Cuts all connections in the middle of what is said next. */
  cutSoon(dice: Dice): void {
    this.cuts += 1;
    const direction = dice.chance(0.6) ? 'to-client' : 'to-server';
    const bytes = Math.round(dice.spread(...BYTES));
    this.journal.note('will cut RabbitMQ off', { direction, bytes });
    void this.proxy.cutAfter(bytes, direction);
  }

  /** Resolves when it runs, after whatever befell it. @throws what kept it from starting */
  async settle(): Promise<void> {
    await this.restarting;
  }

  async remove(): Promise<void> {
    await this.restarting.catch(() => undefined);
    await this.proxy.stop();
    await this.broker.remove();
  }
}
