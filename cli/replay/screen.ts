import { formatCount } from './pennies.js';

/** Where the replay writes; `process.stdout` fits. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

const REDRAW_MS = 200;
const PLAIN_LINE_MS = 5_000;
const RATE_WINDOW_MS = 10_000;
const BAR = 12;

/** Lines for people, and under them one line of progress: redrawn on a terminal, else printed now and then. */
export class Screen {
  #task: Task | undefined;

  constructor(private readonly output: Output) {}

  /** Prints a line, above the progress if there is one. */
  say(line: string): void {
    this.#wipe();
    this.output.write(`${line}\n`);
    this.#draw();
  }

  /** Starts a task of `total` steps and shows it until it ends. */
  begin(label: string, total: number): Task {
    const redraw = (): void => (this.output.isTTY ? this.#draw() : this.say(task.describe()));
    const timer = setInterval(redraw, this.output.isTTY ? REDRAW_MS : PLAIN_LINE_MS);
    timer.unref();
    const task = new Task(label, total, () => {
      clearInterval(timer);
      this.#wipe();
      this.#task = undefined;
    });
    this.#task = task;
    return task;
  }

  #draw(): void {
    if (!this.#task || !this.output.isTTY) return;
    const width = (this.output.columns ?? 80) - 1;
    this.output.write(`\r\x1b[2K${this.#task.describe(bar(this.#task)).slice(0, width)}`);
  }

  #wipe(): void {
    if (this.#task && this.output.isTTY) this.output.write('\r\x1b[2K');
  }
}

/** Something that takes a while, counted in steps. */
export class Task {
  done = 0;
  inFlight = 0;
  readonly #samples = [{ at: performance.now(), done: 0 }];

  constructor(
    private readonly label: string,
    readonly total: number,
    /** Takes the task off the screen. */
    readonly end: () => void,
  ) {}

  /** Runs one step, counted as in flight meanwhile and as done afterwards. */
  async step(work: () => Promise<void>): Promise<void> {
    this.inFlight += 1;
    try {
      await work();
      this.done += 1;
    } finally {
      this.inFlight -= 1;
    }
  }

  /** `orders  1,200/10,783 · 412/s · 8 in flight · 23 s left` */
  describe(drawing = ''): string {
    const rate = this.#rate();
    const parts = [`${this.label}  ${drawing}${formatCount(this.done)}/${formatCount(this.total)}`];
    parts.push(`${rate < 10 ? rate.toFixed(1) : formatCount(Math.round(rate))}/s`);
    if (this.inFlight > 0) parts.push(`${this.inFlight} in flight`);
    if (rate > 0) parts.push(`${formatDuration((this.total - this.done) / rate)} left`);
    return parts.join(' · ');
  }

  /** Steps per second lately: a resumed replay starts faster than it goes on. */
  #rate(): number {
    const now = performance.now();
    this.#samples.push({ at: now, done: this.done });
    while (this.#samples.length > 2 && now - (this.#samples[0]?.at ?? now) > RATE_WINDOW_MS) this.#samples.shift();
    const oldest = this.#samples[0];
    if (!oldest || now - oldest.at < 1) return 0;
    return ((this.done - oldest.done) * 1000) / (now - oldest.at);
  }
}

/** `48 s`, `3 min 07 s`, `1 h 02 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}

function bar(task: Task): string {
  const filled = task.total > 0 ? Math.min(BAR, Math.floor((task.done * BAR) / task.total)) : BAR;
  return `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)} `;
}
