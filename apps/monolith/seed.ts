/** The shop that a newcomer finds: a shelf of garden things. */
const shelf = [
  { sku: 'TROWEL-01', name: 'Hand trowel, ash handle', price: 1250, quantity: 100 },
  { sku: 'SEED-BASIL', name: 'Basil seeds, 2 g', price: 295, quantity: 1000 },
  { sku: 'POT-12', name: 'Clay pot, 12 cm', price: 450, quantity: 250 },
  { sku: 'GLOVE-M', name: 'Garden gloves, medium', price: 1495, quantity: 40 },
  { sku: 'CAN-5L', name: 'Watering can, 5 litres', price: 2995, quantity: 25 },
] as const;

/** The article that the copy-paste request orders. */
export const firstSku = shelf[0].sku;

/**
 * Fills an empty development shop through its own HTTP API, by the doors that everybody uses.
 * @throws Error when the shop refuses
 */
export async function seedShop(url: string, operator: { email: string; password: string }): Promise<void> {
  const { accessToken } = await send<{ accessToken: string }>(url, 'POST', '/v1/sessions', { email: operator.email, password: operator.password });
  const known = await send<{ data: unknown[] }>(url, 'GET', '/v1/products?limit=1', undefined, accessToken);
  if (known.data.length > 0) return;
  for (const { sku, name, price, quantity } of shelf) {
    await send(url, 'PUT', `/v1/products/${sku}`, { name, price: { amount: price, currency: 'GBP' } }, accessToken, `seed-product-${sku}`);
    await send(url, 'POST', `/v1/stock/${sku}/receipts`, { quantity }, accessToken, `seed-stock-${sku}`);
  }
}

async function send<T>(url: string, method: string, path: string, body?: unknown, token?: string, key?: string): Promise<T> {
  const response = await fetch(new URL(path, url), {
    method,
    headers: {
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(key !== undefined && { 'Idempotency-Key': key }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`Seeding the shop failed: ${method} ${path} answered ${response.status}: ${await response.text()}`);
  return await response.json() as T;
}
