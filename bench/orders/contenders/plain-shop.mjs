import { openPlainShop } from '../../peers/plain-shop/shop.mjs';

/** One Fastify app, one transaction per order. */
export async function contend() {
  let shop;
  return {
    async open({ url }) {
      shop = await openPlainShop(url);
      return {
        url: shop.url,
        staffToken: shop.token,
        token: shop.token,
        confirmed: `SELECT count(*)::integer AS count FROM orders WHERE status = 'confirmed'`,
        unitsGone: 'SELECT coalesce(sum(quantity), 0)::integer AS count FROM stock_movement',
        revenue: `SELECT coalesce(sum(credit), 0)::integer AS count FROM ledger_entry WHERE account = 'sales'`,
        reported: 'SELECT coalesce(sum(revenue), 0)::integer AS count FROM sale',
      };
    },
    async close() {
      await shop?.stop();
      shop = undefined;
    },
  };
}
