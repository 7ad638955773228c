import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** What was done and what was answered, a line of JSON each, written before anything else happens. Only appended to. */
export class Journal {
  private readonly began = performance.now();

  constructor(readonly file: string) {
    mkdirSync(dirname(file), { recursive: true });
  }

  note(what: string, details: Readonly<Record<string, unknown>> = {}): void {
    appendFileSync(this.file, `${JSON.stringify({ ms: Math.round(performance.now() - this.began), what, ...details })}\n`);
  }
}
