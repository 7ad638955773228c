import type { Audit } from './audit.js';
import type { Check } from './auditor.js';
import { formatCount } from './pennies.js';
import type { ReplayReport } from './replay.js';
import { formatDuration } from './screen.js';

const SHOWN_DIFFERENCES = 20;
const LABEL_WIDTH = 34;
const COUNT_WIDTH = 10;

/** The lines that end a replay, for people. */
export function printReport(report: ReplayReport, peakRssKiB: number): string[] {
  const { outcome } = report;
  const audited = outcome.is === 'agreed' || outcome.is === 'disagreed' ? auditLines(outcome.audit) : [];
  return ['', ...fileLines(report), ...audited, '', ...speedLines(report, peakRssKiB), '', ...lastWords(report)];
}

function fileLines({ tally, rejects }: ReplayReport): string[] {
  const { read, lines } = tally;
  const rejected = [...tally.rejected].sort(([, a], [, b]) => b - a);
  const sum = rejected.reduce((total, [, count]) => total + count, 0);
  return [
    row('documents', tally.documents),
    row('  sales', read.order),
    row('  credit notes', read['credit-note']),
    row('  without a row to book', read.empty),
    row('accepted by the shop', tally.orderIds.size + tally.creditNoteIds.size),
    row('  of these already there', tally.alreadyThere),
    row('refused by the shop', tally.failures.length),
    row('rows', lines.order + lines['credit-note'] + sum),
    row('  sale lines', lines.order),
    row('  return lines', lines['credit-note']),
    row('  rejected', sum, sum > 0 ? `listed in ${rejects}` : ''),
    ...rejected.map(([reason, count]) => row(`    ${reason}`, count)),
  ];
}

function auditLines({ orders, creditNotes, checks }: Audit): string[] {
  const statuses = (title: string, byStatus: ReadonlyMap<string, number>): string[] =>
    [...byStatus].sort().map(([status, count]) => row(`${title} ${status}`, count));
  const foreign = orders.foreign + creditNotes.foreign;
  const others = [row('not from this replay', foreign, 'what they touch cannot agree with the file')];
  return [
    ...statuses('orders', orders.byStatus),
    ...statuses('credit notes', creditNotes.byStatus),
    ...(foreign > 0 ? others : []),
    '',
    'The books',
    ...checks.flatMap(checkLines),
  ];
}

function checkLines({ name, compared, differences }: Check): string[] {
  const mark = differences.length === 0 ? '✓' : '✗';
  const shown = differences.slice(0, SHOWN_DIFFERENCES).map((difference) => `      ${difference}`);
  const more = differences.length - shown.length;
  if (more > 0) shown.push(`      … and ${formatCount(more)} more`);
  return [`  ${mark} ${name.padEnd(LABEL_WIDTH - 4)}${compared}`, ...shown];
}

function speedLines({ tally, placingSeconds, seconds }: ReplayReport, peakRssKiB: number): string[] {
  const placed = tally.orderIds.size + tally.creditNoteIds.size;
  const rate = placingSeconds > 0 ? placed / placingSeconds : 0;
  return [
    row('documents per second', rate.toFixed(1), `${formatDuration(placingSeconds)} placing, ${formatDuration(seconds)} in all`),
    row('peak memory of the replay (MiB)', Math.round(peakRssKiB / 1024)),
  ];
}

function lastWords({ outcome }: ReplayReport): string[] {
  const resume = 'Run the same command again to go on; what is booked is not booked twice.';
  switch (outcome.is) {
    case 'agreed':
      return ['The books agree.'];
    case 'disagreed':
      return ['The books DO NOT agree.'];
    case 'stopped':
      return ['Stopped before the end; nothing was audited.', resume];
    case 'gave-up':
      return [`Gave up: ${outcome.why}.`, 'Nothing was audited.', resume];
    default:
      return outcome satisfies never;
  }
}

function row(label: string, value: number | string, note = ''): string {
  const figure = typeof value === 'number' ? formatCount(value) : value;
  return `${label.padEnd(LABEL_WIDTH)}${figure.padStart(COUNT_WIDTH)}${note && `  ${note}`}`;
}
