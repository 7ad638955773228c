import { Client } from 'pg';
import { kernel } from '../../lib/product.mjs';

const { Facade, MONOLITH } = await kernel('facade');

/** The context that the bench asks for. */
export const CONTEXT = 'echo';

/**
 * The facade of a monolith that holds one context, on the database of the bench. With an upstream the context is live
 * there; the stage is written by hand, since moving it would want a broker, of which HTTP needs nothing.
 * @param {{ database: string, upstream?: string }} place
 */
export async function openFacade({ database, upstream }) {
  const upstreams = upstream === undefined ? [] : [{ app: CONTEXT, url: upstream }];
  const facade = await Facade.open({ databaseUrl: database, app: MONOLITH, contexts: [CONTEXT], fronts: [CONTEXT], upstreams, broker: undefined, obeysFaultHeader: false });
  if (upstream === undefined) return facade;
  const client = new Client({ connectionString: database });
  await client.connect();
  await client.query(`INSERT INTO facade.stage (context, stage, percent, epoch, salt) VALUES ($1, 'live', 100, 1, 'bench')`, [CONTEXT]);
  await client.end();
  await facade.table.look();
  return facade;
}
