import { APP, type ContextCall } from './calls.js';
import { FEWEST_INPUTS, HOP_MS, MOST_CALLS_PER_INPUT } from './limits.js';
import type { MeasuredCall } from './measured.js';
import type { Facts, Waiting } from './readiness.js';

/** Something that keeps a context from being lifted out, or that whoever lifts it has to mind. */
export interface Reason {
  /** Stable and kebab-case, so that scripts can tell one kind from another. */
  readonly code: string;
  readonly weight: 'blocks' | 'care';
  readonly what: string;
  /** What would break or become slower. */
  readonly effect: string;
  readonly instead: string;
}

/** Every reason, those that block first. */
export function reasonsOf(facts: Facts): Reason[] {
  const waits = [...facts.calledBy, ...facts.calls].filter(({ how }) => how === 'waits');
  const all = [
    ...facts.violations.map(({ file, line, problem, instead }) => blocks('wall-broken', `${problem} (${file}${line === undefined ? '' : `:${line}`})`,
      'What reaches past a contract within one process reaches nothing in another one.', instead)),
    ...facts.brokenPromises.map(({ what, instead }) => blocks('promise-broken', what, 'A context that is lifted out is deployed at another time than those who call and hear it.', instead)),
    ...waits.filter(({ operation }) => operation === undefined).map(unreadable),
    ...waits.filter(({ isRepeated, operation }) => isRepeated && operation !== undefined).map(repeated),
    ...tooOften(facts, waits),
    ...byOperation(waits).map((calls) => (calls[0].from === APP ? askedByApps(calls) : waitedFor(facts, calls))),
    ...facts.waiting.flatMap(held),
    ...facts.luggage.couplings.flatMap(({ is, what, where }) => (is === 'files' ? keepsFiles(what, where) : is === 'timer' ? ownTimer(what, where) : [])),
  ];
  return all.sort((a, b) => Number(a.weight === 'care') - Number(b.weight === 'care'));
}

function blocks(code: string, what: string, effect: string, instead: string): Reason {
  return { code, weight: 'blocks', what, effect, instead };
}

function care(code: string, what: string, effect: string, instead: string): Reason {
  return { code, weight: 'care', what, effect, instead };
}

function unreadable({ from, to, place }: ContextCall): Reason {
  return blocks('call-unreadable', `${from} uses its client of ${to} so that nobody can tell what it calls (${place}).`,
    'What nobody can see, nobody can judge: it may be a call or a hundred.', 'Call the operation where the client is: this.<client>.<operation>(…).');
}

function repeated({ from, operation, place }: ContextCall): Reason {
  return blocks('call-repeated', `${from} calls ${operation} in a loop (${place}).`,
    `Each turn would be a way to another process and back, about ${HOP_MS} ms, and nobody knows how many there are.`, 'Ask once for all of them: give the operation a list.');
}

/** A saga's step waits for nobody, however often it is tried. */
function tooOften({ measured = [] }: Facts, waits: readonly ContextCall[]): Reason[] {
  return measured.filter((it) => it.inputs >= FEWEST_INPUTS && it.callsPerInput > MOST_CALLS_PER_INPUT && waits.some(({ from, operation }) => from === it.from && operation === it.operation)).map(({ from, operation, callsPerInput, inputs }) =>
    blocks('too-chatty', `${from} calls ${operation} ${callsPerInput} times per input (measured over ${inputs} inputs; at most ${MOST_CALLS_PER_INPUT} are let through).`,
      `Lifted out, each of these inputs takes about ${Math.round(callsPerInput * HOP_MS)} ms longer.`, 'Ask once for all of it, or keep a copy of it that events keep up to date.'));
}

type Calls = readonly [ContextCall, ...ContextCall[]];

/** Calls of which it is known what they call and that they are no loop, those of one operation by one caller together. */
function byOperation(waits: readonly ContextCall[]): Calls[] {
  const known = waits.filter(({ operation, isRepeated }) => operation !== undefined && !isRepeated);
  return [...Map.groupBy(known, ({ from, operation }) => `${from} ${operation}`).values()] as unknown as Calls[];
}

function askedByApps([{ to, operation, place }]: Calls): Reason {
  return care('asked-by-every-app', `Every app asks ${operation} by itself, to find out whose requests it serves (${place}).`,
    `While no process of ${to} answers, nobody who is signed in can write anywhere, and reads go on only as long as what apps remember is fresh enough.`, `Run two processes of ${to} or more, and lift it out last.`);
}

function waitedFor({ context, waiting, measured = [] }: Facts, [{ from, to, operation, place }]: Calls): Reason {
  const entrances = waiting.find((it) => it.from === from && it.to === to)?.entrances ?? [];
  const known = measured.find((it) => it.from === from && it.operation === operation);
  const [lifted, behind] = context === to ? [to, from] : [from, to];
  return care(context === to ? 'waited-for' : 'waits-for', `${from} waits for the answer of ${operation} (${place})${names(entrances.map((it) => it.name))}.`,
    `With ${lifted} in another process than ${behind} each call takes about ${HOP_MS} ms longer${known ? figuresOf(known) : ''}, and is answered with 503 while no process of ${to} is there.`,
    `Accept it, with two processes of ${to} or more; or let ${from} keep a copy of what it asks for, which events of ${to} keep up to date.`);
}

function figuresOf({ callsPerInput, meanMs }: MeasuredCall): string {
  return ` (measured: ${callsPerInput} per input, ${meanMs} ms each now; so about ${(callsPerInput * HOP_MS).toFixed(1)} ms more per input)`;
}

/** The kernel shares no transaction between contexts; but one may be open while its owner waits for another context. */
function held({ from, to, entrances }: Waiting): Reason[] {
  const holding = entrances.filter((it) => it.holdsTransaction);
  if (holding.length === 0) return [];
  return [care('transaction-held', `${from} may ask ${to} while a transaction of its own is open${names(holding.map((it) => it.name))}.`,
    `Nothing of it is shared with ${to}, today neither; but it, its row locks and its connection are held a hop longer, and as long as the deadline when ${to} does not answer.`,
    `Ask before the transaction begins or before anything is locked in it; see that the pool of ${from} has room.`)];
}

function names(entrances: readonly string[]): string {
  const more = entrances.length - 3;
  return entrances.length === 0 ? '' : `, in ${entrances.slice(0, 3).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function keepsFiles(what: string, where: string): Reason {
  return care('keeps-files', `It keeps files (${what} in ${where}).`, 'Another process, on another machine, has another folder.', 'Give all its processes the same folder, or choose the adapter that needs none.');
}

function ownTimer(what: string, where: string): Reason {
  return care('own-timer', `It starts work by itself (${what} in ${where}).`, 'Every process of it does so, those in the monolith too.', 'See that it does no harm when several do it at once.');
}
