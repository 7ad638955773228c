import { basename } from 'node:path';
import { audit, type Audit } from './audit.js';
import { Patience, ShopGone, Stopped } from './patience.js';
import { formatCount } from './pennies.js';
import { placeDocuments } from './place-documents.js';
import { RejectsFile } from './rejects-file.js';
import { Screen } from './screen.js';
import type { Timing } from './settle.js';
import { AccessDenied, Refused, Shop, type Credentials } from './shop.js';
import { stockUp } from './stock-up.js';
import { survey, type Survey } from './survey.js';
import { Tally } from './tally.js';

const PATIENCE_MS = 120_000;

/** What to replay, where, and how patiently. Only the first three must be given. */
export interface ReplayOptions {
  readonly file: string;
  readonly url: string;
  readonly credentials: Credentials;
  /** Only the first so many documents of the file. */
  readonly limit?: number | undefined;
  readonly concurrency?: number | undefined;
  /** Where rows that were not booked are listed. */
  readonly rejects?: string | undefined;
  /** How long to hold out while the shop is away or does not get on. */
  readonly patienceMs?: number | undefined;
  /** How long figures that differ must stand still before they count as different. */
  readonly settleMs?: number | undefined;
  readonly pollMs?: number | undefined;
  readonly retryMs?: number | undefined;
  readonly awayAfterMs?: number | undefined;
  readonly deadlineMs?: number | undefined;
  readonly screen?: Screen | undefined;
  /** Aborted: takes no new documents, finishes those in flight, and reports `stopped`. */
  readonly stop?: AbortSignal | undefined;
}

/** How a replay ended. */
export type Outcome =
  | { is: 'agreed'; audit: Audit }
  | { is: 'disagreed'; audit: Audit }
  | { is: 'stopped' }
  | { is: 'gave-up'; why: string };

/** All that a replay has to say. */
export interface ReplayReport {
  readonly outcome: Outcome;
  readonly survey: Survey;
  readonly tally: Tally;
  /** The file that lists the rows that were not booked. */
  readonly rejects: string;
  /** How long placing the documents took. */
  readonly placingSeconds: number;
  readonly seconds: number;
}

/**
 * Pushes the invoices of a file through the shop's HTTP API and audits the books. Safe to repeat:
 * every write carries a key that comes from the file alone, so the shop recognises what it has done.
 */
export async function replay(options: ReplayOptions): Promise<ReplayReport> {
  const startedAt = performance.now();
  const screen = options.screen ?? new Screen({ write: () => true });
  const rejects = options.rejects ?? defaultRejects(options.file);
  screen.say(`Reading ${options.file} …`);
  const surveyed = await survey(options.file);
  screen.say(
    `${formatCount(surveyed.rows)} rows, ${formatCount(surveyed.documents)} documents, ` +
      `${formatCount(surveyed.articles.size)} articles to stock.`,
  );
  const run = new Run(options, screen, surveyed);
  const file = await RejectsFile.create(rejects);
  const outcome = await run.untilTheEnd(file).finally(() => file.close());
  const { tally, placingSeconds } = run;
  return { outcome, survey: surveyed, tally, rejects, placingSeconds, seconds: secondsSince(startedAt) };
}

/** `invoices.csv.gz` → `invoices.rejects.csv`, in the current directory. */
function defaultRejects(file: string): string {
  return `${basename(file).replace(/(\.csv)?(\.gz)?$/i, '')}.rejects.csv`;
}

class Run {
  readonly tally = new Tally();
  placingSeconds = 0;
  readonly #stop: AbortSignal;
  readonly #patience: Patience;
  readonly #shop: Shop;

  constructor(
    private readonly options: ReplayOptions,
    private readonly screen: Screen,
    private readonly survey: Survey,
  ) {
    const { patienceMs = PATIENCE_MS, retryMs = 100, awayAfterMs = 1_000 } = options;
    this.#stop = options.stop ?? new AbortController().signal;
    this.#patience = new Patience({ patienceMs, retryMs, awayAfterMs }, this.#stop, (line) => screen.say(line));
    this.#shop = new Shop(options.url.replace(/\/+$/, ''), options.credentials, this.#patience);
  }

  async untilTheEnd(rejects: RejectsFile): Promise<Outcome> {
    try {
      return await this.#allSteps(rejects);
    } catch (error) {
      if (error instanceof Stopped) return { is: 'stopped' };
      const isTheShop = error instanceof ShopGone || error instanceof AccessDenied || error instanceof Refused;
      if (isTheShop) return { is: 'gave-up', why: error.message };
      throw error;
    }
  }

  async #allSteps(rejects: RejectsFile): Promise<Outcome> {
    const { file, limit = Infinity, concurrency = 8 } = this.options;
    const { survey, tally } = this;
    const hands = { shop: this.#shop, screen: this.screen, concurrency, stop: this.#stop };
    await stockUp(survey, hands, tally);
    const startedAt = performance.now();
    await placeDocuments({ ...hands, file, survey, limit, rejects }, tally).finally(() => {
      this.placingSeconds = secondsSince(startedAt);
    });
    const found = await audit(tally, survey, { ...hands, patience: this.#patience, timing: this.#timing() });
    const agrees = found.checks.every((check) => check.differences.length === 0);
    return { is: agrees ? 'agreed' : 'disagreed', audit: found };
  }

  #timing(): Timing {
    const { pollMs = 1_000, settleMs = 15_000, deadlineMs = 600_000, patienceMs = PATIENCE_MS } = this.options;
    return { pollMs, settleMs, deadlineMs, patienceMs };
  }
}

function secondsSince(startedAt: number): number {
  return (performance.now() - startedAt) / 1000;
}
