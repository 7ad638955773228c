import type { Contract } from '../contract/index.js';

/** The commands and queries that the contexts of this app offer. */
export class KnownOperations {
  readonly names: ReadonlySet<string>;

  constructor(contracts: readonly Contract[]) {
    this.names = new Set(contracts.flatMap(({ commands, queries }) => [...Object.values(commands), ...Object.values(queries)].map(({ name }) => name)));
  }
}
