import { Command } from 'commander';
import { CONNECTION_HELP } from '../client/index.js';

/** What was typed after `banyan readiness`. */
export interface ReadinessOptions {
  readonly measure?: true;
  readonly url?: string;
  readonly json?: true;
}

/** `banyan readiness` */
export function readinessCommand(): Command {
  return new Command('readiness')
    .summary('tell whether a context can be lifted out, before it is')
    .description(`Says who calls a context and whom it calls, who waits meanwhile, which events it gives and hears, what it holds open and
what goes along with it; what would break or become slower if it were lifted out; and a verdict with its reasons, each with
what to do: ready, "ready, with care", or not ready. It reads the code and changes nothing. With --measure, the calls
that a running process has counted are added. The guide: docs/guides/extract-a-context.md`)
    .argument('<context>', 'its name')
    .option('--measure', 'add what a running shop has counted: calls per input, and how long they take')
    .option('--url <url>', 'where that shop is, in place of BANYAN_URL; implies --measure')
    .option('--json', 'print the report as one JSON document')
    .addHelpText('after', `
Measuring asks a running shop. ${CONNECTION_HELP} Operators only.

Exit code: 0 when it is ready, also with care; 1 when it is not; 2 when the command is wrong.

Examples:
  npx banyan readiness payments
  npx banyan readiness catalog --measure
  npx banyan readiness catalog --json | jq -r '.reasons[].code'`)
    .action(async (context: string, options: ReadinessOptions) => (await import('./run.js')).run(context, options));
}
