import { setTimeout as sleep } from 'node:timers/promises';
import type { House } from './house.js';

/** Each request takes so long, so that all of them are under way at once. */
const TAKES_MS = 1_000;

/**
 * Tells a process to stop while so many requests are under way in it: the extracted one while another takes over, and
 * then the monolith. Nobody's connection may be reset.
 */
export async function lastRequests(house: House, count: number, say: (line: string) => void): Promise<string[]> {
  const { body: fault } = await house.must('POST', '/ops/v1/faults', { target: 'GET /v1/payments', kind: 'delay', delayMs: TAKES_MS, seconds: 300, reason: 'a proof' });
  const token = await house.customer();
  await sleep(1_000); // until every process has heard of it
  const leaving = house.payments;
  house.payments = await house.lift();
  const first = await underWay(house, token, count, async () => { await leaving?.end('SIGTERM'); });
  const leavingMonolith = house.monolith;
  const second = await underWay(house, token, count, () => leavingMonolith.end('SIGTERM'));
  await house.restartMonolith();
  await house.must('DELETE', `/ops/v1/faults/${fault.id}`);
  say(`SIGTERM under ${count} requests: the extracted process answered ${told(first)}, the monolith ${told(second)}`);
  return [...brokenOnes('the extracted process', first), ...brokenOnes('the monolith', second)];
}

async function underWay(house: House, token: string, count: number, goodbye: () => Promise<void>): Promise<string[]> {
  const asking = Array.from({ length: count }, () => house.ask('GET', '/v1/payments', { token }).then(({ status }) => String(status), (error: unknown) => reasonOf(error)));
  await sleep(TAKES_MS / 2);
  await goodbye();
  return Promise.all(asking);
}

function told(outcomes: readonly string[]): string {
  return [...Map.groupBy(outcomes, (it) => it)].map(([status, them]) => `${them.length} × ${status}`).join(', ');
}

function brokenOnes(who: string, outcomes: readonly string[]): string[] {
  const broken = outcomes.filter((it) => it !== '200');
  return broken.length === 0 ? [] : [`SIGTERM of ${who}: ${broken.length} of ${outcomes.length} requests were not answered, for example ${broken[0]}.`];
}

function reasonOf(error: unknown): string {
  const cause: unknown = typeof error === 'object' && error !== null && 'cause' in error ? error.cause : error;
  return typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : String(cause);
}
