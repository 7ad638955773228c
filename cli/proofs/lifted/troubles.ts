import { setTimeout as sleep } from 'node:timers/promises';
import type { House } from './house.js';

/** Something that befalls the extracted process, or the way to it. */
export interface Trouble {
  readonly name: string;
  inflict(house: House): Promise<void>;
  /** Afterwards all is as before. */
  relieve(house: House): Promise<void>;
}

const SLOW_MS = 2_000;
const LONGEST_S = 600;

export const killed: Trouble = {
  name: 'killed',
  inflict: async (house) => { await house.payments?.end('SIGKILL'); },
  relieve: async (house) => { house.payments = await house.lift(); },
};

export const hung: Trouble = {
  name: 'hung',
  inflict: async (house) => { house.payments?.signal('SIGSTOP'); },
  relieve: async (house) => { house.payments?.signal('SIGCONT'); },
};

export const slow: Trouble = {
  name: 'slow by 2 s',
  inflict: async (house) => {
    await house.must('POST', '/ops/v1/faults', { target: 'payments', kind: 'delay', delayMs: SLOW_MS, side: 'extracted', seconds: LONGEST_S, reason: 'a proof' });
  },
  relieve: async (house) => {
    const { body } = await house.must('GET', '/ops/v1/faults');
    for (const { id, isOver } of body.data) if (!isOver) await house.must('DELETE', `/ops/v1/faults/${id}`);
    await sleep(1_000); // until every process has heard of it
  },
};

export const brokerAway: Trouble = {
  name: 'without its broker',
  inflict: async (house) => { await house.broker.stop(); },
  relieve: async (house) => { await house.broker.start(); },
};
