import { defineContext } from '@banyan/kernel/context';
import { Events } from '@banyan/kernel/messaging';
import { Database } from '@banyan/kernel/persistence';
import { Handles } from '@banyan/kernel/rpc';
import { Injectable } from '@nestjs/common';
import { effectTables, note } from './effects.js';
import { booksContract, shopContract } from './words.js';

/** What the books can take in; whoever runs the house may give them a weaker stomach. */
@Injectable()
export class Stomach {
  /** @throws Error when it cannot take the customer's event */
  digest(_customer: string, _n: number): void {}
}

/** Writes down what the shop says, and says so in turn. */
@Handles(shopContract.events.happened)
class Enter {
  constructor(private readonly database: Database, private readonly events: Events, private readonly stomach: Stomach) {}

  async run({ customer, n, what }: { customer: string; n: number; what: string }): Promise<void> {
    this.stomach.digest(customer, n);
    await note(this.database, `heard ${customer}`, String(n));
    this.events.announce(booksContract.events.entered({ customer, n, what }));
  }
}

export const booksContext = defineContext({
  name: 'books', owner: 'the proofs', contract: booksContract, calls: [], listensTo: [shopContract.events.happened], entities: [], migrations: [effectTables],
  handlers: [Enter], sagas: [], controllers: [], providers: [Stomach],
});
