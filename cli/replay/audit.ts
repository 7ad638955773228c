import { auditLedger } from './audit-ledger.js';
import { auditSales } from './audit-sales.js';
import { auditStock } from './audit-stock.js';
import { standingOf, type Standing } from './audit-standing.js';
import type { Auditor, Check } from './auditor.js';
import { formatCount } from './pennies.js';
import { untilSettled } from './settle.js';
import type { Survey } from './survey.js';
import type { Tally } from './tally.js';

/** What the audit found. */
export interface Audit {
  readonly orders: Standing;
  readonly creditNotes: Standing;
  readonly checks: readonly Check[];
}

/** Holds the shop against the file, over HTTP alone, once everything in it has come to rest. */
export async function audit(tally: Tally, survey: Survey, auditor: Auditor): Promise<Audit> {
  const orders = await standingOf('orders', tally.orderIds, auditor);
  const creditNotes = await standingOf('credit notes', tally.creditNoteIds, auditor);
  const isAlone = orders.foreign + creditNotes.foreign === 0;
  const settled = (look: () => Promise<string[]>): Promise<string[]> => untilSettled(look, auditor.timing, auditor.patience);
  auditor.screen.say('Comparing days, stock and ledger …');
  const sales = await auditSales(tally.books, auditor.shop, settled);
  const stock = await auditStock(tally.books, survey, auditor, settled);
  const ledger = await auditLedger(tally.books.total(), isAlone, auditor.shop, settled);
  const checks = [rowsCheck(tally, survey), documentsCheck(tally, orders, creditNotes), sales, stock, ledger];
  return { orders, creditNotes, checks };
}

function rowsCheck(tally: Tally, survey: Survey): Check {
  const name = 'every row accounted for';
  const rejected = [...tally.rejected.values()].reduce((sum, count) => sum + count, 0);
  const counted = tally.lines.order + tally.lines['credit-note'] + rejected;
  if (tally.documents < survey.documents) {
    return { name, compared: `${formatCount(counted)} rows of the first ${formatCount(tally.documents)} documents`, differences: [] };
  }
  const differences = counted === survey.rows ? [] : [`${formatCount(survey.rows)} rows read, ${formatCount(counted)} counted`];
  return { name, compared: `${formatCount(survey.rows)} rows`, differences };
}

function documentsCheck(tally: Tally, orders: Standing, creditNotes: Standing): Check {
  return {
    name: 'every document exactly once',
    compared: `${formatCount(tally.orderIds.size)} orders, ${formatCount(tally.creditNoteIds.size)} credit notes`,
    differences: [
      ...tally.failures.map(({ what, code, detail }) => `${what}: refused by the shop, ${code} (${detail})`),
      ...tally.collisions,
      ...orders.differences,
      ...creditNotes.differences,
    ],
  };
}
