import { Argument, Command, InvalidArgumentError } from 'commander';
import { CONNECTION_HELP } from '../client/index.js';

/** What was typed after `banyan fault`. */
export interface FaultOptions {
  readonly ms?: number;
  readonly percent?: number;
  readonly side?: 'embedded' | 'extracted';
  readonly for: number;
  readonly reason?: string;
  readonly stop?: number;
  readonly url?: string;
  readonly json?: true;
}

/** `banyan fault` */
export function faultCommand(): Command {
  return new Command('fault')
    .summary('let something go wrong on purpose, for a while')
    .description(`Without arguments: the faults that somebody asked for. With a target and a kind: requests and calls for it go wrong, in the
processes that would serve them, until the time is over.

  delay  they are answered late by --ms
  error  they fail with "injected-fault"
  drop   they are not answered: connections break, calls run into their deadline

A target is a context (payments), an operation (payments.capture-payment), or a route ("GET /v1/payments/:id").
In development a single request can ask for it too: X-Banyan-Fault: payments delay 2000`)
    .argument('[target]', 'what goes wrong')
    .addArgument(new Argument('[kind]', 'how').choices(['delay', 'error', 'drop']))
    .option('--ms <n>', 'for a delay: how long, in milliseconds', whole)
    .option('--percent <n>', 'how many of a hundred it hits, by chance', share)
    .option('--side <side>', 'only in the monolith (embedded), or only in the extracted app (extracted)')
    .option('--for <seconds>', 'how long, an hour at most', whole, 60)
    .option('--reason <why>', 'why; it is kept together with who and when')
    .option('--stop <id>', 'end one before its time', whole)
    .option('--url <url>', 'where the monolith is, in place of BANYAN_URL')
    .option('--json', 'print the outcome as one JSON document')
    .addHelpText('after', `
${CONNECTION_HELP} Operators only.

Exit code: 0 when it was done, 1 when not, 2 when the command is wrong.

Examples:
  npx banyan fault
  npx banyan fault payments delay --ms 2000 --for 30 --reason "do orders wait?"
  npx banyan fault payments error --percent 1 --side extracted --reason "is the canary taken back?"
  npx banyan fault --stop 7`)
    .action(async (target: string | undefined, kind: string | undefined, options: FaultOptions) => (await import('./run.js')).run(target, kind, options));
}

function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) < 1) throw new InvalidArgumentError('Has to be a whole number, 1 or more.');
  return Number(text);
}

function share(text: string): number {
  const number = Number(text);
  if (!(number > 0 && number <= 100)) throw new InvalidArgumentError('Has to be a number above 0, 100 at most.');
  return number;
}
