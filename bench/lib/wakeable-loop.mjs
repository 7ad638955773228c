/** Does something again and again while there is something to do, else sleeps until it is woken or the poll is due. */
export class WakeableLoop {
  #running = Promise.resolve();
  #isOver = false;
  #ring = () => undefined;

  /** @param {() => Promise<boolean>} turn whether there was something to do @param {number} pollMs */
  constructor(turn, pollMs) {
    this.turn = turn;
    this.pollMs = pollMs;
  }

  start() {
    this.#running = this.#run();
    this.#running.catch((error) => process.stderr.write(`${error.stack}\n`));
  }

  wake() {
    this.#ring();
  }

  /** Ends after the turn under way. */
  async stop() {
    this.#isOver = true;
    this.wake();
    await this.#running.catch(() => undefined);
  }

  async #run() {
    while (!this.#isOver) {
      if (await this.turn()) continue;
      const rung = Promise.withResolvers();
      this.#ring = rung.resolve;
      const timer = setTimeout(rung.resolve, this.pollMs);
      await rung.promise;
      clearTimeout(timer);
    }
  }
}
