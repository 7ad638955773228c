import { fork } from 'node:child_process';
import { join } from 'node:path';
import { cpuSeconds } from './cpu.mjs';

const entry = join(import.meta.dirname, 'contender-process.mjs');
const PATIENCE_MS = 20 * 60_000;

/** What a contender did not manage; the bench goes on without it and says why. */
export class ContenderFailed extends Error {}

/**
 * One side of a comparison, in a process of its own that lives for the whole bench: what it has compiled and cached in
 * one round serves it in the next, and nobody shares a heap. Between its turns it is idle, without connections.
 */
export class Contender {
  #process;
  #ended;
  #answers = new Map();
  #asked = 0;

  /**
   * @param {{ name: string, ours?: boolean, modules: string[] }} declaration modules of bench/: what to do, and by whom it is done
   * @param {{ onProfile?: (contender: string, method: string) => string, tell?: (file: string, summary: object) => void }} [profiling] where to write the profile of a measured method
   */
  constructor(declaration, profiling = {}) {
    this.name = declaration.name;
    this.isOurs = declaration.ours === true;
    this.declaration = declaration;
    this.profiling = profiling;
  }

  /** @param {string} method of what the module offers @param {object} [input] @throws ContenderFailed */
  ask(method, input = {}) {
    if (!this.#process) this.#start();
    const id = (this.#asked += 1);
    const { promise, resolve, reject } = Promise.withResolvers();
    const patience = setTimeout(() => {
      this.#process?.kill('SIGKILL');
      reject(new ContenderFailed(`"${method}" did not end within ${PATIENCE_MS / 60_000} minutes.`));
    }, PATIENCE_MS);
    this.#answers.set(id, { resolve, reject });
    this.#process.send({ id, method, input });
    return promise.finally(() => clearTimeout(patience));
  }

  /** The same, with a profile where one is wanted. */
  measured(method, input) {
    return this.profiled(method, () => this.ask(method, input));
  }

  /** Does the work, during which its process is profiled if that is wanted. @param {string} name @param {() => Promise<T>} work @template T */
  async profiled(name, work) {
    const file = this.profiling.onProfile?.(this.name, name);
    if (file === undefined) return work();
    await this.ask('profile');
    const outcome = await work();
    this.profiling.tell?.(file, await this.ask('profile', { file }));
    return outcome;
  }

  /** Of its process, while there is one. @returns {number | undefined} */
  get pid() {
    return this.#process?.pid;
  }

  /** CPU seconds that its process has used so far; undefined where nobody can tell. */
  cpuSeconds() {
    return this.pid === undefined ? undefined : cpuSeconds(this.pid);
  }

  /** As `kill -9` does; the next question starts another process. */
  async kill() {
    this.#process?.kill('SIGKILL');
    await this.#ended;
  }

  async stop() {
    const patience = setTimeout(() => this.#process?.kill('SIGKILL'), 10_000);
    if (this.#process?.connected) this.#process.disconnect();
    await this.#ended;
    clearTimeout(patience);
  }

  #start() {
    const child = fork(entry, this.declaration.modules, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], serialization: 'advanced' });
    child.on('message', ({ id, value, failure }) => {
      const answer = this.#answers.get(id);
      this.#answers.delete(id);
      if (failure === undefined) answer?.resolve(value);
      else answer?.reject(new ContenderFailed(failure));
    });
    child.on('error', () => undefined); // 'exit' follows
    this.#process = child;
    this.#ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        for (const { reject } of this.#answers.values()) reject(new ContenderFailed(`Its process ended (${signal ?? `exit code ${code}`}).`));
        this.#answers.clear();
        this.#process = undefined;
        resolve();
      });
    });
  }
}
