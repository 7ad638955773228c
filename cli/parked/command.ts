import { Command, InvalidArgumentError, Option } from 'commander';
import { CONNECTION_HELP } from '../client/index.js';
import type { DiscardOptions, ListOptions, RedriveOptions, ShowOptions } from './options.js';

/** `banyan parked` */
export function parkedCommand(): Command {
  return new Command('parked')
    .summary('look after events that could not be handled')
    .description(`An event that its handler cannot digest is parked after a few tries, and later events of the same key wait behind it; all
other keys flow. Remove the cause, then redrive; or discard the event. The guide: docs/guides/parked-messages.md`)
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(redriveCommand())
    .addCommand(discardCommand());
}

const CONNECTION = `
${CONNECTION_HELP} Operators only.

Exit code: 0 when it was done, 1 when not, 2 when the command is wrong.
`;

function listCommand(): Command {
  return answering(filtered(new Command('list')), 'print the page as one JSON document')
    .summary('what is parked, those first that were parked first')
    .description('Lists parked events of all contexts, each with what waits behind it.')
    .option('--limit <n>', 'how many at most', whole(1, 100_000), 20)
    .addHelpText('after', `${CONNECTION}
Examples:
  npx banyan parked list
  npx banyan parked list --context reporting --since 2h
  npx banyan parked list --error "deadlock" --json | jq -r '.data[].key' | sort | uniq -c`)
    .action(async (options: ListOptions) => (await import('./run.js')).list(options));
}

function showCommand(): Command {
  return answering(new Command('show'), 'print the event as one JSON document')
    .summary('one event, and what happened to it')
    .description('Shows an event with its tries and errors, and who redrove or discarded it, when and why.')
    .argument('<event>', 'its id, or context/id for one that is not parked any more')
    .addHelpText('after', `${CONNECTION}
Examples:
  npx banyan parked show 01934f6e-5d1c-7a3b-9c53-8e6f3d1b2a90
  npx banyan parked show reporting/01934f6e-5d1c-7a3b-9c53-8e6f3d1b2a90 --json`)
    .action(async (event: string, options: ShowOptions) => (await import('./run.js')).show(event, options));
}

function redriveCommand(): Command {
  return changing(filtered(new Command('redrive')))
    .summary('let parked events run again, in order')
    .description(`Lets events run again, with a clean slate. What runs is always a whole key, in its order: all of its parked events and
then what waits behind them. Keys begin one after the other, at the given rate; nobody has to wait for it.`)
    .argument('[event...]', 'ids of the events')
    .option('--all', 'everything that is parked')
    .option('--rate <n>', 'how many events begin per second at most', whole(1, 10_000), 100)
    .addHelpText('after', `${CONNECTION}
Examples:
  npx banyan parked redrive 01934f6e-5d1c-7a3b-9c53-8e6f3d1b2a90 --reason "the column is there now"
  npx banyan parked redrive --context reporting --error "deadlock" --dry-run --reason "see what it would do"
  npx banyan parked redrive --all --rate 20 --reason "fixed in 1.4.2"`)
    .action(async (events: string[], options: RedriveOptions) => (await import('./run.js')).redrive(events, options));
}

function discardCommand(): Command {
  return changing(filtered(new Command('discard')))
    .summary('take parked events out for good')
    .description(`Takes events out for good: they are not handled, also when they are delivered again. What waited behind them runs. Their
effect is missing then: make it good by hand, and say how in the reason.`)
    .argument('[event...]', 'ids of the events')
    .addHelpText('after', `${CONNECTION}
Examples:
  npx banyan parked discard 01934f6e-5d1c-7a3b-9c53-8e6f3d1b2a90 --reason "booked by hand, ticket 4711"
  npx banyan parked discard --type ordering.order-placed --key 0193… --dry-run --reason "see what it would do"`)
    .action(async (events: string[], options: DiscardOptions) => (await import('./run.js')).discard(events, options));
}

function filtered(command: Command): Command {
  return command
    .option('--context <name>', 'only what is parked in this context')
    .option('--type <event>', 'only events of this type, such as ordering.order-placed')
    .option('--key <key>', 'only this ordering key: the id of the aggregate')
    .option('--error <text>', 'only where the last error has this in it, in whatever case')
    .addOption(new Option('--since <when>', 'only what was parked since: 30m, 2h, 7d, or an instant such as 2026-11-20T09:00:00Z').argParser(instant));
}

function changing(command: Command): Command {
  return answering(command, 'print the outcome as one JSON document')
    .requiredOption('--reason <why>', 'why; it is kept together with who and when')
    .option('--dry-run', 'count what would be done, and change nothing');
}

function answering(command: Command, what: string): Command {
  return command.option('--url <url>', 'where the app is, in place of BANYAN_URL').option('--json', what);
}

function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < least || number > most) throw new InvalidArgumentError(`Has to be a whole number from ${least} to ${most}.`);
    return number;
  };
}

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** An instant, or how long ago it was. */
function instant(text: string): string {
  const [, amount, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const time = amount && unit ? Date.now() - Number(amount) * UNITS[unit as keyof typeof UNITS] : /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(time)) throw new InvalidArgumentError('Has to be like 30m, 2h or 7d, or an instant such as 2026-11-20T09:00:00Z.');
  return new Date(time).toISOString();
}
