import { ContenderFailed } from '../lib/contender.mjs';

/**
 * Every event has its business row and its effect, and no effect is there twice.
 * @param {import('pg').Client} client @param {{ businessTable: string, effectTable: string }} tables @param {number} written
 * @throws ContenderFailed saying what is wrong
 */
export async function hasEveryEffect(client, { businessTable, effectTable }, written) {
  const { rows: [found] } = await client.query(
    `SELECT (SELECT count(*) FROM ${businessTable})::integer AS business, count(*)::integer AS effects, count(DISTINCT event_id)::integer AS events,
       count(business.id)::integer AS matching
     FROM ${effectTable} AS effect LEFT JOIN ${businessTable} AS business ON business.id = effect.event_id AND business.key = effect.key AND business.amount = effect.amount`,
  );
  const isRight = [found.business, found.effects, found.events, found.matching].every((it) => it === written);
  if (!isRight) throw new ContenderFailed(`It handled ${written} events wrongly: ${found.effects} effects of ${found.events} events, ${found.matching} of them right, ${found.business} business rows.`);
}
