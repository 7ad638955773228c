import { Argument, Command, InvalidArgumentError } from 'commander';
import { CONNECTION_HELP } from '../client/index.js';

/** What was typed after `banyan stage`. */
export interface StageOptions {
  readonly percent?: number;
  readonly epsilon?: number;
  readonly reason?: string;
  readonly journal?: true;
  readonly dryRun?: true;
  readonly url?: string;
  readonly json?: true;
}

/** `banyan stage` */
export function stageCommand(): Command {
  return new Command('stage')
    .summary('see and say where contexts run')
    .description(`Without arguments: every context with its stage. With a context and a stage: moves it there, and every process follows
within a second.

  embedded  in the monolith
  shadow    in the monolith; the extracted app does the same on a copy, and what differs is kept: npx banyan shadow report
  canary    a share of the traffic goes to the extracted app; the same users stay with it as the share grows
  live      all of it goes there

More traffic for the extracted app needs every check to hold; the way back is always open. The guide: docs/guides/extract-a-context.md`)
    .argument('[context]', 'its name')
    .addArgument(new Argument('[stage]', 'where it is to stand').choices(['embedded', 'shadow', 'canary', 'live']))
    .option('--percent <n>', 'for a canary: how much of the traffic, 1 to 99', percent)
    .option('--epsilon <share>', 'out of shadow: the share of inputs in which a difference may remain unseen; 0.001 when left out', share)
    .option('--reason <why>', 'why; it is kept together with who and when')
    .option('--journal', 'who moved which context when and why')
    .option('--dry-run', 'look at every check, and change nothing')
    .option('--url <url>', 'where the monolith is, in place of BANYAN_URL')
    .option('--json', 'print the outcome as one JSON document')
    .addHelpText('after', `
${CONNECTION_HELP} Operators only.

Exit code: 0 when it was done, 1 when not, 2 when the command is wrong.

Examples:
  npx banyan stage
  npx banyan stage payments shadow --reason "is it the same?"
  npx banyan stage payments canary --percent 10 --reason "first try" --dry-run
  npx banyan stage payments canary --percent 1 --epsilon 0.05 --reason "60 of each are enough for a hundredth"
  npx banyan stage payments canary --percent 10 --reason "first try"
  npx banyan stage payments live --reason "a day at 50 % without a difference"
  npx banyan stage payments embedded --reason "the new instance type is too small"
  npx banyan stage payments --journal`)
    .action(async (context: string | undefined, stage: string | undefined, options: StageOptions) => (await import('./run.js')).run(context, stage, options));
}

function share(text: string): number {
  const number = Number(text);
  if (!(number >= 0.0001 && number <= 0.5)) throw new InvalidArgumentError('Has to be a share from 0.0001 to 0.5.');
  return number;
}

function percent(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || number > 99) throw new InvalidArgumentError('Has to be a whole number from 1 to 99.');
  return number;
}
