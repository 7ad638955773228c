import { setTimeout as sleep } from 'node:timers/promises';
import { House } from '../lifted/house.js';
import { type Seen, Shoppers, timesOf } from '../lifted/shoppers.js';
import { type ShadowSeen, edgeOf, shadowOf, unequalTables } from './shadow.js';
import { type ShadowTrouble, troubles } from './troubles.js';

/** How long the calm before a trouble and the trouble take, in seconds. */
export interface ShadowPlan {
  readonly seconds: number;
  readonly say: (line: string) => void;
}

const THROUGH_WITHIN_MS = 180_000;

/** Has a shadow of payments killed, stopped and broken under load, and looks whether anybody notices. Answers what was broken. */
export async function proofOfShadow(plan: ShadowPlan): Promise<{ readonly broken: readonly string[]; readonly survived: string }> {
  const house = await House.open();
  const broken: string[] = [];
  let isGood = false;
  try {
    house.payments = await house.lift();
    const shoppers = await Shoppers.invite(house);
    await house.must('POST', '/ops/v1/stages/payments', { stage: 'shadow', reason: 'a proof' });
    await eventually(async () => (await shadowOf(house))?.state === 'playing');
    shoppers.begin();
    await sleep(plan.seconds * 1_000); // compiled and warm
    for (const trouble of troubles()) broken.push(...await endure(house, shoppers, trouble, plan));
    await shoppers.end();
    isGood = broken.length === 0;
    const shadow = await shadowOf(house);
    return { broken, survived: `${troubles().length} troubles, ${shoppers.orders.length} orders, ${shadow?.compared ?? 0} comparisons in ${(shadow?.restarts ?? 0) + 1} lives` };
  } finally {
    await house.close(isGood);
    if (!isGood) plan.say(`What the processes said is in ${house.folder}.`);
  }
}

async function endure(house: House, shoppers: Shoppers, trouble: ShadowTrouble, { seconds, say }: ShadowPlan): Promise<string[]> {
  shoppers.look();
  await sleep(seconds * 1_000);
  const calm = shoppers.look();
  const before = await shadowOf(house);
  await trouble.inflict(house);
  await sleep(seconds * 1_000);
  const rough = shoppers.look();
  const during = await shadowOf(house);
  await trouble.relieve(house);
  await shoppers.end();
  rough.push(...shoppers.look());
  const edge = await edgeOf(house);
  const isThrough = await eventually(async () => (await shadowOf(house, edge))?.isThrough === true);
  const after = await shadowOf(house);
  const unequal = await unequalTables(house);
  shoppers.begin();
  say(`${trouble.name}: ${timesOf(calm, rough)}; it was ${during?.behind ?? '?'} entries behind and is ${isThrough ? 'through' : 'not through'}, ${told(before, after)}`);
  return problems(trouble, { rough, isThrough, unequal, found: (after?.findings ?? 0) - (before?.findings ?? 0) });
}

function problems({ name, differs }: ShadowTrouble, { rough, isThrough, unequal, found }: { rough: readonly Seen[]; isThrough: boolean; unequal: readonly string[]; found: number }): string[] {
  const failed = rough.filter(({ status = 599 }) => status >= 400);
  return [
    ...(failed.length > 0 ? [`${name}: ${failed.length} requests failed, for example ${JSON.stringify(failed[0])}.`] : []),
    ...(isThrough ? [] : [`${name}: the shadow was not through ${THROUGH_WITHIN_MS / 1_000} s later.`]),
    ...(unequal.length > 0 ? [`${name}: the copy has not the rows of the original in ${unequal.join(', ')}.`] : []),
    ...(found > 0 && !differs ? [`${name}: ${found} differences were reported, and there are none.`] : []),
    ...(found === 0 && differs ? [`${name}: no difference was reported.`] : []),
  ];
}

function told(before: ShadowSeen | undefined, after: ShadowSeen | undefined): string {
  const more = (key: 'compared' | 'applied' | 'undecided' | 'dropped' | 'findings' | 'restarts'): number => (after?.[key] ?? 0) - (before?.[key] ?? 0);
  return `${more('compared')} compared, ${more('applied')} taken over uncompared, ${more('undecided')} undecided, ${more('dropped')} dropped, ${more('findings')} differences, ${more('restarts')} restarts`;
}

/** @returns whether it became so in time */
async function eventually(isSo: () => Promise<boolean>): Promise<boolean> {
  const giveUpAt = performance.now() + THROUGH_WITHIN_MS;
  while (!(await isSo())) {
    if (performance.now() > giveUpAt) return false;
    await sleep(200);
  }
  return true;
}
