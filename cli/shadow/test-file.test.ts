import { runInThisContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import type { Sampled } from './api.js';
import { testFile } from './test-file.js';

const finding = {
  id: '3f2a1b4c-0000-4000-8000-000000000000', run: 'r', context: 'payments', endpoint: 'POST /v1/payments', output: 'rows', kind: 'payload', field: 'rows/*/amount', count: 1,
  firstSeen: '2026-01-01', lastSeen: '2026-01-01', judgement: 'finding', because: 'it is', input: {}, primary: {}, candidate: {}, differences: [],
};

function written(given: Partial<Sampled>, path = '/shop/libs/contexts/payments/test/a.test.ts'): string {
  return testFile({ ...finding, tape: null, ...given }, { path, root: '/shop' });
}

describe('the test of a finding', () => {
  it.each(['"', "'", '`', '${1 + 1}', '\\', '*/', '</script>', '\u2028\u2029\r\n', '\0', '\ud800', '\u{1f600}', '__proto__', 'constructor'])('has the tape as it was, also with %j in it', (text) => {
    const tape = JSON.parse(JSON.stringify({ [text]: { [text]: text }, list: [{ [text]: 1 }, `{"__proto__": "${text}"}`] })) as unknown;
    const [, literal = ''] = /function tape\(\): unknown \{\s+return (.*);\n\}\n$/s.exec(written({ tape })) ?? [];
    expect(JSON.stringify(runInThisContext(`(${literal})`))).toBe(JSON.stringify(tape));
  });

  it.each([
    { path: 'libs/contexts/payments/test/a.test.ts', from: '../index.js' }, { path: 'libs/contexts/payments/a.test.ts', from: './index.js' },
    { path: 'libs/contexts/payments/src/ledger/a.test.ts', from: '../../index.js' }, { path: 'libs/contexts/payments_too/a.test.ts', from: '@banyan/payments' }, { path: 'a.test.ts', from: '@banyan/payments' },
  ])('in $path imports its context from $from', ({ path, from }) => {
    expect(written({}, `/shop/${path}`)).toContain(`import { payments } from '${from}';`);
  });

  it('has a comment and a title that nothing from outside ends', () => {
    const text = written({ endpoint: `*/ throw new Error('no') /*\n`, field: "rows/*/x'`\"\\" });
    expect(text.split(/^it\(/m)[0]?.match(/\*\//g)).toHaveLength(1);
    expect(text).toContain(JSON.stringify("*/ throw new Error('no') /*\n does what the original did: rows/*/x'`\"\\"));
  });
});
