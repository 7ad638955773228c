import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { COLUMNS } from './classify.js';
import { readRows } from './read-rows.js';
import { productName, survey } from './survey.js';

const HEADER = COLUMNS.join(',');
const CSV = `${HEADER}
1,A,,2,2011-02-01 10:00:00,1.50,7,Norway
C2,A,"LAMP, ""RED""",-1,2011-02-01 10:00:00,1.40,7,Norway
C2,B,NA,-1,2011-02-01 10:00:00,3,7,Norway

1,A,LAMP,3,2011-02-01 10:01:00,1.20,7,Norway
3,C,damaged,-5,2011-02-01 10:01:00,0,NA,Norway
`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'survey-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function linesOf(path: string): Promise<number[]> {
  const lines: number[] = [];
  for await (const row of readRows(path)) lines.push(row.line);
  return lines;
}

describe('survey', () => {
  it('finds the articles with their first price, their first description, and what is sold in all', async () => {
    const { articles, rows, documents, runs } = await survey(file('a.csv', CSV));
    expect([...articles]).toEqual([
      ['A', { name: 'LAMP, "RED"', price: 150, sold: 5 }],
      ['B', { name: 'B', price: 300, sold: 0 }],
    ]);
    expect({ rows, documents, runs: [...runs] }).toEqual({ rows: 5, documents: 3, runs: [['1', 2]] });
  });

  it('knows a file by its content, packed or not', async () => {
    const plain = await survey(file('a.csv', CSV));
    const packed = await survey(file('b.csv.gz', gzipSync(CSV)));
    const other = await survey(file('c.csv', CSV.replace('1.50', '1.51')));
    expect(packed).toEqual(plain);
    expect(other.fileId).not.toBe(plain.fileId);
  });
});

describe('readRows', () => {
  it('numbers the rows by the lines of the file, over blank lines and line breaks in quotes', async () => {
    const text = `\ufeff${HEADER}\r\n1,A,"two\r\nlines",1\r\n\r\n2,B\r\n`;
    expect(await linesOf(file('a.csv', text))).toEqual([2, 5]);
  });

  it.each([
    ['with other columns', 'Invoice,Price\n1,2\n', 'must start with the columns'],
    ['that is empty', '', 'is empty'],
    ['with a quote that never closes', `${HEADER}\n1,"A\n2,B\n`, 'Quote Not Closed'],
    ['with an endless record', `${HEADER}\n1,"${'A\n'.repeat(600_000)}`, 'Max Record Size'],
  ])('refuses a file %s', async (_, text, message) => {
    await expect(linesOf(file('a.csv', text))).rejects.toThrow(message);
  });

  it('refuses a broken archive', async () => {
    const whole = gzipSync(CSV.repeat(50));
    await expect(linesOf(file('a.csv.gz', whole.subarray(0, 100)))).rejects.toMatchObject({ name: 'FileProblem' });
    await expect(linesOf(file('b.csv.gz', 'no archive'))).rejects.toMatchObject({ name: 'FileProblem' });
  });

  it('lets go of the file when the reader stops early', async () => {
    const path = file('a.csv', `${HEADER}\n${'1,A\n'.repeat(200_000)}`);
    const rows = readRows(path);
    expect((await rows.next()).value).toEqual({ line: 2, columns: ['1', 'A'] });
    await rows.return(undefined);
    expect(await rows.next()).toEqual({ done: true, value: undefined });
  });
});

describe('productName', () => {
  it.each([
    ['  LAMP  ', 'LAMP'],
    ['A\tLAMP\u0007', 'A LAMP'],
    ['', 'SKU'],
    ['NA', 'SKU'],
    ['x'.repeat(300), 'x'.repeat(200)],
    [`${'x'.repeat(199)}😀`, 'x'.repeat(199)],
  ])('makes %j a name', (description, name) => {
    expect(productName(description, 'SKU')).toBe(name);
  });
});
