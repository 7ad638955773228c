import { createHash } from 'node:crypto';
import type { Schedule } from '../engine/schedule.js';

/** What happened, in order. Without `keeps` only a digest is made: equal digests are equal histories. */
export class History {
  private readonly kept: string[] = [];
  private readonly hash = createHash('sha256');

  constructor(private readonly schedule: Schedule, readonly keeps: boolean) {}

  note(what: string): void {
    const line = `${this.schedule.now.toFixed(3).padStart(11)} ${what}`;
    this.hash.update(line);
    if (this.keeps) this.kept.push(line);
  }

  get lines(): readonly string[] {
    return this.kept;
  }

  digest(): string {
    return this.hash.copy().digest('hex').slice(0, 16);
  }
}
