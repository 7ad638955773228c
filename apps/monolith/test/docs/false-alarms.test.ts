import { expect, it } from '@jest/globals';
import { readPage, root } from './markdown.js';
import { runShell, shellEnvironment } from './shell.js';

it('the page about parallel runs shows the false alarms as they are simulated: none of ours in 200 clean runs', async () => {
  const page = readPage('docs/parallel-run.md');
  const output = await runShell('npm run --silent simulate -- false-alarms', { cwd: root, environment: shellEnvironment() });
  const table = output.split('\n').filter((line) => line.startsWith('| ')).join('\n');
  expect(table.split('\n')).toHaveLength(6);
  expect(page.text).toContain(table);
  expect(output).toContain('Survived 200 clean runs with 0 false alarms.');
}, 120_000);
