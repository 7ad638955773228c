import { Contender, ContenderFailed } from './contender.mjs';

/**
 * Lets the contenders take turns: in each round, part by part, one after the other (A B A B …), so that what disturbs
 * the machine for a while disturbs neighbours alike. The first round warms up and does not count.
 * @param {object} bench as declared in `*\/bench.mjs`
 * @param {{ runs: number, count: number, wants: (figure: string) => boolean, contenders: object[], place: object, say: (line: string) => void, signal: AbortSignal, profiling?: object }} options
 * @returns {Promise<Records>}
 * @throws the reason of the signal
 */
export async function compete(bench, { runs, count, wants, contenders, place, say, signal, profiling }) {
  const parts = bench.parts.filter((part) => part.figures.some(wants));
  // Who takes part in more than his peers do would bring another heap and other compiled code; such a part has processes of its own.
  const processes = new Map(parts.map(({ process }) => [process, contenders.map((it) => new Contender(it, profiling))]));
  const sides = [...processes.values()].flat();
  signal.addEventListener('abort', () => sides.forEach((it) => void it.kill()));
  const records = new Records();
  try {
    for (let round = 0; round <= runs; round += 1) {
      const isWarmUp = round === 0;
      say(isWarmUp ? 'Warming up …' : `Round ${round} of ${runs}`);
      const turn = { ...place, count: isWarmUp ? warmUpCount(count) : count, isWarmUp, wants };
      const turns = parts.filter((it) => !isWarmUp || it.warmsUp).flatMap((part) => processes.get(part.process).filter(({ name }) => part.sides?.includes(name) ?? true).map((side) => [side, part]));
      for (const [side, part] of turns) await takeTurn(side, part, turn, { round, records, say, signal });
    }
  } finally {
    await Promise.all(sides.map((it) => it.stop()));
  }
  return records;
}

/**
 * Who has failed once in a part does not take part in it any more, and its process begins anew for the next one. Who
 * has stalled would only stall again.
 */
async function takeTurn(side, part, turn, { round, records, say, signal }) {
  signal.throwIfAborted();
  if (records.isOver(side.name, part)) return;
  try {
    const { figures, problem } = await part.run(side, turn);
    if (!turn.isWarmUp) records.note(side.name, round, figures, problem, part);
    say(`  ${part.name}: ${side.name} ${Object.entries(figures).map(([name, value]) => `${name} ${shown(value)}`).join(', ')}${problem ? ` (${problem})` : ''}`);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ContenderFailed)) throw error;
    records.fail(side.name, part, error.message);
    say(`  ${part.name}: ${side.name} is out: ${error.message}`);
    await side.kill();
  }
}

const shown = (value) => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3));

/** Enough for the compiler to have seen everything. */
const warmUpCount = (count) => Math.min(count, Math.max(1_000, Math.round(count / 10)));

/** What the rounds came to. */
export class Records {
  #values = new Map();
  #problems = new Map();
  #failures = new Map();
  #over = new Set();
  /** @type {Set<string>} */ failed = new Set();

  /** @param {string | undefined} problem why a figure is 0 */
  note(contender, round, figures, problem, part) {
    if (problem !== undefined) this.#over.add(`${part?.name}/${contender}`);
    for (const [figure, value] of Object.entries(figures)) {
      const key = `${figure}/${contender}`;
      const values = this.#values.get(key) ?? [];
      values[round - 1] = value;
      this.#values.set(key, values);
      if (problem !== undefined && value === 0) this.#problems.set(key, problem);
    }
  }

  fail(contender, part, reason) {
    this.failed.add(contender);
    this.#over.add(`${part.name}/${contender}`);
    for (const figure of part.figures) this.#failures.set(`${figure}/${contender}`, reason);
  }

  isOver(contender, part) {
    return this.#over.has(`${part.name}/${contender}`);
  }

  /** By round; with holes where there was nothing to measure. @returns {(number | null)[]} */
  values(figure, contender) {
    const key = `${figure}/${contender}`;
    return this.#failures.has(key) ? [] : Array.from(this.#values.get(key) ?? [], (it) => it ?? null);
  }

  /** Why there is no figure, or one of 0. @returns {string | undefined} */
  reason(figure, contender) {
    const key = `${figure}/${contender}`;
    return this.#failures.get(key) ?? this.#problems.get(key);
  }
}
