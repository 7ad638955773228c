import { Command } from 'commander';

/** `banyan migrations` */
export function migrationsCommand(): Command {
  return new Command('migrations')
    .summary('keep migrations safe for the version that runs')
    .description('Looks after the migrations of the contexts and of the kernel. The guide: docs/guides/two-versions.md')
    .addCommand(checkCommand());
}

function checkCommand(): Command {
  return new Command('check')
    .summary('find migrations that break or block the version that runs')
    .description(`While a version is rolled out, the one before it goes on working on the same schema. Reads every migration as PostgreSQL
does, and names each statement that would break the version that runs (something is dropped, renamed, narrowed) unless
the migration says in "contracts" since which version nobody uses it; and each that keeps everybody waiting while a table
is read or rewritten.`)
    .option('--json', 'print the outcome as one JSON document')
    .addHelpText('after', `
Exit code: 0 when every migration is safe, 1 when one is not, 2 when the command is wrong.

Examples:
  npx banyan migrations check
  npx banyan migrations check --json | jq -r '.breaches[].rule'`)
    .action(async ({ json }: { json?: true }) => {
      const { runCheck } = await import('./run-check.js');
      await runCheck(json ?? false);
    });
}
