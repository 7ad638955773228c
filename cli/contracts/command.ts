import { Command } from 'commander';

/** `banyan contracts` */
export function contractsCommand(): Command {
  return new Command('contracts')
    .summary('keep what the contracts have promised')
    .description(`Compares commands, queries and events with what was promised by the last release, which is kept in
libs/contexts/<name>/contract/released.json. The guide: docs/guides/contracts.md`)
    .addCommand(checkCommand())
    .addCommand(releaseCommand());
}

function checkCommand(): Command {
  return new Command('check')
    .summary('find changes that break others')
    .description(`Names every promise of the last release that the code no longer keeps: who breaks, where, why, and what to do
instead. Older versions of an event must be lifted by its upcasters; the lift is tried out with made-up messages.`)
    .option('--json', 'print the outcome as one JSON document')
    .addHelpText('after', `
Exit code: 0 when every promise is kept, 1 when one is broken, 2 when the command is wrong.

Examples:
  npx banyan contracts check
  npx banyan contracts check --json | jq -r '.broken[].promise'`)
    .action(async ({ json }: { json?: true }) => {
      const { runCheck } = await import('./run-check.js');
      await runCheck(json ?? false);
    });
}

interface ReleaseOptions {
  readonly break?: string;
  readonly retire?: readonly string[];
  readonly dryRun?: true;
  readonly json?: true;
}

function releaseCommand(): Command {
  return new Command('release')
    .summary('write down what is promised from now on')
    .description(`Writes released.json beside each contract: what it says now, and the older versions of its events of which
messages may still be about. Run it when you release, and commit the files with the release. A release that
breaks a promise is refused, unless you say why.`)
    .argument('[context...]', 'only the contracts of these contexts')
    .option('--break <why>', 'break promises on purpose; the reason is kept in the file')
    .option('--retire <event@version...>', 'older versions of events of which no message is left anywhere: no outbox, inbox, queue, log or backup')
    .option('--dry-run', 'write nothing, and say what would be written')
    .option('--json', 'print the outcome as one JSON document')
    .addHelpText('after', `
Exit code: 0 when it is released, 1 when a promise would be broken, 2 when the command is wrong.

Examples:
  npx banyan contracts release --dry-run
  npx banyan contracts release
  npx banyan contracts release ordering --retire ordering.order-placed@1
  npx banyan contracts release payments --break "nobody has sent payments.settle-refund since March"`)
    .action(async (contexts: readonly string[], { break: reason, retire, dryRun, json }: ReleaseOptions) => {
      const { runRelease } = await import('./run-release.js');
      await runRelease({ contexts, reason, retired: retire ?? [], isDry: dryRun ?? false, json: json ?? false });
    });
}
