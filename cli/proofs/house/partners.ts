import { defineContext } from '@banyan/kernel/context';
import { Database } from '@banyan/kernel/persistence';
import { Handles } from '@banyan/kernel/rpc';
import { closeMatter, effectTables, effectsOn, lockMatter, note } from './effects.js';
import { OrderClosed, bankContract, isDeclined, storeContract } from './words.js';

interface Order {
  readonly orderId: string;
}

async function take(database: Database, orderId: string, what: string): Promise<void> {
  const { isClosed } = await lockMatter(database, orderId);
  if (isClosed) throw new OrderClosed(`The order ${orderId} was called off.`);
  await note(database, orderId, what);
}

/** Takes back what was done; what was not is closed, so that it is refused when it comes late. */
async function takeBack(database: Database, orderId: string, what: string, undone: string): Promise<Record<string, never>> {
  await lockMatter(database, orderId);
  await closeMatter(database, orderId);
  if ((await effectsOn(database, orderId)).includes(what)) await note(database, orderId, undone);
  return {};
}

@Handles(storeContract.commands.reserve)
class Reserve {
  constructor(private readonly database: Database) {}

  async run({ orderId }: Order): Promise<{ shelf: string }> {
    await take(this.database, orderId, 'reserved');
    return { shelf: `shelf of ${orderId}` };
  }
}

@Handles(storeContract.commands.release)
class Release {
  constructor(private readonly database: Database) {}

  run({ orderId }: Order): Promise<Record<string, never>> {
    return takeBack(this.database, orderId, 'reserved', 'released');
  }
}

@Handles(storeContract.commands.ship)
class Ship {
  constructor(private readonly database: Database) {}

  async run({ orderId, shelf }: { orderId: string; shelf: string }): Promise<Record<string, never>> {
    await note(this.database, orderId, `shipped from ${shelf}`);
    return {};
  }
}

@Handles(bankContract.commands.charge)
class Charge {
  constructor(private readonly database: Database) {}

  async run({ orderId }: Order): Promise<{ is: 'charged' } | { is: 'declined' }> {
    if (isDeclined(orderId)) return { is: 'declined' };
    await take(this.database, orderId, 'charged');
    return { is: 'charged' };
  }
}

@Handles(bankContract.commands.refund)
class Refund {
  constructor(private readonly database: Database) {}

  run({ orderId }: Order): Promise<Record<string, never>> {
    return takeBack(this.database, orderId, 'charged', 'refunded');
  }
}

const common = { owner: 'the proofs', calls: [], listensTo: [], entities: [], migrations: [effectTables], sagas: [], controllers: [], providers: [] };

export const storeContext = defineContext({ ...common, name: 'store', contract: storeContract, handlers: [Reserve, Release, Ship] });
export const bankContext = defineContext({ ...common, name: 'bank', contract: bankContract, handlers: [Charge, Refund] });
