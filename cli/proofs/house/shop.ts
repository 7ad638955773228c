import { defineContext } from '@banyan/kernel/context';
import { Events } from '@banyan/kernel/messaging';
import { Database } from '@banyan/kernel/persistence';
import { Handles } from '@banyan/kernel/rpc';
import { type FailedSaga, Sagas, call, defineSaga, local, pivot, undo } from '@banyan/kernel/saga';
import { Injectable } from '@nestjs/common';
import { countUp, effectTables, note } from './effects.js';
import { type OrderState, bankContract, booksContract, orderState, shopContract, storeContract } from './words.js';

/** A step of the saga in the shop itself: notes it, and tells the world under the customer's next number. */
async function tell(database: Database, events: Events, { orderId, customer }: OrderState, what: string): Promise<void> {
  const n = await countUp(database, customer);
  await note(database, orderId, what);
  events.announce(shopContract.events.happened({ customer, n, what: `${what} ${orderId}` }));
}

@Injectable()
class Confirm {
  constructor(private readonly database: Database, private readonly events: Events) {}

  run(state: OrderState): Promise<void> {
    return tell(this.database, this.events, state, 'confirmed');
  }
}

@Injectable()
class Archive {
  constructor(private readonly database: Database) {}

  run({ orderId }: OrderState): Promise<void> {
    return note(this.database, orderId, 'archived');
  }
}

@Injectable()
class Reject {
  constructor(private readonly database: Database, private readonly events: Events) {}

  run(state: OrderState, _saga: FailedSaga): Promise<void> {
    return tell(this.database, this.events, state, 'rejected');
  }
}

const orderOf = ({ orderId }: OrderState): { orderId: string } => ({ orderId });

const fulfilment = defineSaga('fulfilment', 1, orderState, {
  steps: [
    call('reserve', storeContract.commands.reserve, {
      input: orderOf, timeout: '20s', keep: (state, { shelf }) => ({ ...state, shelf }), compensate: undo(storeContract.commands.release, orderOf),
    }),
    call('charge', bankContract.commands.charge, {
      input: orderOf, timeout: '20s', compensate: undo(bankContract.commands.refund, orderOf),
      refuseIf: (reply) => (reply.is === 'declined' ? { code: 'declined', message: 'The bank said no.' } : undefined),
    }),
    pivot(local('confirm', Confirm)),
    call('ship', storeContract.commands.ship, { input: ({ orderId, shelf = 'none' }) => ({ orderId, shelf }) }),
    local('archive', Archive),
  ],
  failed: Reject,
});

@Handles(shopContract.commands.place)
class Place {
  constructor(private readonly database: Database, private readonly events: Events, private readonly sagas: Sagas) {}

  async run({ orderId, customer }: { orderId: string; customer: string }): Promise<Record<string, never>> {
    await tell(this.database, this.events, { orderId, customer }, 'placed');
    await this.sagas.start(fulfilment, orderId, { orderId, customer });
    return {};
  }
}

/** Hears what the books made of its own events: the second link of a chain. */
@Handles(booksContract.events.entered)
class NoteEntry {
  constructor(private readonly database: Database) {}

  async run({ customer, n }: { customer: string; n: number }): Promise<void> {
    await note(this.database, `heard ${customer}`, String(n));
  }
}

export const shopContext = defineContext({
  name: 'shop', owner: 'the proofs', contract: shopContract, calls: [storeContract, bankContract], listensTo: [booksContract.events.entered],
  entities: [], migrations: [effectTables], handlers: [Place, NoteEntry], sagas: [fulfilment], controllers: [], providers: [],
});
