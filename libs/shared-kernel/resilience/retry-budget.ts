/**
 * How many calls may be repeated: for every so many first tries one repetition. When a dependency fails altogether,
 * repetitions would otherwise multiply the load that it fails under.
 * @see https://sre.google/sre-book/addressing-cascading-failures/ (retry budgets)
 */
export class RetryBudget {
  private tokens: number;

  /** @param share repetitions per first try; @param most how many may be saved up */
  constructor(private readonly share = 0.1, private readonly most = 10) {
    this.tokens = most;
  }

  /** A call was made for the first time. */
  deposit(): void {
    this.tokens = Math.min(this.most, this.tokens + this.share);
  }

  /** May one be repeated now? */
  withdraw(): boolean {
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}
