import { scratchFolder } from '@banyan/kernel/testing';
import { expect, it } from '@jest/globals';
import { brokenEventPromises, brokenSagaPromises } from '../../../../cli/proofs/house/promises.js';
import { readPage, root, scriptOf } from './markdown.js';
import { runShell, shellEnvironment } from './shell.js';

const guide = readPage('docs/guides/proofs.md');

it('the small proofs of the guide hold, and a seed plays again', async () => {
  const output = await runShell(scriptOf(guide), { cwd: root, environment: shellEnvironment({ TMPDIR: scratchFolder() }) });
  const survived = output.split('\n').filter((line) => line.startsWith('Survived '));
  expect(survived).toHaveLength(4);
  expect(survived[0]).toMatch(/^Survived 50 schedules, /);
  expect(survived[1]).toMatch(/^Survived 1 killed processes, .* 0 lost, 0 doubled, 0 out of order/);
  expect(survived[2]).toMatch(/^Survived 2,000 events in /);
  expect(output).toMatch(/^Seed 77 \(bus\), history [0-9a-f]{16}\. Again: npm run simulate -- --runs 1 --seed 77 --history$/m);
}, 200_000);

it('the guide shows a broken promise as it is reported', () => {
  const heard: Readonly<Record<string, readonly string[]>> = { books: ['1', '3', '3', '4'], shop: ['1', '3', '2', '4'] };
  const demands = { orders: ['ann-2d'], acknowledged: new Set(['ann-2d']), customers: ['ann'] };
  const evidence = { sagas: new Map<string, string>(), effects: (context: string) => heard[context] ?? [], counted: () => 4 };
  const reported = [...brokenSagaPromises(demands, evidence), ...brokenEventPromises(demands, evidence)].map((it) => `✖ ${it}`);
  expect(guide.text).toContain(reported.join('\n'));
});
