import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withDatabase } from '../lib/test-database.mjs';
import { allEqual, bench } from './bench.mjs';
import { contend } from './workload.mjs';

const COUNT = 24;

test('a comparison that is missing, differs or was skipped and there is no figure', () => {
  const good = { perCall: 1, compared: 10, equal: 10, skipped: 0, other: '' };
  assert.equal(allEqual(good, 10, 'reads'), 10);
  assert.equal(allEqual({ ...good, compared: 8, equal: 8, skipped: 2 }, 10, 'reads'), 8);
  for (const bad of [{ compared: 9, equal: 9 }, { equal: 9 }, { other: 'dropped: 1' }, { compared: 11, equal: 11 }]) {
    assert.throws(() => allEqual({ ...good, ...bad }, 10, 'reads'), /comparisons in reads/);
  }
});

test('a candidate that answers something else is found out by hand, and a house with it gets no figure', async () => {
  const { comparer } = await import('./contenders/synchronous.mjs');
  const { CandidateFind } = await import('./candidates.mjs');
  await withDatabase(async (database) => {
    const wrong = class extends CandidateFind { run = async (...args) => ({ ...await super.run(...args), amount: 1 }); };
    const other = () => {
      const made = comparer();
      const providers = made.providers.map((it) => (it.provide === CandidateFind ? { ...it, useFactory: (...given) => new wrong(...given) } : it));
      return { ...made, providers };
    };
    await assert.rejects(play('reads', 'synchronous', { comparer: other }, database), /24 were made, 0 skipped, and 0 came out equal/);
  });
});

test('every contender that is there compares all that the bench has it compare', async () => {
  await withDatabase(async (database) => {
    for (const { name } of bench.contenders.filter((it) => !['plain', 'tape'].includes(it.name) && it.packages.every(isInstalled))) {
      const adapter = await import(`./contenders/${name}.mjs`);
      for (const part of bench.parts.filter(({ sides }) => sides?.includes(name) ?? true)) {
        const { figures } = await play(part.name, name, adapter, database);
        assert.equal(figures[`${part.name}-compared`], 100, `${name} in ${part.name}`);
      }
    }
  });
});

/** One turn as the bench takes it, in this process. */
async function play(part, name, adapter, database) {
  const contender = await contend(adapter);
  const side = { name, ask: (method, input) => contender[method](input ?? {}), profiled: (_name, work) => work(), cpuSeconds: () => undefined };
  const server = { cpuSeconds: () => undefined, createDatabase: async () => ({ name, url: await database() }), dropDatabase: async () => undefined };
  return bench.parts.find((it) => it.name === part).run(side, { server, count: COUNT });
}

/** The product's own tests do without the peers. */
function isInstalled(name) {
  try {
    import.meta.resolve(name);
    return true;
  } catch {
    return false;
  }
}
