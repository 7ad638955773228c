import { setTimeout as sleep } from 'node:timers/promises';
import { lastRequests } from './goodbyes.js';
import { House } from './house.js';
import { DEADLINE_MS, type Seen, Shoppers, timesOf } from './shoppers.js';
import { type Trouble, brokerAway, hung, killed, slow } from './troubles.js';

/** How long the calm before a trouble and the trouble take, in seconds. */
export interface LiftedPlan {
  readonly seconds: number;
  readonly brokerSeconds: number;
  /** Requests under way when a process is told to stop. */
  readonly requests: number;
  readonly say: (line: string) => void;
}

interface Case {
  readonly stage: 'canary' | 'live';
  readonly trouble: Trouble;
  readonly seconds: number;
}

const CANARY_PERCENT = 50;
const SETTLE_WITHIN_MS = 120_000;
/** An answer may be so much later than the deadline: the way back, on a busy machine. */
const GRACE_MS = 2_000;
/** What a part that is away may be answered with; its deadline may come first. */
const HONEST = new Set([503, 504]);

/** Lifts payments out, lets it die, hang and crawl under load, and looks whether everybody else goes on. Answers what was broken. */
export async function proofOfLifting(plan: LiftedPlan): Promise<{ readonly broken: readonly string[]; readonly survived: string }> {
  const house = await House.open();
  const broken: string[] = [];
  let isGood = false;
  try {
    house.payments = await house.lift();
    const shoppers = await Shoppers.invite(house);
    shoppers.begin();
    await sleep(plan.seconds * 1_000); // compiled and warm
    for (const it of casesOf(plan)) broken.push(...await endure(house, shoppers, it, plan.say));
    await shoppers.end();
    broken.push(...await lastRequests(house, plan.requests, plan.say), ...await reckon(house, shoppers, 'At the end'));
    isGood = broken.length === 0;
    return { broken, survived: `${casesOf(plan).length} troubles and two goodbyes, ${shoppers.orders.length} orders` };
  } finally {
    await house.close(isGood);
    if (!isGood) plan.say(`What the processes said is in ${house.folder}.`);
  }
}

function casesOf({ seconds, brokerSeconds }: LiftedPlan): Case[] {
  const each = (stage: Case['stage']): Case[] => [killed, hung, slow].map((trouble) => ({ stage, trouble, seconds }));
  return [...each('canary'), ...each('live'), { stage: 'live', trouble: brokerAway, seconds: brokerSeconds }];
}

async function endure(house: House, shoppers: Shoppers, { stage, trouble, seconds }: Case, say: (line: string) => void): Promise<string[]> {
  const name = `${stage}, ${trouble.name}`;
  await stand(house, stage);
  shoppers.look();
  await sleep(seconds * 1_000);
  const calm = shoppers.look();
  await trouble.inflict(house);
  await sleep(seconds * 1_000);
  const rough = shoppers.look();
  const after = (await house.must('GET', '/ops/v1/stages')).body.data.find((it) => it.context === 'payments');
  await trouble.relieve(house);
  await shoppers.end();
  rough.push(...shoppers.look());
  const settled = await reckon(house, shoppers, name);
  shoppers.begin();
  say(`${name}: ${told(calm, rough)}${after?.stage === stage ? '' : `; the canary was taken back by itself`}`);
  return [...brokenAnswers(name, calm, rough, trouble), ...settled];
}

/** Puts payments there, whatever happened before. */
async function stand(house: House, stage: Case['stage']): Promise<void> {
  await eventually(async () => (await house.must('GET', '/ops/v1/stages')).body.data.some((it) => it.context === 'payments' && it.instances.length > 0), 'No process of payments is on the list.');
  // Nobody has ten minutes for each canary that was taken back.
  await house.query(`UPDATE facade.journal SET at = at - interval '1 hour' WHERE context = 'payments'`);
  await house.must('POST', '/ops/v1/stages/payments', { stage: 'embedded', reason: 'a proof' });
  await house.must('POST', '/ops/v1/stages/payments', { stage, reason: 'a proof', ...(stage === 'canary' && { percent: CANARY_PERCENT }) });
  await sleep(1_000); // until every process has heard of it
}

