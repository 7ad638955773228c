import { readCommand, USAGE } from './config.js';
import { FileProblem } from './file-problem.js';
import { printReport } from './print-report.js';
import { replay, type ReplayOptions } from './replay.js';
import { Screen } from './screen.js';

async function main(): Promise<number> {
  const command = readCommand(process.argv.slice(2), process.env);
  switch (command.is) {
    case 'help':
      console.log(USAGE);
      return 0;
    case 'bad':
      console.error([...command.problems, '', 'See npm run replay -- --help'].join('\n'));
      return 2;
    case 'replay':
      return run(command.options);
    default:
      return command satisfies never;
  }
}

async function run(options: ReplayOptions): Promise<number> {
  const screen = new Screen(process.stdout);
  const stop = stopOnSignals(screen);
  try {
    const report = await replay({ ...options, screen, stop });
    for (const line of printReport(report, process.resourceUsage().maxRSS)) screen.say(line);
    return report.outcome.is === 'agreed' ? 0 : 1;
  } catch (error) {
    if (!(error instanceof FileProblem)) throw error;
    console.error(error.message);
    return 2;
  }
}

// A terminal signals the whole group and npm passes its own copy on: one Ctrl-C may arrive twice.
const SAME_KEYSTROKE_MS = 1_000;

/** The first Ctrl-C asks for an orderly end, a later one leaves at once. */
function stopOnSignals(screen: Screen): AbortSignal {
  const controller = new AbortController();
  let stoppedAt = 0;
  const stop = (): void => {
    if (controller.signal.aborted && performance.now() - stoppedAt > SAME_KEYSTROKE_MS) process.exit(1);
    if (controller.signal.aborted) return;
    stoppedAt = performance.now();
    screen.say('Stopping: waiting for the documents in flight (again to leave at once) …');
    controller.abort();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return controller.signal;
}

process.exitCode = await main();
