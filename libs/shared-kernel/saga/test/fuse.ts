import type { Database } from '../../persistence/index.js';
import type { Transport } from '../../rpc/index.js';

/**
 * Cuts an executor off from its database and from all others at one point, and for good: from there on nothing that it does
 * has an effect, as if its process had been killed. A transaction that is open at that moment is rolled back.
 */
export class Fuse {
  private passed = 0;
  isBlown = false;

  /** @param blowsAt the point to blow at, counted from 1: before and after each statement, call and transaction, and before each commit */
  constructor(private readonly blowsAt: number) {}

  /** Blows now, wherever the executor is. */
  blow(): void {
    this.isBlown = true;
  }

  readonly transport = (real: Transport): Transport => ({ send: (call) => this.around(() => real.send(call)) });

  readonly database = (real: Database): Database => new Proxy(real, {
    get: (target, property) => {
      if (property === 'query') return (sql: string, params?: readonly unknown[]) => this.around(() => target.query(sql, params));
      if (property === 'transaction') return <T>(work: () => Promise<T>) => this.around(() => target.transaction(async () => this.thenPass(await work())));
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });

  private async around<T>(work: () => Promise<T>): Promise<T> {
    this.pass();
    return this.thenPass(await work());
  }

  private thenPass<T>(value: T): T {
    this.pass();
    return value;
  }

  private pass(): void {
    this.passed += 1;
    this.isBlown ||= this.passed === this.blowsAt;
    if (this.isBlown) throw new Error('Killed.');
  }
}
