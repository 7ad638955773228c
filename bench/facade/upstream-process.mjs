import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** The upstream as a process of its own, so that it takes nothing from whoever is measured. */
export class UpstreamProcess {
  #child;

  static async start() {
    const upstream = new UpstreamProcess();
    upstream.#child = fork(join(import.meta.dirname, 'upstream.mjs'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    ({ url: upstream.url } = await upstream.#heard());
    return upstream;
  }

  get pid() {
    return this.#child.pid;
  }

  /** Requests that arrived whole since this was last asked. @returns {Promise<number>} */
  async requests() {
    this.#child.send('count');
    return (await this.#heard()).requests;
  }

  async stop() {
    if (this.#child.exitCode !== null) return;
    this.#child.disconnect();
    await once(this.#child, 'exit');
  }

  async #heard() {
    const [message] = await once(this.#child, 'message');
    return message;
  }
}
