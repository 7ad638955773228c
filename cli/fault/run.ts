import { CommanderError } from 'commander';
import { z } from 'zod';
import { Client, connectionOf, table } from '../client/index.js';
import type { FaultOptions } from './command.js';

/** Read loosely: a newer app may say more. */
const entrySchema = z.looseObject({
  id: z.number(), target: z.string(), kind: z.string(), delayMs: z.number(), percent: z.number(), side: z.string().nullable(), reason: z.string(), actor: z.string(), endsAt: z.string(), isOver: z.boolean(),
});
const listSchema = z.looseObject({ data: z.array(entrySchema) });

type Entry = z.output<typeof entrySchema>;

/** Runs `banyan fault`. @throws Error for people */
export async function run(target: string | undefined, kind: string | undefined, options: FaultOptions): Promise<void> {
  const app = new Client(connectionOf(undefined, options.url));
  const say = <T>(value: T, text: (value: T) => string): void => { process.stdout.write(`${options.json ? JSON.stringify(value, null, 2) : text(value)}\n`); };
  if (options.stop !== undefined) return say(await app.delete(`/ops/v1/faults/${options.stop}`, entrySchema), ({ id, target: of }) => `Fault ${id} of ${of} is over.`);
  if (target === undefined) return say(await app.get('/ops/v1/faults', listSchema), listText);
  const { ms, percent, side, for: seconds, reason } = options;
  if (kind === undefined) wrong(`Say how ${target} goes wrong: delay, error or drop.`);
  if (reason === undefined) wrong('Say why: --reason "…". It is kept together with who and when.');
  if ((kind === 'delay') !== (ms !== undefined)) wrong('A delay needs --ms, and nothing else has one.');
  const wish = { target, kind, seconds, reason, ...(ms !== undefined && { delayMs: ms }), ...(percent !== undefined && { percent }), ...(side !== undefined && { side }) };
  say(await app.post('/ops/v1/faults', wish, entrySchema), addedText);
}

function wrong(message: string): never {
  throw new CommanderError(2, 'banyan.fault', message);
}

function addedText(entry: Entry): string {
  return `Fault ${entry.id}: ${entry.target}, ${howText(entry)}, until ${entry.endsAt}. Every process obeys within a second.\nTo end it before:  npx banyan fault --stop ${entry.id}`;
}

function listText({ data }: z.output<typeof listSchema>): string {
  if (data.length === 0) return 'Nobody has asked for a fault yet.';
  return table([['id', 'target', 'what', 'ends', 'who', 'why'], ...data.map((it) => [String(it.id), it.target, howText(it), it.isOver ? 'over' : it.endsAt, it.actor, it.reason])]);
}

function howText({ kind, delayMs, percent, side }: Entry): string {
  const what = kind === 'delay' ? `delay of ${delayMs} ms` : kind;
  return `${what}${percent < 100 ? ` for ${percent} %` : ''}${side === null ? '' : ` where it is ${side}`}`;
}
