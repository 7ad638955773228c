import { Command } from 'commander';
import { contractsCommand } from './contracts/index.js';
import { extractCommand } from './extract/index.js';
import { faultCommand } from './fault/index.js';
import { graphCommand } from './graph/index.js';
import { migrationsCommand } from './migrations/index.js';
import { parkedCommand } from './parked/index.js';
import { readinessCommand } from './readiness/index.js';
import { shadowCommand } from './shadow/index.js';
import { stageCommand } from './stage/index.js';
import { verifyCommand } from './verify/index.js';

/** Every verb of the command line. Each loads what it needs when it runs, so that `--help` is quick; its door is not to load more. */
export function program(): Command {
  const banyan = new Command('banyan')
    .description('Looks after a modular monolith that can let go of its parts.')
    .usage('<verb> [options]')
    .commandsGroup('Verbs:')
    .helpCommand('help [verb]', 'explain a verb')
    .showSuggestionAfterError()
    .addHelpText('after', `
Every verb explains itself, with examples:  npx banyan verify --help
For programs, every verb answers in JSON:   npx banyan verify --json`);
  const verbs = [
    verifyCommand(), graphCommand(), contractsCommand(), migrationsCommand(), readinessCommand(), extractCommand(), stageCommand(), shadowCommand(), faultCommand(), parkedCommand(),
  ];
  for (const verb of verbs) banyan.addCommand(inFamily(verb));
  return banyan.exitOverride();
}

function inFamily(verb: Command, name = verb.name()): Command {
  for (const part of verb.commands) inFamily(part, `${name} ${part.name()}`);
  return verb.exitOverride().showHelpAfterError(`(npx banyan ${name} --help shows what it takes)`);
}