function brokenAnswers(name: string, calm: readonly Seen[], rough: readonly Seen[], trouble: Trouble): string[] {
  const isBad = ({ question, status = 0 }: Seen): boolean => status >= 400 && !(question === 'payments' && trouble !== brokerAway && HONEST.has(status));
  const problems = [
    { what: 'requests failed before anything had happened', seen: calm.filter(({ status = 599 }) => status >= 400) },
    { what: 'requests got no answer', seen: rough.filter(({ status }) => status === undefined) },
    { what: 'requests were answered with a failure that was none of theirs', seen: rough.filter(isBad) },
    { what: 'answers came after their deadline', seen: rough.filter(({ ms }) => ms > DEADLINE_MS + GRACE_MS) },
  ];
  return problems.flatMap(({ what, seen }) => (seen.length === 0 ? [] : [`${name}: ${seen.length} ${what}, for example ${JSON.stringify(seen[0])}.`]));
}

/** Every order that was taken is confirmed in the end, and its money was taken once. */
async function reckon(house: House, shoppers: Shoppers, name: string): Promise<string[]> {
  const orders = [...shoppers.orders];
  const books = async (): Promise<Books> => (await house.query<Books>(BOOKS, [orders]))[0] ?? { confirmed: 0, charged: 0, twice: 0 };
  const isSettled = async (): Promise<boolean> => { const { confirmed, charged } = await books(); return confirmed === orders.length && charged === orders.length; };
  await eventually(isSettled, '').catch(() => undefined);
  const { confirmed, charged, twice } = await books();
  return [
    ...(confirmed < orders.length ? [`${name}: of ${orders.length} orders ${confirmed} were confirmed within ${SETTLE_WITHIN_MS / 1_000} s.`] : []),
    ...(charged < orders.length ? [`${name}: of ${orders.length} orders ${charged} were charged within ${SETTLE_WITHIN_MS / 1_000} s.`] : []),
    ...(twice > 0 ? [`${name}: ${twice} orders were charged more than once, or not what they cost.`] : []),
  ];
}

interface Books {
  readonly confirmed: number;
  readonly charged: number;
  readonly twice: number;
}

const BOOKS = `
  WITH booked AS (SELECT payment_id, count(*) AS n, sum(debit) AS debit FROM payments.streamed_line WHERE account = 'card-clearing' AND debit > 0 GROUP BY payment_id)
  SELECT (SELECT count(*)::int FROM ordering.orders WHERE id = ANY($1::uuid[]) AND status = 'confirmed') AS confirmed,
         count(*) FILTER (WHERE p.status = 'captured')::int AS charged,
         count(*) FILTER (WHERE b.n > 1 OR b.debit <> p.amount)::int AS twice
    FROM payments.payment p LEFT JOIN booked b ON b.payment_id = p.id WHERE p.order_id = ANY($1::uuid[])`;

function told(calm: readonly Seen[], rough: readonly Seen[]): string {
  const counts = Map.groupBy(rough.filter(({ question }) => question === 'payments'), ({ status, code }) => `${status ?? 'none'}${code === undefined ? '' : ` ${code}`}`);
  return `${timesOf(calm, rough)}; payments answered ${[...counts].map(([status, them]) => `${them.length} × ${status}`).join(', ')}`;
}

async function eventually(isSo: () => Promise<boolean>, otherwise: string): Promise<true> {
  const giveUpAt = performance.now() + SETTLE_WITHIN_MS;
  while (!(await isSo())) {
    if (performance.now() > giveUpAt) throw new Error(otherwise);
    await sleep(200);
  }
  return true;
}
