import { at } from './tool.mjs';

const installed = (...path) => at('node_modules', ...path);
const banyan = at('cli', 'bin', 'banyan.mjs');

const check = (name, script, ...args) => ({ name, script, args });

/** A check that must also say what it found: silence would mean that it looked at nothing. */
const speakingCheck = (...parts) => ({ ...check(...parts), mustSpeak: true });

/**
 * What `npm test` checks before it runs Jest, the quick ones first: one line per check. Each is a
 * script for Node 24 that says what is wrong and then exits with something other than 0; a line
 * "note: …" in its output is shown beside a tick.
 */
export const checks = [
  check('lint', installed('oxlint', 'bin', 'oxlint'), '--deny-warnings'),
  check('compose', at('tools', 'check-compose.mjs')),
  check('launchers', at('tools', 'launchers.test.mjs')),
  check('benches', at('bench', 'test.mjs')),
  check('unused', installed('knip', 'bin', 'knip.js'), '--no-progress', '--no-config-hints'),
  check('types', installed('typescript', 'bin', 'tsc'), '--noEmit'),
  speakingCheck('walls', banyan, 'verify'),
  speakingCheck('contracts', banyan, 'contracts', 'check'),
  speakingCheck('migrations', banyan, 'migrations', 'check'),
  speakingCheck('generated', banyan, 'graph', '--check'),
];
