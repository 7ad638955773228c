import type { ContextCall } from './calls.js';
import { HOP_MS } from './limits.js';
import type { Readiness } from './readiness.js';
import type { Reason } from './reasons.js';

/** The report for people: what there is, then the reasons with what to do, then what is next. */
export function readable(it: Readiness): string {
  return [
    `${it.context} (${it.owner}): ${it.verdict}`,
    section('Called by', it.calledBy.map((call) => [call.from, ...callCells(call)]), 'nobody'),
    section('Calls', it.calls.map((call) => [call.to, ...callCells(call)]), 'nobody'),
    ...measuredSection(it),
    section('Events', [...it.gives.map(({ event, heardBy }) => ['gives', event, heardBy.length > 0 ? `to ${heardBy.join(', ')}` : 'to nobody here']), ...it.hears.map(({ event }) => ['hears', event, ''])], 'neither gives nor hears any'),
    section('Transactions', transactions(it), ''),
    section('Goes along', luggage(it), 'nothing'),
    ...reasons(it),
    next(it),
  ].join('\n\n');
}

function callCells({ operation = 'nobody can tell what', how, place, isRepeated }: ContextCall): string[] {
  return [operation, `${how === 'saga' ? 'a step, for which nobody waits' : `waits for the answer${isRepeated ? ', in a loop' : ''}`}`, place];
}

function measuredSection({ measured }: Readiness): string[] {
  if (!measured) return ['Measured\n  nothing: with --measure, the figures of a running shop are added'];
  const rows = measured.map(({ from, operation, calls, inputs, callsPerInput, meanMs, failed }) =>
    [from, operation, String(calls), String(inputs), String(callsPerInput), `${meanMs} ms`, `${(meanMs + HOP_MS).toFixed(1)} ms`, String(failed)]);
  const heads = ['by', 'operation', 'calls', 'inputs', 'per input', 'each', 'lifted, about', 'failed'];
  return [section('Measured since the process was started', rows.length > 0 ? [heads, ...rows] : [], 'no calls: use the shop for a while, and ask again')];
}

function transactions({ context, waiting }: Readiness): string[][] {
  const held = waiting.flatMap(({ from, to, entrances }) => {
    const names = entrances.filter((it) => it.holdsTransaction).map((it) => it.name);
    return names.length > 0 ? [[`that of ${from} may be open while it asks ${to}: ${names.join(', ')}`]] : [];
  });
  return [[`none is shared: ${context} works in its own, and a command sent within another one's is refused`], ...held];
}

function luggage({ context, luggage: { settings, routes, couplings } }: Readiness): string[][] {
  return [
    ['database', `the schema ${context}, which stays where it is; a pool more of connections to it`],
    ...(routes.length > 0 ? [['routes', routes.join(', ')]] : []),
    ...(settings.length > 0 ? [['settings', settings.join(', ')]] : []),
    ...couplings.map(({ what, where, reason }) => ['beside it', `${what} in ${where}: ${reason}`]),
  ];
}

function reasons({ reasons: all }: Readiness): string[] {
  const [blocking, minding] = [all.filter((it) => it.weight === 'blocks'), all.filter((it) => it.weight === 'care')];
  return [
    ...(blocking.length > 0 ? [['To do first', ...blocking.map((it) => paragraph('✖', it))].join('\n')] : []),
    ...(minding.length > 0 ? [['To mind', ...minding.map((it) => paragraph('!', it))].join('\n')] : []),
  ];
}

function paragraph(sign: string, { code, what, effect, instead }: Reason): string {
  return `  ${sign} ${code}: ${what}\n      ${effect}\n      → ${instead}`;
}

function next({ context, verdict }: Readiness): string {
  if (verdict === 'not ready') return `${context} is not ready to be lifted out.`;
  return `${context} can be lifted out${verdict === 'ready' ? '' : ', with care'}. Next: npx banyan extract ${context} --dry-run`;
}

function section(title: string, rows: readonly (readonly string[])[], none: string): string {
  if (rows.length === 0) return `${title}\n  ${none}`;
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const lines = rows.map((row) => `  ${row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ')}`.trimEnd());
  return [title, ...lines].join('\n');
}
