import { Command } from 'commander';
import type { Change } from './change.js';

interface Options {
  readonly dryRun?: true;
  readonly undo?: true;
  readonly json?: true;
}

/** `banyan extract` */
export function extractCommand(): Command {
  return new Command('extract')
    .summary('lift a context out into an app of its own')
    .description(`Makes apps/extracted/<context>: the declaration that also lives in the monolith, as a process of its own, with its image
and its service. It changes nothing below libs/, and nothing for anybody who runs the monolith: where requests, calls and
events go is decided at run time, by npx banyan stage. Running it twice changes nothing. The guide: docs/guides/extract-a-context.md`)
    .argument('<context>', 'its name')
    .option('--undo', 'remove what this command made')
    .option('--dry-run', 'change nothing, and show what would be')
    .option('--json', 'print the outcome as one JSON document')
    .addHelpText('after', `
Exit code: 0 when it was done or there was nothing to do, 1 when it cannot be, 2 when the command is wrong.

Examples:
  npx banyan extract payments --dry-run
  npx banyan extract payments
  npx banyan extract payments --undo`)
    .action(run);
}

async function run(context: string, { dryRun, undo, json }: Options): Promise<void> {
  const [{ openHouse }, { planOf }, { CannotExtract, apply, isReal }] = await Promise.all([import('../house/index.js'), import('./plan.js'), import('./change.js')]);
  try {
    const house = await openHouse();
    const changes = (await planOf(house, context, undo ? 'undo' : 'extract')).filter(isReal);
    if (!dryRun) await apply(house.root, changes);
    const outcome = { context, extracted: !undo, dryRun: dryRun ?? false, changes };
    process.stdout.write(json ? `${JSON.stringify({ ok: true, ...outcome, changes: changes.map(({ path, before, after }) => ({ path, is: kindOf({ path, before, after }), after: after ?? null })) }, null, 2)}\n` : readable(outcome));
  } catch (error) {
    if (!(error instanceof CannotExtract)) throw error;
    process.stdout.write(json ? `${JSON.stringify({ ok: false, problems: error.problems }, null, 2)}\n` : '');
    if (!json) process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

interface Outcome {
  readonly context: string;
  readonly extracted: boolean;
  readonly dryRun: boolean;
  readonly changes: readonly Change[];
}

function readable({ context, extracted, dryRun, changes }: Outcome): string {
  if (changes.length === 0) return extracted ? `${context} is lifted out already: apps/extracted/${context} is as this command makes it.\n` : `${context} is not lifted out; there is nothing to remove.\n`;
  const files = changes.map((it) => `${kindOf(it)}  ${it.path}`);
  if (dryRun) return `${[...files, '', ...changes.flatMap(shownChange)].join('\n')}\nNothing was changed.\n`;
  return `${[...files, '', ...(extracted ? whatIsNext(context) : ['Bring the context back to the monolith first where it was live: npx banyan stage <context> embedded --reason …'.replace('<context>', context)])].join('\n')}\n`;
}

function kindOf({ before, after }: Change): 'new' | 'removed' | 'changed' {
  if (before === undefined) return 'new';
  return after === undefined ? 'removed' : 'changed';
}

/** Only lines that come or go. */
function shownChange({ path, before = '', after = '' }: Change): string[] {
  const [old, fresh] = [before.split('\n'), after.split('\n')];
  const gone = old.filter((it) => it !== '' && !fresh.includes(it)).map((it) => `- ${it}`);
  const come = fresh.filter((it) => it !== '' && !old.includes(it)).map((it) => `+ ${it}`);
  return [`--- ${path}`, ...gone, ...come, ''];
}

function whatIsNext(context: string): string[] {
  return [
    'What is next:',
    `  npm run start:extracted -- ${context}                               start it beside a monolith that runs with EVENT_BUS=rabbitmq`,
    `  npx banyan stage ${context} canary --percent 10 --reason "first try"  send it a share of the traffic`,
    `  npx banyan stage ${context} live --reason "all is well"               send it all of it`,
    `  npx banyan stage ${context} embedded --reason "back for now"          take it all back`,
  ];
}
