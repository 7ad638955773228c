import { defineContext } from '@banyan/kernel/context';
import { catalogContract } from '../contract/index.js';
import { ListProducts } from './list-products.js';
import { initial } from './migrations/0001-initial.js';
import { PriceProducts } from './price-products.js';
import { ProductRepository } from './product.repository.js';
import { ProductsController } from './products.controller.js';
import { PutProduct } from './put-product.js';
import { ReadProduct } from './read-product.js';

/** What can be bought, what it is called and what it costs. */
export const catalog = defineContext({
  name: 'catalog',
  owner: 'team-range',
  contract: catalogContract,
  calls: [],
  listensTo: [],
  entities: [],
  personal: [],
  migrations: [initial],
  handlers: [PriceProducts],
  sagas: [],
  controllers: [ProductsController],
  providers: [ProductRepository, ListProducts, ReadProduct, PutProduct],
});
