import type { Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { z } from 'zod';
import { COLUMNS, type Row } from './classify.js';
import { FileProblem } from './file-problem.js';

const Columns = z.array(z.string());
// An opening quote that never closes would otherwise gather the rest of the file into one record.
const LONGEST_RECORD = 1024 * 1024;

/**
 * Streams the rows of a `.csv` or `.csv.gz` file; the reader sets the pace, so memory does not grow
 * with the file. `digest`, if given, sees every unpacked byte.
 */
export async function* readRows(file: string, digest?: Hash): AsyncGenerator<Row> {
  const records = openRecords(file, digest);
  let nextLine = 1;
  try {
    for await (const parsed of records) {
      const columns = Columns.parse(parsed);
      const line = nextLine;
      // Line breaks inside quotes make a record longer than a line; the parser's own count is off for CRLF.
      nextLine += 1 + columns.reduce((breaks, column) => breaks + lineBreaks(column), 0);
      if (line === 1) requireHeader(file, columns);
      else if (columns.length > 1 || columns[0] !== '') yield { line, columns };
    }
  } catch (error) {
    throw asFileProblem(file, error);
  }
  if (nextLine === 1) throw new FileProblem(`${file} is empty`);
}

function openRecords(file: string, digest: Hash | undefined): AsyncIterable<unknown> {
  const records = parse({
    bom: true,
    relax_column_count: true,
    relax_quotes: true,
    max_record_size: LONGEST_RECORD,
  });
  const bytes = createReadStream(file, { highWaterMark: 64 * 1024 });
  const tap = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      digest?.update(chunk);
      yield chunk;
    }
  };
  // Errors of any stage surface in the iteration over `records`; the callback only marks them handled.
  const done = (): void => undefined;
  if (file.endsWith('.gz')) pipeline(bytes, createGunzip(), tap, records, done);
  else pipeline(bytes, tap, records, done);
  return records;
}

function requireHeader(file: string, header: readonly string[]): void {
  if (header.map((name) => name.trim()).join() === COLUMNS.join()) return;
  throw new FileProblem(`${file} must start with the columns ${COLUMNS.join(',')}`);
}

function lineBreaks(column: string): number {
  return /[\r\n]/.test(column) ? column.split(/\r\n|\r|\n/).length - 1 : 0;
}

const Coded = z.looseObject({ code: z.string(), message: z.string() });
const INPUT_CODES = /^(CSV_|Z_|ERR_STREAM_PREMATURE|EISDIR|ENOENT|EACCES)/;

function asFileProblem(file: string, error: unknown): unknown {
  const coded = Coded.safeParse(error);
  const isInput = coded.success && INPUT_CODES.test(coded.data.code);
  return isInput ? new FileProblem(`${file}: ${coded.data.message}`) : error;
}
