import type { ContextDeclaration } from '@banyan/kernel/context';
import type { ReadMetrics } from '@banyan/kernel/observability';
import { checkContracts } from '../contracts/index.js';
import { type House, declarationsOf } from '../house/index.js';
import { type Violation, verifySources } from '../verify/index.js';
import { APP, type ContextCall, callsOf } from './calls.js';
import { type Luggage, luggageOf } from './couplings.js';
import { type Entrance, entrancesTo } from './entrances.js';
import { type MeasuredCall, measuredCalls } from './measured.js';
import { type Reason, reasonsOf } from './reasons.js';

/** `not ready` when a reason blocks, `ready, with care` when one is to be minded. */
export type ReadinessVerdict = 'ready' | 'ready, with care' | 'not ready';

/** Who waits for whom, and where that may begin. */
export interface Waiting {
  readonly from: string;
  readonly to: string;
  readonly entrances: readonly Entrance[];
}

/** What there is to know of a context before it is lifted out. */
export interface Facts {
  readonly context: string;
  readonly owner: string;
  readonly calledBy: readonly ContextCall[];
  readonly calls: readonly ContextCall[];
  readonly waiting: readonly Waiting[];
  readonly gives: readonly { readonly event: string; readonly heardBy: readonly string[] }[];
  readonly hears: readonly { readonly event: string; readonly from: string }[];
  readonly luggage: Luggage;
  /** Undefined when nobody measured. */
  readonly measured: readonly MeasuredCall[] | undefined;
  readonly violations: readonly Violation[];
  /** A line for each promise of its contract that is broken, with what to do. */
  readonly brokenPromises: readonly { readonly what: string; readonly instead: string }[];
}

export interface Readiness extends Facts {
  readonly verdict: ReadinessVerdict;
  readonly reasons: readonly Reason[];
}

/** There is no such context, or its declaration cannot be read. */
export class UnknownContext extends Error {}

/**
 * Judges whether a context can be lifted out.
 * @param figures of a running process, where somebody wants the calls measured
 * @throws UnknownContext
 */
export async function readinessOf(house: House, name: string, figures?: ReadMetrics): Promise<Readiness> {
  const facts = await factsOf(house, declarationIn(house, name), figures);
  const reasons = reasonsOf(facts);
  const verdict = reasons.some((it) => it.weight === 'blocks') ? 'not ready' : reasons.length > 0 ? 'ready, with care' : 'ready';
  return { ...facts, verdict, reasons };
}

async function factsOf(house: House, declaration: ContextDeclaration, figures: ReadMetrics | undefined): Promise<Facts> {
  const { name, owner, contract, listensTo } = declaration;
  const [all, verdict, reports] = [callsOf(house), await verifySources(house), await checkContracts(house)];
  const [calledBy, calls] = [all.filter(({ to }) => to === name), all.filter(({ from }) => from === name)];
  return {
    context: name, owner, calledBy, calls, waiting: await waitingOf(house, [...calledBy, ...calls]),
    gives: Object.values(contract.events).map((event) => ({ event: event.type, heardBy: declarationsOf(house).filter((it) => it.listensTo.includes(event)).map((it) => it.name) })),
    hears: listensTo.map(({ type }) => ({ event: type, from: type.slice(0, type.indexOf('.')) })),
    luggage: luggageOf(declaration, verdict.exceptions),
    measured: figures && measuredCalls(figures, name),
    violations: verdict.violations.filter((it) => concerns(it, name)),
    brokenPromises: reports.filter(({ context }) => context === name).flatMap(({ broken }) => broken.map((it) => ({
      what: `${it.promise}${it.path && ` ${it.path}`}: ${it.what}, which breaks ${it.who}: ${it.why}.`, instead: it.instead,
    }))),
  };
}

/** Where input comes in that makes one context wait for another; what every app asks comes in everywhere. */
async function waitingOf(house: House, calls: readonly ContextCall[]): Promise<Waiting[]> {
  const pairs = Map.groupBy(calls.filter(({ how }) => how === 'waits'), ({ from, to }) => `${from} ${to}`);
  return Promise.all([...pairs.values()].flatMap(([first]) => first ?? []).map(async ({ from, to }) => ({
    from, to, entrances: from === APP ? [] : await entrancesTo(house, declarationIn(house, from), to),
  })));
}

/** In its folder, or somebody else's way into it. */
function concerns({ file, subject, problem }: Violation, context: string): boolean {
  const named = new RegExp(`(?<![\\w/-])${context}(?![\\w-])`);
  return file.startsWith(`libs/contexts/${context}/`) || named.test(subject) || named.test(problem);
}

function declarationIn(house: House, name: string): ContextDeclaration {
  const context = house.contexts.find((it) => it.name === name);
  if (context?.declaration) return context.declaration;
  if (context) throw new UnknownContext(`The context "${name}" cannot be read: ${context.trouble ?? 'its index.ts does not export the declaration.'}`);
  throw new UnknownContext(`There is no context "${name}". There are: ${declarationsOf(house).map((it) => it.name).join(', ')}.`);
}
