import { answer, input, output } from '../prices.mjs';

/** A function that another module calls. Input and output are validated on both sides of the call, as ours are. */
export async function openLocal() {
  const callee = async (asked) => output.parse(answer(input.parse(asked)));
  return { call: async (asked) => output.parse(await callee(input.parse(asked))), close: async () => undefined };
}
