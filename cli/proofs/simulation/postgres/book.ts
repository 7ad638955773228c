import type { Statement, Waits } from './statement.js';

/** A statement of the product as the simulated server runs it. */
export interface Twin {
  /** As people call it, for example `saga.claim`. */
  readonly name: string;
  /** Fits the statement's text, blanks made equal, and no other's. */
  readonly text: RegExp;
  readonly run: (statement: Statement, params: readonly unknown[]) => Waits<readonly object[]>;
}

/** All statements that the simulated server knows. An unknown one is an error: it must be taught, not guessed. */
export class Book {
  /** What was asked for and could not be answered. The product may take it for an outage; it is none. */
  readonly complaints = new Set<string>();
  private readonly known = new Map<string, Twin>();

  constructor(private readonly twins: readonly Twin[]) {}

  /** @throws Error when no twin, or more than one, fits the text */
  find(sql: string): Twin {
    const found = this.known.get(sql);
    if (found) return found;
    const text = sql.replaceAll(/\s+/g, ' ').trim();
    const [twin, ...more] = this.twins.filter((it) => it.text.test(text));
    if (!twin) throw this.complaint(`The simulated PostgreSQL does not know this statement; write its twin in cli/proofs/simulation/statements: ${text}`);
    if (more.length > 0) throw this.complaint(`More than one twin fits: ${twin.name}, ${more.map((it) => it.name).join(', ')}: ${text}`);
    this.known.set(sql, twin);
    return twin;
  }

  private complaint(text: string): Error {
    this.complaints.add(text);
    return new Error(text);
  }
}
