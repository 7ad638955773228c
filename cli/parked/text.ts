import type { Discarded, Parked, Redriven, Story } from './api.js';

const WIDTH = 100;

export function listText({ data, hasMore }: { readonly data: readonly Parked[]; readonly hasMore: boolean }, limit: number): string {
  if (data.length === 0) return 'Nothing is parked.';
  const rows = data.flatMap((it) => [
    `${it.context}/${it.eventId}  ${it.eventType ?? 'cannot be read'}  key ${it.key}`,
    `    parked ${it.parkedAt} after ${count(it.attempts, 'try', 'tries')}${it.behind > 0 ? `, ${count(it.behind, 'event waits', 'events wait')} behind it` : ''}`,
    `    ${shortened(it.error)}${it.stack ? ` [${it.stack}]` : ''}`,
  ]);
  const more = hasMore ? `There are more: npx banyan parked list --limit ${limit * 10}` : `${count(data.length, 'event', 'events')} parked.`;
  return [...rows, '', more].join('\n');
}

export function storyText({ context, eventId, eventType, eventVersion, key, state, attempts, error, stack, behind, correlationId, history }: Story): string {
  const facts: [string, string][] = [
    ['event', `${context}/${eventId}`],
    ['type', eventType === null ? 'cannot be read' : `${eventType} v${eventVersion}`],
    ['key', key],
    ['state', `${state}${behind > 0 ? `, ${count(behind, 'event waits', 'events wait')} behind it` : ''}`],
    ['tries', String(attempts)],
    ['error', error || '–'],
    ['stack', stack ?? '–'],
    ['correlation', correlationId ?? '–'],
  ];
  return [...facts.map(([name, value]) => `${name.padEnd(12)} ${value}`), '', ...history.map(happeningText)].join('\n');
}

function happeningText({ is, at, attempt, times, error, by, reason }: Story['history'][number]): string {
  const what = by !== undefined ? `${is} by ${by}: ${reason ?? ''}` : attempt !== undefined ? `${is === 'parked' ? 'parked after' : 'failed at'} try ${attempt}${times && times > 1 ? `, ${times} times` : ''}: ${shortened(error ?? '')}` : is;
  return `${at}  ${what}`;
}

export function redrivenText({ dryRun, keys, events, behind, unreadable, seconds, contexts }: Redriven): string {
  if (keys === 0) return 'Nothing that is parked was meant.';
  const verb = dryRun ? 'would run' : 'run';
  return [
    `${count(events, 'parked event', 'parked events')} of ${count(keys, 'key', 'keys')} ${verb} again, and ${behind} behind them.`,
    ...contexts.map((it) => `    ${it.context}: ${it.events} of ${count(it.keys, 'key', 'keys')}, ${it.behind} behind them`),
    ...(seconds >= 1 ? [`The last key begins ${dryRun ? 'after' : 'in'} ${Math.ceil(seconds)} s.`] : []),
    ...(unreadable > 0 ? [`${count(unreadable, 'message', 'messages')} cannot be read by this version and ${dryRun ? 'would stay' : 'stay'} parked, with all that comes after.`] : []),
    ...(dryRun ? ['Nothing was changed.'] : []),
  ].join('\n');
}

export function discardedText({ dryRun, events, behind, contexts }: Discarded, asked: number): string {
  if (events === 0) return 'Nothing that is parked was meant.';
  return [
    `${count(events, 'parked event', 'parked events')} ${dryRun ? 'would be' : events === 1 ? 'was' : 'were'} discarded; ${behind} behind them ${dryRun ? 'would run' : 'run'}.`,
    ...contexts.map((it) => `    ${it.context}: ${it.events}, ${it.behind} behind them`),
    ...(events < asked ? [`${asked - events} of the ids that were meant ${asked - events === 1 ? 'is' : 'are'} not parked.`] : []),
    ...(dryRun ? ['Nothing was changed.'] : []),
  ].join('\n');
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > WIDTH ? `${line.slice(0, WIDTH - 1)}…` : line;
}

function count(n: number, one: string, many: string): string {
  return `${n} ${n === 1 ? one : many}`;
}
