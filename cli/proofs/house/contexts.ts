import { booksContext } from './books.js';
import { bankContext, storeContext } from './partners.js';
import { shopContext } from './shop.js';

/** All contexts of the house. */
export const houseContexts = [shopContext, storeContext, bankContext, booksContext];
