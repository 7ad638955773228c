/** Some messages on their way to be confirmed, as one outcome: all of them, or the first failure. */
export class Batch {
  private outstanding = 0;
  private isWhole = false;
  private error: Error | undefined;
  private readonly settled = Promise.withResolvers<void>();
  /** Resolves with the outcome, whatever it is. */
  readonly over = this.settled.promise.catch(() => undefined);

  /** Some message failed: there is no point in sending the rest. */
  get failed(): boolean {
    return this.error !== undefined;
  }

  sent(): void {
    this.outstanding += 1;
  }

  /** One message is confirmed, or will never be. */
  answered(error?: Error): void {
    this.outstanding -= 1;
    this.error ??= error;
    this.settle();
  }

  /** Nothing more is sent. Resolves when every message is confirmed; rejects when one was not, after the last answer. */
  async done(): Promise<void> {
    this.isWhole = true;
    this.settle();
    await this.settled.promise;
  }

  /** Gives up on answers that do not come. */
  abandon(error: Error): void {
    this.error ??= error;
    this.settled.reject(this.error);
  }

  private settle(): void {
    if (!this.isWhole || this.outstanding > 0) return;
    if (this.error) this.settled.reject(this.error);
    else this.settled.resolve();
  }
}
