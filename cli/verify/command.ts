import { Command, Option } from 'commander';
import { type WallName, walls } from './violation.js';

interface Options {
  readonly wall?: readonly WallName[];
  readonly databaseUrl?: string;
  readonly json?: true;
}

/** `banyan verify` */
export function verifyCommand(): Command {
  return new Command('verify')
    .summary('check the walls between the contexts')
    .description(`Checks that the contexts cannot reach each other but through their contracts. There are five walls:

  imports      who may import whom, and every file has its room
  injection    Nest gives no class of one context to another
  sql          no role, table or statement reaches into another schema
  events       what is announced, declared and listened to is the same
  determinism  time, ids and chance come from the kernel alone

Every violation of every wall is shown, with the place, both sides and what to do instead.`)
    .addOption(new Option('--wall <names...>', 'only these walls').choices(walls))
    .option('--database-url <url>', 'look at the schemas of this running database, changing nothing; without it, an empty PostgreSQL is started, filled with the schemas, looked at and removed')
    .option('--json', 'print the verdict as one JSON document')
    .addHelpText('after', `
Exit code: 0 when all walls stand, 1 when something reaches through, 2 when the command is wrong.

Examples:
  npx banyan verify
  npx banyan verify --wall imports events
  npx banyan verify --json | jq '.violations[].file'
  npx banyan verify --wall sql --database-url postgres://admin:secret@db.example/shop`)
    .action(run);
}

async function run({ wall = walls, databaseUrl, json }: Options): Promise<void> {
  const begun = performance.now();
  const [{ verify }, { readable }, { withInspections }] = await Promise.all([import('./verify.js'), import('./report.js'), import('./inspections.js')]);
  const verdict = await withInspections(wall, databaseUrl, (inspections) => verify({ inspections }));
  const seconds = (performance.now() - begun) / 1_000;
  const ok = verdict.violations.length === 0;
  process.stdout.write(`${json ? JSON.stringify({ ok, ...verdict, seconds: Number(seconds.toFixed(3)) }, null, 2) : readable(verdict, seconds)}\n`);
  process.exitCode = ok ? 0 : 1;
}
