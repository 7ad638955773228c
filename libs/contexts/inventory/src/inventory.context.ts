import { defineContext } from '@banyan/kernel/context';
import { inventoryContract } from '../contract/index.js';
import { initial } from './migrations/0001-initial.js';
import { ReceiveStock } from './receive-stock.js';
import { ReleaseStock } from './release-stock.js';
import { ReservationRepository } from './reservation.repository.js';
import { ReserveStock } from './reserve-stock.js';
import { ReturnRepository } from './return.repository.js';
import { ReturnStock } from './return-stock.js';
import { StockController } from './stock.controller.js';
import { StockRepository } from './stock.repository.js';
import { TakeStock } from './take-stock.js';

export const inventory = defineContext({
  name: 'inventory',
  owner: 'team-warehouse',
  contract: inventoryContract,
  calls: [],
  listensTo: [],
  entities: [],
  personal: [],
  migrations: [initial],
  handlers: [ReserveStock, TakeStock, ReleaseStock, ReturnStock],
  sagas: [],
  controllers: [StockController],
  providers: [StockRepository, ReservationRepository, ReturnRepository, ReceiveStock],
});
