import { randomUUID } from 'node:crypto';
import Fastify from 'fastify';
import { openPool } from '../../lib/pool.mjs';
import { inTransaction } from '../../lib/transaction.mjs';
import { placeOrder } from './place-order.mjs';
import { tables } from './tables.mjs';
import { customerOf, tokenFor } from './token.mjs';

const POOL = 20;

const money = { type: 'object', required: ['amount', 'currency'], properties: { amount: { type: 'integer', minimum: 0 }, currency: { const: 'GBP' } } };
const line = { type: 'object', additionalProperties: false, required: ['sku', 'quantity'], properties: { sku: { type: 'string', minLength: 1, maxLength: 64 }, quantity: { type: 'integer', minimum: 1 } } };
const order = { type: 'object', additionalProperties: false, required: ['lines'], properties: { lines: { type: 'array', minItems: 1, maxItems: 2000, items: line } } };
const sku = { type: 'object', properties: { sku: { type: 'string', minLength: 1, maxLength: 64 } } };

/**
 * The shop as one would write it without an architecture: one Fastify app, one schema, one transaction per order that
 * does it all at once. Same requests and answers; the same facts are stored.
 * @param {string} databaseUrl @returns {Promise<{ url: string, token: string, stop: () => Promise<void> }>}
 */
export async function openPlainShop(databaseUrl) {
  const pool = openPool(databaseUrl, POOL);
  await pool.query(tables);
  const app = Fastify({ logger: false });
  app.decorateRequest('customer', null);
  app.addHook('onRequest', async (request, reply) => {
    request.customer = customerOf(request.headers.authorization);
    if (!request.customer) await reply.code(401).send({ code: 'unauthenticated' });
  });
  addStockroom(app, pool);
  app.post('/v1/orders', { schema: { body: order } }, async (request, reply) => {
    const key = request.headers['idempotency-key'];
    if (!key) return reply.code(400).send({ code: 'idempotency-key-missing' });
    const { status, body } = await inTransaction(pool, (client) => placeOrder(client, { key, customerId: request.customer, lines: request.body.lines }));
    return reply.code(status).send(body);
  });
  app.get('/v1/orders/:id', async (request, reply) => {
    const { rows: [found] } = await pool.query('SELECT id, customer_id AS "customerId", status, placed_at AS "placedAt", total FROM orders WHERE id = $1 AND customer_id = $2', [request.params.id, request.customer]);
    return found ?? reply.code(404).send({ code: 'not-found' });
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return {
    url,
    token: tokenFor(randomUUID()),
    stop: async () => {
      await app.close();
      await pool.end();
    },
  };
}

function addStockroom(app, pool) {
  app.put('/v1/products/:sku', { schema: { params: sku, body: { type: 'object', required: ['name', 'price'], properties: { name: { type: 'string' }, price: money } } } }, async (request, reply) => {
    const { name, price } = request.body;
    await pool.query('INSERT INTO product (sku, name, price) VALUES ($1, $2, $3) ON CONFLICT (sku) DO UPDATE SET name = $2, price = $3', [request.params.sku, name, price.amount]);
    return reply.code(201).send({ sku: request.params.sku, name, price });
  });
  app.post('/v1/stock/:sku/receipts', { schema: { params: sku, body: { type: 'object', required: ['quantity'], properties: { quantity: { type: 'integer', minimum: 1 } } } } }, async (request, reply) => {
    const { rows: [stock] } = await pool.query('INSERT INTO stock AS held (sku, on_hand, version) VALUES ($1, $2, 1) ON CONFLICT (sku) DO UPDATE SET on_hand = held.on_hand + $2, version = held.version + 1 RETURNING sku, on_hand AS "onHand"', [request.params.sku, request.body.quantity]);
    return reply.code(201).send(stock);
  });
}
