import { CommanderError } from 'commander';
import { z } from 'zod';
import { Client, connectionOf, table } from '../client/index.js';
import type { StageOptions } from './command.js';

/** Read loosely: a newer app may say more. */
const place = z.looseObject({ stage: z.string(), percent: z.number() });
const checkSchema = z.looseObject({ name: z.string(), ok: z.boolean(), figures: z.record(z.string(), z.union([z.number(), z.string()])), explanation: z.string() });
const listSchema = z.looseObject({ data: z.array(place.extend({ context: z.string(), epoch: z.number(), instances: z.array(z.looseObject({ app: z.string(), url: z.string() })) })) });
const moveSchema = z.looseObject({ context: z.string(), from: place, to: place, changed: z.boolean(), dryRun: z.boolean(), checks: z.array(checkSchema) });
const journalSchema = z.looseObject({
  data: z.array(z.looseObject({ context: z.string(), epoch: z.number(), from: place, to: place, reason: z.string(), actor: z.string(), at: z.string() })),
});

type Place = z.output<typeof place>;

/** Runs `banyan stage`. @throws Error for people */
export async function run(context: string | undefined, stage: string | undefined, options: StageOptions): Promise<void> {
  const app = new Client(connectionOf(undefined, options.url));
  const say = <T>(value: T, text: (value: T) => string): void => { process.stdout.write(`${options.json ? JSON.stringify(value, null, 2) : text(value)}\n`); };
  if (options.journal) return say(await app.get(`/ops/v1/stages/journal?limit=100${context === undefined ? '' : `&context=${encodeURIComponent(context)}`}`, journalSchema), journalText);
  if (context === undefined) return say(await app.get('/ops/v1/stages', listSchema), listText);
  if (stage === undefined) wrong(`Say where ${context} is to stand: embedded, shadow, canary or live.`);
  const { percent, epsilon, reason, dryRun = false } = options;
  if (reason === undefined) wrong('Say why: --reason "…". It is kept together with who and when.');
  if ((stage === 'canary') !== (percent !== undefined)) wrong('A canary needs --percent, and nothing else has one.');
  const move = await app.post(`/ops/v1/stages/${encodeURIComponent(context)}`, { stage, reason, dryRun, ...(percent !== undefined && { percent }), ...(epsilon !== undefined && { epsilon }) }, moveSchema);
  say(move, moveText);
  if (move.checks.some((it) => !it.ok)) process.exitCode = 1;
}

function wrong(message: string): never {
  throw new CommanderError(2, 'banyan.stage', message);
}

function listText({ data }: z.output<typeof listSchema>): string {
  const lines = data.map(({ context, instances, ...it }) => [context, placeText(it), instances.map(({ url }) => url).join(' ') || '–']);
  return table([['context', 'stage', 'processes of the extracted app'], ...lines]);
}

function moveText({ context, from, to, changed, dryRun, checks }: z.output<typeof moveSchema>): string {
  const fits = checks.every((it) => it.ok);
  const head = changed ? `${context}: ${placeText(from)} → ${placeText(to)}. Every process follows within a second.`
    : dryRun ? `${context}: ${placeText(from)} → ${placeText(to)} ${fits ? 'can be done' : 'cannot be done as things are'}. Nothing was changed.`
      : `${context} stands at ${placeText(to)} already. Nothing was changed.`;
  const back = changed ? [`The way back:  npx banyan stage ${context} ${from.stage}${from.stage === 'canary' ? ` --percent ${from.percent}` : ''} --reason …`] : [];
  return [head, ...checks.map(checkText), ...back].join('\n');
}

function checkText({ name, ok, figures, explanation }: z.output<typeof checkSchema>): string {
  const counted = Object.entries(figures).map(([key, value]) => `${key} ${value}`).join(', ');
  return `  ${ok ? '✔' : '✖'} ${name} (${counted})${ok ? '' : `: ${explanation}`}`;
}

function journalText({ data }: z.output<typeof journalSchema>): string {
  if (data.length === 0) return 'Nobody has moved anything yet.';
  return table([['when', 'context', 'from', 'to', 'who', 'why'], ...data.map(({ at, context, from, to, actor, reason }) => [at, context, placeText(from), placeText(to), actor, reason])]);
}

function placeText({ stage, percent }: Place): string {
  return stage === 'canary' ? `canary at ${percent} %` : stage;
}
