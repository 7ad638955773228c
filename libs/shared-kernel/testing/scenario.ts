import type { EventDefinition, PayloadOf } from '../contract/index.js';
import type { ContextUnderTest } from './context-under-test.js';
import { eventually } from './eventually.js';

type Within = `${number}s`;

/** A story told to one context: something happens, then events are expected, in time. */
export interface Scenario {
  /** What happens. Several in a row happen one after the other. */
  when(happens: () => Promise<unknown>): Scenario;
  /** That an event is announced whose payload holds at least these fields. */
  expectEvent<E extends EventDefinition>(definition: E, fields?: Partial<PayloadOf<E>>): Scenario;
  /** Plays it. @throws Error telling what was announced instead */
  within(time: Within): Promise<void>;
}

/** Begins a story: `await scenario(shop).when(…).expectEvent(orderConfirmed, { orderId }).within('5s')`. */
export function scenario(context: ContextUnderTest): Scenario {
  const happenings: (() => Promise<unknown>)[] = [];
  const expectations: (() => void)[] = [];
  const story: Scenario = {
    when(happens) {
      happenings.push(happens);
      return story;
    },
    expectEvent(definition, fields = {}) {
      expectations.push(() => requireEvent(context, definition, fields));
      return story;
    },
    async within(time) {
      for (const happens of happenings) await happens();
      await eventually(() => { for (const expectation of expectations) expectation(); }, Number(time.slice(0, -1)) * 1_000);
    },
  };
  return story;
}

function requireEvent(context: ContextUnderTest, definition: EventDefinition, fields: object): void {
  const payloads = context.announced(definition);
  const fits = payloads.some((payload) => Object.entries(fields).every(([name, value]) =>
    JSON.stringify((payload as Record<string, unknown>)[name]) === JSON.stringify(value)));
  if (!fits) {
    throw new Error(`${definition.type} with ${JSON.stringify(fields)} was not announced. Announced were: ${JSON.stringify(payloads)}`);
  }
}
