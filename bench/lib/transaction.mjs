/**
 * One transaction on a connection of the pool, four messages long when the work sends two.
 * @param {import('pg').Pool} pool @param {(client: import('pg').PoolClient) => Promise<T>} work @template T @returns {Promise<T>}
 */
export async function inTransaction(pool, work) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    client.release();
    return result;
  } catch (error) {
    await client.query('ROLLBACK').then(() => client.release(), (gone) => client.release(gone));
    throw error;
  }
}
