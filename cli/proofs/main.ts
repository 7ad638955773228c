import { BadArguments } from './arguments.js';
import { CHAOS_USAGE, chaos } from './chaos.js';
import { chaosApp } from './chaos/app.js';
import { SOAK_USAGE, soak } from './soak.js';
import { SIMULATE_USAGE, simulate, simulatePart } from './simulate.js';

type Command = (argv: readonly string[]) => Promise<number>;

const commands: Readonly<Record<string, Command>> = { simulate, 'simulate-part': simulatePart, chaos, 'chaos-app': chaosApp, soak };
const usages: Readonly<Record<string, string>> = { simulate: SIMULATE_USAGE, chaos: CHAOS_USAGE, soak: SOAK_USAGE };

async function main([name = '', ...argv]: readonly string[]): Promise<number> {
  const command = commands[name];
  if (!command || argv.includes('--help')) {
    console.log(usages[name] ?? Object.values(usages).join('\n\n'));
    return command ? 0 : 2;
  }
  try {
    return await command(argv);
  } catch (error) {
    if (!(error instanceof BadArguments)) throw error;
    console.error(`${error.message}\n\n${usages[name] ?? ''}`);
    return 2;
  }
}

process.exit(await main(process.argv.slice(2)));
