/** Sees effects arrive, and waits for them. */
export class Arrivals {
  #seen = 0;
  #wanted = Infinity;
  #complete;
  #firstId = 0;
  #at = new Float64Array(0);

  /** Expects the events from this id on. @param {number} firstId @param {number} count */
  expect(firstId, count) {
    this.#seen = 0;
    this.#wanted = count;
    this.#firstId = firstId;
    this.#at = new Float64Array(count);
    this.#complete = Promise.withResolvers();
  }

  /** An effect is committed; a second time is not counted. @param {number} id */
  note(id) {
    const index = id - this.#firstId;
    if (index < 0 || index >= this.#at.length || this.#at[index] !== 0) return;
    this.#at[index] = performance.now();
    this.#seen += 1;
    if (this.#seen === this.#wanted) this.#complete.resolve(true);
  }

  /** When the effect of the event was there, on this process's clock. */
  at(id) {
    return this.#at[id - this.#firstId];
  }

  /**
   * @param {number} stallMs gives up when nothing arrives for so long
   * @returns {Promise<string | undefined>} what is missing; undefined when all is there
   */
  async all(stallMs) {
    let before = -1;
    const given = Promise.withResolvers();
    const watch = setInterval(() => {
      if (this.#seen === before) given.resolve(false);
      before = this.#seen;
    }, stallMs);
    const isComplete = await Promise.race([this.#complete.promise, given.promise]);
    clearInterval(watch);
    return isComplete ? undefined : `stalled: ${this.#seen} of ${this.#wanted} effects, then none for ${stallMs / 1_000} s`;
  }
}
