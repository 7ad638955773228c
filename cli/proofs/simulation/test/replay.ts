import type { RealAnswer, RealPostgres } from './real-postgres.js';
import type { Recorded } from './record.js';

const DEADLOCK = '40P01';
const TIMED_OUT = new Set(['55P03', '57014']);
const micros = (ms: number): number => Math.round(ms * 1_000);

type Sent = Extract<Recorded, { is: 'sent' }>;

/** What came of a replay. It ends early where chance decides: in a circle of waits, and when several waited for the same. */
export interface Replayed {
  readonly differences: readonly string[];
  /** Answers that were compared. */
  readonly compared: number;
}

/** Asks a real PostgreSQL, session by session and in the same order, what the simulated one was asked. */
export class Replay {
  private readonly differences: string[] = [];
  private readonly asked = new Map<string, Sent>();
  private readonly waiting = new Set<string>();
  private compared = 0;
  private ids: ReadonlyMap<Sent, number> = new Map();

  constructor(private readonly real: RealPostgres) {}

  async run(recorded: readonly Recorded[]): Promise<Replayed> {
    this.ids = idsOf(recorded);
    for (const entry of recorded) {
      const goesOn = await this.step(entry);
      if (!goesOn || this.differences.length > 2) break;
    }
    return { differences: this.differences, compared: this.compared };
  }

  /** @returns false when from here on both may differ and be right */
  private async step(entry: Recorded): Promise<boolean> {
    switch (entry.is) {
      case 'sent': await this.ask(entry); return true;
      case 'waits': await this.expectWait(entry.session); return true;
      case 'cancelled': await this.real.known(entry.session)?.cancel(); return true;
      case 'closed': await this.end(entry.session); return true;
      case 'identified': return true;
      case 'answered': return this.expectAnswer(entry);
      case 'contents': this.differences.push(...await compareContents(entry, this.real)); return true;
    }
  }

  private async ask(sent: Sent): Promise<void> {
    const { session, schema, message, at, began, snapshot } = sent;
    this.asked.set(session, sent);
    await this.real.setClock(micros(at));
    const asking = await this.real.session(session, schema);
    if (!/^(?:commit|rollback)$/i.test(message.text)) await asking.tell(micros(began), micros(at), snapshot, this.ids.get(sent) ?? 3);
    asking.send(message.text.replace(/; set local statement_timeout.*$/, ''), message.params);
  }

  private async expectWait(session: string): Promise<void> {
    this.waiting.add(session);
    if (!(await this.real.known(session)?.waits())) this.differences.push(`${nameOf(this.asked.get(session))} waits for a lock; the real one does not.`);
  }

  private async end(session: string): Promise<void> {
    this.waiting.delete(session);
    await this.real.end(session);
  }

  private async expectAnswer(answered: Extract<Recorded, { is: 'answered' }>): Promise<boolean> {
    const { session, error } = answered;
    const sent = this.asked.get(session);
    if (error === DEADLOCK) return false; // which one of the circle has to give way is chance
    if (!sent) return true;
    this.asked.delete(session);
    this.waiting.delete(session);
    const isOvertaken = (): boolean => [...this.waiting].some((other) => this.real.known(other)?.hasAnswered);
    const answer = await this.real.known(session)?.awaited(isOvertaken);
    if (!answer) {
      if (!isOvertaken()) this.differences.push(`${nameOf(sent)} is answered; the real one is not.`);
      return false;
    }
    this.compared += 1;
    this.differences.push(...comparedTo(answer, answered, sent));
    return true;
  }
}

/** The transaction ids that statements asked for, by the statement. */
function idsOf(recorded: readonly Recorded[]): Map<Sent, number> {
  const underWay = new Map<string, Sent>();
  const ids = new Map<Sent, number>();
  for (const entry of recorded) {
    if (entry.is === 'sent') underWay.set(entry.session, entry);
    const sent = entry.is === 'identified' ? underWay.get(entry.session) : undefined;
    if (entry.is === 'identified' && sent) ids.set(sent, entry.id);
  }
  return ids;
}

function* comparedTo(answer: RealAnswer, { rows, error, command }: Extract<Recorded, { is: 'answered' }>, sent: Sent): Generator<string> {
  const isOrdered = /ORDER BY [^)]*$/.test(sent.message.text);
  const simulated = error === undefined ? canonical(rows, isOrdered) : errorName(error);
  const real = 'error' in answer ? errorName(answer.error) : canonical(answer.rows, isOrdered);
  if (simulated !== real) yield `${nameOf(sent)} ${JSON.stringify(sent.message.params)}\n  simulated: ${simulated}\n  real:      ${real}`;
  const isEnd = command === 'COMMIT' || command === 'ROLLBACK';
  if (isEnd && 'command' in answer && answer.command !== command) yield `${sent.session}: ${command} simulated, ${answer.command} really.`;
}

async function compareContents({ schema, table, rows }: Extract<Recorded, { is: 'contents' }>, real: RealPostgres): Promise<string[]> {
  const columns = Object.keys(rows[0] ?? {});
  if (columns.length === 0) return [];
  const answer = await real.admin.query<Record<string, unknown>>(`SELECT ${columns.join(', ')} FROM ${schema}.${table}`);
  const [simulated, there] = [canonical(rows, false), canonical(answer.rows, false)];
  return simulated === there ? [] : [`The table ${schema}.${table} at the end:\n  simulated: ${simulated}\n  real:      ${there}`];
}

function nameOf(sent: Sent | undefined): string {
  return sent ? `${sent.session}: ${sent.twin}` : 'a statement';
}

/** Both kinds of timeout are a cancellation here: the real one is not kept waiting that long. */
function errorName(code: string): string {
  return TIMED_OUT.has(code) ? 'timed out' : code;
}

function canonical(rows: readonly object[], isOrdered: boolean): string {
  const texts = rows.map((row) => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => [name, plain(value)])));
  return (isOrdered ? texts : texts.sort()).join(' ');
}

/** A value as both sides can say it: JSON texts as JSON with sorted keys, instants in milliseconds, numbers to the microsecond. */
function plain(value: unknown): unknown {
  if (typeof value === 'number') return Math.round(value * 1_000) / 1_000;
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT.*Z$/.test(value)) return new Date(value).getTime();
  if (typeof value === 'string' && /^[[{"]/.test(value)) return sorted(value);
  if (value instanceof Date) return value.getTime();
  return typeof value === 'object' && value !== null ? sorted(JSON.stringify(value)) : value;
}

function sorted(text: string): unknown {
  try {
    return JSON.stringify(JSON.parse(text, (_key, value: unknown) =>
      (typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value)));
  } catch {
    return text;
  }
}
