import type { Evidence } from '../../house/promises.js';
import type { SimulatedServer } from '../postgres/server.js';
import { number, text } from '../statements/values.js';

/** What is committed on the simulated server. */
export function evidenceOn(server: SimulatedServer): Evidence {
  return {
    sagas: new Map(server.table('shop', 'saga').committed().map((it) => [text(it['id']), text(it['status'])])),
    effects: (context, subject) => server.table(context, 'effect').committed().filter((it) => it['subject'] === subject)
      .sort((a, b) => number(a['position']) - number(b['position'])).map((it) => text(it['what'])),
    counted: (customer) => number(server.table('shop', 'matter').find(customer)?.committed?.['n'] ?? 0),
  };
}

export function sagasHaveEnded(server: SimulatedServer, count: number): boolean {
  return server.table('shop', 'saga').committed().filter((it) => it['ended_at'] !== null).length === count;
}
