import type { World } from '../world/world.js';

/** Places orders until each is acknowledged: asks again, under the same key, when no answer comes. */
export class Customer {
  readonly acknowledged = new Set<string>();

  constructor(private readonly world: World, readonly name: string, readonly orders: readonly string[]) {}

  get isServed(): boolean {
    return this.acknowledged.size === this.orders.length;
  }

  begin(): void {
    for (const orderId of this.orders) this.askLater(orderId, this.world.dice.spread(1, 3_000));
  }

  private askLater(orderId: string, ms: number): void {
    this.world.schedule.plan({ delayMs: ms, kind: 'world', what: `${this.name} asks for ${orderId}`, run: () => this.ask(orderId) });
  }

  private ask(orderId: string): void {
    if (this.acknowledged.has(orderId)) return;
    const { alive } = this.world;
    this.askLater(orderId, this.world.dice.spread(1_000, 10_000));
    if (alive.length === 0) return;
    const call = { operation: 'shop.place', input: { orderId, customer: this.name }, idempotencyKey: `place ${orderId}` };
    this.world.network.knock(this.world.dice.pick(alive), call, ({ is }) => { if (is === 'answer') this.acknowledged.add(orderId); });
  }
}
