import { createHash, randomUUID } from 'node:crypto';

const statement = (name, text) => (values) => ({ name, text, values });

const takeKey = statement('take-key', `INSERT INTO idempotency_key (customer_id, key, input_hash, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING 1`);
const readKey = statement('read-key', 'SELECT input_hash, status, answer FROM idempotency_key WHERE customer_id = $1 AND key = $2');
const keepAnswer = statement('keep-answer', 'UPDATE idempotency_key SET status = $3, answer = $4 WHERE customer_id = $1 AND key = $2');
const prices = statement('prices', 'SELECT sku, price FROM product WHERE sku = ANY($1::text[])');
const lockStock = statement('lock-stock', 'SELECT sku, on_hand FROM stock WHERE sku = ANY($1::text[]) ORDER BY sku FOR UPDATE');
const takeStock = statement('take-stock', `
  WITH taken AS (
    UPDATE stock SET on_hand = on_hand - wanted.quantity, version = version + 1
    FROM unnest($1::text[], $2::bigint[]) AS wanted (sku, quantity) WHERE stock.sku = wanted.sku
    RETURNING stock.sku, stock.version, wanted.quantity, stock.on_hand
  ) INSERT INTO stock_movement (sku, version, quantity, on_hand_after, order_id, occurred_at) SELECT sku, version, quantity, on_hand, $3, $4 FROM taken`);
const insertOrder = statement('insert-order', 'INSERT INTO orders (id, customer_id, placed_at, status, total, history) VALUES ($1, $2, $3, $4, $5, $6)');
const insertLines = statement('insert-lines', `
  INSERT INTO order_line (order_id, line, sku, quantity, unit_price)
  SELECT $1, line, sku, quantity, unit_price FROM unnest($2::text[], $3::integer[], $4::bigint[]) WITH ORDINALITY AS line (sku, quantity, unit_price, line)`);
const insertPayment = statement('insert-payment', 'INSERT INTO payment (id, order_id, customer_id, amount, status, authorization_id, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7)');
const insertPaymentEvents = statement('insert-payment-events', `INSERT INTO payment_event (payment_id, version, kind, amount, occurred_at) VALUES ($1, 1, 'authorized', $2, $3), ($1, 2, 'captured', $2, $3)`);
const insertBooking = statement('insert-booking', `
  INSERT INTO ledger_entry (booking_id, line, payment_id, account, debit, credit, occurred_at)
  VALUES ($1, 1, $2, 'card-clearing', $3, 0, $4), ($1, 2, $2, 'sales', 0, $3, $4)`);
const insertSale = statement('insert-sale', 'INSERT INTO sale (order_id, sold_on, units, revenue) VALUES ($1, $2, $3, $4)');

/** The order cannot be taken; rolls everything back. */
export class Refused extends Error {
  constructor(statusCode, code) {
    super(code);
    this.statusCode = statusCode;
    this.code = code;
  }
}

/**
 * Prices the order, takes the goods, charges the card, books the money and reports the sale, all in the open transaction.
 * @param {import('pg').PoolClient} client @param {{ key: string, customerId: string, lines: { sku: string, quantity: number }[] }} input
 * @throws Refused
 */
export async function placeOrder(client, { key, customerId, lines }) {
  const now = new Date();
  const inputHash = createHash('sha256').update(JSON.stringify(lines)).digest('base64url');
  const { rowCount: isNew } = await client.query(takeKey([customerId, key, inputHash, now]));
  if (!isNew) return answerAgain(client, { key, customerId, inputHash });

  const priced = await priceOf(client, lines);
  const total = priced.reduce((sum, it) => sum + it.unitPrice * it.quantity, 0);
  const order = { id: randomUUID(), customerId, status: 'confirmed', lines: priced, total: { amount: total, currency: 'GBP' }, placedAt: now.toISOString() };
  await takeGoods(client, order.id, lines, now);
  const history = [{ status: 'pending', at: now }, { status: 'confirmed', at: now }];
  await client.query(insertOrder([order.id, customerId, now, order.status, total, JSON.stringify(history)]));
  await client.query(insertLines([order.id, priced.map((it) => it.sku), priced.map((it) => it.quantity), priced.map((it) => it.unitPrice)]));
  await charge(client, { orderId: order.id, customerId, amount: total, now });
  await client.query(insertSale([order.id, order.placedAt.slice(0, 10), priced.reduce((sum, it) => sum + it.quantity, 0), total]));
  await client.query(keepAnswer([customerId, key, 202, JSON.stringify(order)]));
  return { status: 202, body: order };
}

async function answerAgain(client, { key, customerId, inputHash }) {
  const { rows: [known] } = await client.query(readKey([customerId, key]));
  if (known.input_hash !== inputHash) throw new Refused(422, 'idempotency-key-reused');
  return { status: known.status, body: known.answer };
}

async function priceOf(client, lines) {
  const { rows } = await client.query(prices([lines.map((it) => it.sku)]));
  const known = new Map(rows.map((it) => [it.sku, Number(it.price)]));
  return lines.map(({ sku, quantity }) => {
    const unitPrice = known.get(sku);
    if (unitPrice === undefined) throw new Refused(422, 'unknown-sku');
    return { sku, quantity, unitPrice };
  });
}

/** Locks the shelves in the order of their SKUs, as everybody does. */
async function takeGoods(client, orderId, lines, now) {
  const wanted = new Map();
  for (const { sku, quantity } of lines) wanted.set(sku, (wanted.get(sku) ?? 0) + quantity);
  const { rows } = await client.query(lockStock([[...wanted.keys()]]));
  const held = new Map(rows.map((it) => [it.sku, Number(it.on_hand)]));
  for (const [sku, quantity] of wanted) if ((held.get(sku) ?? 0) < quantity) throw new Refused(409, 'out-of-stock');
  await client.query(takeStock([[...wanted.keys()], [...wanted.values()], orderId, now]));
}

/** With the same built-in test processor as ours has: it says yes. */
async function charge(client, { orderId, customerId, amount, now }) {
  const paymentId = randomUUID();
  await client.query(insertPayment([paymentId, orderId, customerId, amount, 'captured', `test-${paymentId}`, now]));
  await client.query(insertPaymentEvents([paymentId, amount, now]));
  await client.query(insertBooking([randomUUID(), paymentId, amount, now]));
}
