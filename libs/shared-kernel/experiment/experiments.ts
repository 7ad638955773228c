import { Injectable } from '@nestjs/common';
import type { ExperimentReport } from './words.js';

/** An experiment that somebody can ask. */
export interface Running {
  report(): ExperimentReport;
  /** Resolves when no candidate is reading any more. */
  idle(): Promise<void>;
}

/** The experiments of one context in this process. Injected by class. */
@Injectable()
export class Experiments {
  private readonly running = new Map<string, Running>();

  /** @throws Error when the context has another one of that name */
  add(name: string, running: Running): void {
    if (this.running.has(name)) throw new Error(`The context has two experiments named "${name}". Give one of them another name.`);
    this.running.set(name, running);
  }

  /** @throws Error when there is none of that name */
  report(name: string): ExperimentReport {
    const running = this.running.get(name);
    if (!running) throw new Error(`There is no experiment "${name}" here. There are: ${[...this.running.keys()].join(', ') || 'none'}.`);
    return running.report();
  }

  reports(): ExperimentReport[] {
    return [...this.running.values()].map((it) => it.report());
  }

  /** Resolves when no candidate is reading any more. */
  async idle(): Promise<void> {
    await Promise.all([...this.running.values()].map((it) => it.idle()));
  }
}
