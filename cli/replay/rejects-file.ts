import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { COLUMNS, type Row } from './classify.js';
import { FileProblem } from './file-problem.js';

/** Every row that was not booked: its line, the reason, and the columns as they stand in the invoice file. */
export class RejectsFile {
  #failure: Error | undefined;

  private constructor(private readonly stream: WriteStream) {
    stream.on('error', (error) => (this.#failure ??= error));
  }

  /** Starts the file anew: each run lists all rejects of the rows that it read. */
  static async create(path: string): Promise<RejectsFile> {
    const stream = createWriteStream(path);
    const file = new RejectsFile(stream);
    try {
      await once(stream, 'open');
    } catch {
      throw new FileProblem(`${path} cannot be written`);
    }
    stream.write(`${[...COLUMNS, 'Reason', 'Line'].join(',')}\n`);
    return file;
  }

  /** Adds a row; waits while the disk is behind. */
  async add(row: Row, reason: string): Promise<void> {
    if (this.#failure) throw this.#failure;
    const fields = [...row.columns, reason, String(row.line)];
    if (!this.stream.write(`${fields.map(quoted).join(',')}\n`)) await once(this.stream, 'drain');
  }

  /** Ends the file once all is written. */
  async close(): Promise<void> {
    if (this.#failure) throw this.#failure;
    this.stream.end();
    await finished(this.stream);
  }
}

function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
