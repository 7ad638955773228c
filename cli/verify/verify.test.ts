import { readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { shelf, smallHouse, tearDownHouses, till } from '../testing/index.js';
import { type Exception, withoutExcepted } from './exceptions.js';
import { withInspections } from './inspections.js';
import { readable } from './report.js';
import { type Inspections, verify } from './verify.js';
import { type Violation, walls } from './violation.js';

afterAll(tearDownHouses);

const violation: Violation = {
  wall: 'imports', rule: 'library-unknown', file: 'libs/contexts/till/src/pay.ts', line: 3, subject: 'stripe', problem: 'till imports stripe.', instead: 'Do without it.',
};
const exception: Exception = { wall: 'imports', file: violation.file, subject: 'stripe', reason: 'Somebody has to talk to the processor.' };

async function verdictOf(inspections: Inspections, exceptions = '[]') {
  const { root } = await smallHouse({ files: { 'cli/verify/exceptions.json': exceptions } });
  return verify({ root, load: async (name) => (name === 'shelf' ? { shelf } : { till }), inspections });
}

describe('npx banyan verify', () => {
  it('finds all walls of this repository standing', async () => {
    const { violations } = await withInspections(walls, undefined, (inspections) => verify({ inspections }));
    expect(violations).toEqual([]);
  });

  it('shows the violations of all walls at once, by file and line', async () => {
    const at = (line: number, wall: Violation['wall']) => () => ({ wall, seen: 'something', violations: [{ ...violation, wall, line }] });
    const { violations, walls: reports } = await verdictOf({ imports: [at(9, 'imports'), at(2, 'imports')], events: [at(5, 'events')] });
    expect(violations.map(({ line }) => line)).toEqual([2, 5, 9]);
    expect(reports).toEqual([{ wall: 'imports', seen: 'something, something', violations: 2 }, { wall: 'events', seen: 'something', violations: 1 }]);
  });

  it('does not take a wall for safe that could not be checked', async () => {
    const { violations } = await verdictOf({ sql: [() => { throw new Error('There is no PostgreSQL.'); }], imports: [() => ({ wall: 'imports', seen: 'all', violations: [] })] });
    expect(violations).toEqual([expect.objectContaining({ wall: 'sql', rule: 'wall-unchecked', problem: 'The wall "sql" could not be checked: There is no PostgreSQL.' })]);
  });

  it.each([
    ['without a declaration', async () => ({})],
    ['with two declarations', async () => ({ shelf, till })],
    ['with the declaration of another one', async () => ({ shelf: { ...shelf, name: 'attic' } })],
    ['that cannot be loaded', async () => { throw new Error('There is no such handler.'); }],
  ])('does not pass over a context %s, whichever wall was asked for', async (_what, load) => {
    const { root } = await smallHouse();
    const { violations } = await verify({ root, load, inspections: { sql: [() => ({ wall: 'sql', seen: 'all', violations: [] })] } });
    expect(violations.map(({ wall, rule, file }) => `${wall} ${rule} ${file}`)).toContain('sql context-undeclared libs/contexts/till/index.ts');
  });

  it('does not take a house without contexts for a safe one', async () => {
    const { root } = await smallHouse();
    await rm(join(root, 'libs/contexts'), { recursive: true });
    await mkdir(join(root, 'libs/contexts'));
    const { violations } = await verify({ root, inspections: { events: [() => ({ wall: 'events', seen: '0 events', violations: [] })] } });
    expect(violations).toEqual([expect.objectContaining({ rule: 'contexts-missing' })]);
  });

  it('refuses exceptions without a reason, or of another form', async () => {
    await expect(verdictOf({}, JSON.stringify([{ ...exception, reason: 'because' }]))).rejects.toThrow('A reason has at least 20 characters');
    await expect(verdictOf({}, JSON.stringify([{ ...exception, wal: 'imports' }]))).rejects.toThrow('cli/verify/exceptions.json');
  });
});

describe('an exception', () => {
  it('covers its subject in its file, or in every file of its folder', () => {
    expect(withoutExcepted([violation], [exception], walls)).toEqual([]);
    expect(withoutExcepted([violation, { ...violation, line: 8 }], [{ ...exception, file: 'libs/contexts/till/' }], walls)).toEqual([]);
  });

  it.each([
    ['another file', { file: 'libs/contexts/till/src/pay.test.ts' }],
    ['another subject', { subject: 'pg' }],
    ['another wall', { wall: 'determinism' as const }],
    ['a file whose name only begins alike', { file: 'libs/contexts/till/src/pay' }],
  ])('does not cover %s, and is then itself a violation', (_what, other) => {
    const left = withoutExcepted([violation], [{ ...exception, ...other }], walls);
    expect(left.map(({ rule }) => rule)).toEqual(['library-unknown', 'exception-needless']);
  });

  it('is not judged when its wall was not looked at', () => {
    expect(withoutExcepted([], [exception], ['sql'])).toEqual([]);
  });
});

describe('the report', () => {
  it('tells the place, both sides and what to do', () => {
    const text = readable({ walls: [{ wall: 'imports', seen: '7 imports', violations: 1 }, { wall: 'sql', seen: '2 schemas', violations: 0 }], violations: [violation], exceptions: [] }, 1);
    expect(text).toBe([
      '✖ imports  7 imports', '✔ sql      2 schemas', '',
      'libs/contexts/till/src/pay.ts:3  imports/library-unknown', '    till imports stripe.', '    → Do without it.', '',
      '1 violation of 1 wall. What the walls are for, and how to read this: docs/guides/the-walls.md',
    ].join('\n'));
  });

  it('points to a guide that is there and knows every wall', () => {
    const guide = readFileSync(new URL('../../docs/guides/the-walls.md', import.meta.url), 'utf8');
    for (const wall of walls) expect(guide).toContain(`**${wall}**`);
  });
});
