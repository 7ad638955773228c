import { answer, input, output } from '../prices.mjs';

/** The same, where the two trust each other: validated once. */
export async function openLocal() {
  return { call: async (asked) => output.parse(answer(input.parse(asked))), close: async () => undefined };
}
