import { Command, InvalidArgumentError, Option } from 'commander';
import { CONNECTION_HELP } from '../client/index.js';
import type { ExportOptions, ReportOptions, ShowOptions, WaiveOptions } from './options.js';

/** `banyan shadow` */
export function shadowCommand(): Command {
  return new Command('shadow')
    .summary('see what an extracted app does differently')
    .description(`While a context is in the stage "shadow", everything that it does is done again by the extracted app, on a copy, and compared:
the response, the events, the rows, the calls. What differs is a finding. The guide: docs/guides/parallel-run.md`)
    .addCommand(reportCommand())
    .addCommand(showCommand())
    .addCommand(waiveCommand())
    .addCommand(exportCommand());
}

const CONNECTION = `\n${CONNECTION_HELP} Operators only.\n`;
const EXIT = '\nExit code: 0 when it was done, 1 when not, 2 when the command is wrong.\n';

function reportCommand(): Command {
  return answering(new Command('report'))
    .summary('what was compared, what was found, and whether the gate is open')
    .description('The latest parallel run of a context, or of each: what was compared and what not, the findings, and what keeps the gate closed.')
    .argument('[context]', 'its name')
    .addOption(new Option('--epsilon <share>', 'the share of inputs in which a difference may remain unseen; 0.001 when left out').argParser(share))
    .option('--html <file>', 'write it as a page, with all pairs side by side; one file, with nothing from elsewhere')
    .addHelpText('after', `${CONNECTION}
Exit code: 0 when the gate is open, 1 when it is closed, 2 when the command is wrong.

Examples:
  npx banyan shadow report payments
  npx banyan shadow report payments --html report.html
  npx banyan shadow report payments --epsilon 0.05
  npx banyan shadow report --json | jq -r '.runs[] | select(.gate.isOpen) | .context'`)
    .action(async (context: string | undefined, options: ReportOptions) => (await import('./run.js')).report(context, options));
}

function showCommand(): Command {
  return answering(new Command('show'))
    .summary('one finding: what came in, and what both sides made of it')
    .description('Shows the sample of a finding side by side; lines that differ are marked.')
    .argument('[finding]', 'its id, or the beginning of it; the first one that is open when left out')
    .addHelpText('after', `${CONNECTION}${EXIT}
Examples:
  npx banyan shadow show
  npx banyan shadow show 3f2a1b4c
  npx banyan shadow show 3f2a1b4c --json | jq .differences`)
    .action(async (finding: string | undefined, options: ShowOptions) => (await import('./run.js')).show(finding, options));
}

function waiveCommand(): Command {
  return answering(new Command('waive'))
    .summary('let somebody answer for a difference, until a day')
    .description(`Waives a finding. It is compared and counted as before and lowers the score, but does not hold the gate until the waiver
expires. Without arguments: the waivers there are.`)
    .argument('[finding]', 'its id, or the beginning of it')
    .option('--owner <who>', 'who answers for it')
    .option('--reason <why>', 'why it may pass')
    .addOption(new Option('--expires <when>', 'until when: 12h, 14d, or an instant such as 2026-12-24T09:00:00Z').argParser(instant))
    .option('--uncovered <endpoint>', 'in place of a finding: something that was never compared and need not be')
    .option('--end <waiver>', 'end a waiver before its time')
    .addHelpText('after', `${CONNECTION}${EXIT}
Examples:
  npx banyan shadow waive 3f2a1b4c --owner team-money --reason "rounded since 2.0, agreed with accounting" --expires 14d
  npx banyan shadow waive --uncovered payments.settle-cancellation --owner team-money --reason "the processor is never away in tests" --expires 14d
  npx banyan shadow waive
  npx banyan shadow waive --end 0b9c6d1e-6f0f-4b8e-9d53-0f5a4f0a1c22`)
    .action(async (finding: string | undefined, options: WaiveOptions) => (await import('./run.js')).waive(finding, options));
}

function exportCommand(): Command {
  return new Command('export')
    .summary('write a failing test of a finding')
    .description(`Writes a test that does the input of the sample again, with the context's code as it is: on a database of its own, with the rows
that were there before and the answers that came from outside. It fails as long as the code does something else.`)
    .argument('[finding]', 'its id, or the beginning of it; the first one that is open when left out')
    .option('--out <file>', 'where to; libs/contexts/<context>/test/finding-<id>.test.ts when left out')
    .option('--url <url>', 'where the app is, in place of BANYAN_URL')
    .addHelpText('after', `${CONNECTION}${EXIT}
Examples:
  npx banyan shadow export
  npx banyan shadow export 3f2a1b4c
  npx banyan shadow export 3f2a1b4c --out libs/contexts/payments/test/lost-penny.test.ts`)
    .action(async (finding: string | undefined, options: ExportOptions) => (await import('./run.js')).exportTest(finding, options));
}

function answering(command: Command): Command {
  return command.option('--url <url>', 'where the app is, in place of BANYAN_URL').option('--json', 'print the outcome as one JSON document');
}

function share(text: string): number {
  const number = Number(text);
  if (!(number >= 0.0001 && number <= 0.5)) throw new InvalidArgumentError('Has to be a share from 0.0001 to 0.5.');
  return number;
}

const UNITS = { h: 3_600_000, d: 86_400_000 } as const;

/** An instant, or how far ahead it is. */
function instant(text: string): string {
  const [, amount, unit] = /^(\d{1,4})([hd])$/.exec(text) ?? [];
  const time = amount && unit ? Date.now() + Number(amount) * UNITS[unit as keyof typeof UNITS] : /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : NaN;
  const isNoDay = !unit && new Date(`${text.slice(0, 10)}T00:00:00Z`).getUTCDate() !== Number(text.slice(8, 10)); // the 31st of February would be a day in March
  if (Number.isNaN(time) || isNoDay) throw new InvalidArgumentError('Has to be like 12h or 14d, or an instant such as 2026-12-24T09:00:00Z.');
  return new Date(time).toISOString();
}
