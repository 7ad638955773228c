import { CommanderError } from 'commander';
import { program } from './program.js';

/** Exit code of a command that was typed wrong, as against one that found something. */
const USAGE = 2;

// `npx banyan … | head` stops listening when it has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

try {
  await program().parseAsync();
} catch (error) {
  // Commander has said what it found wrong; what a verb found wrong is still to be said.
  const isSaid = error instanceof CommanderError && error.code.startsWith('commander.');
  if (!isSaid) process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  if (!(error instanceof CommanderError)) process.exit(1);
  process.exit(error.exitCode === 0 ? 0 : USAGE);
}
