import { EventStore } from '@banyan/kernel/event-store';
import { Database } from '@banyan/kernel/persistence';
import type { FactoryProvider } from '@nestjs/common';
import { PaymentsSettings } from '../payments-settings.js';
import { EventLedger } from './events/event-ledger.js';
import { Ledger } from './ledger.js';
import { TableLedger } from './tables/table-ledger.js';

/** The one place that decides how the books are kept. */
export const chosenLedger: FactoryProvider<Ledger> = {
  provide: Ledger,
  inject: [PaymentsSettings, Database, EventStore],
  useFactory: ({ ledger }: PaymentsSettings, database: Database, store: EventStore) =>
    (ledger === 'tables' ? new TableLedger(database) : new EventLedger(database, store)),
};
