import type { Patience } from './patience.js';
import type { Screen } from './screen.js';
import type { Timing } from './settle.js';
import type { Shop } from './shop.js';

/** One question to the books. It is answered well when there are no differences. */
export interface Check {
  readonly name: string;
  /** What was held against what, in a few words and figures. */
  readonly compared: string;
  readonly differences: readonly string[];
}

/** What the audit looks at and with. */
export interface Auditor {
  readonly shop: Shop;
  readonly screen: Screen;
  readonly patience: Patience;
  readonly timing: Timing;
  readonly concurrency: number;
  readonly stop: AbortSignal;
}
