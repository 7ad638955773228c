import { z } from 'zod';
import { callSchema, endingSchema, eventSchema, imageSchema, inputSchema } from '../tape/entry.js';

/** One input with all that it takes to do it again by itself. */
export const inputTapeSchema = z.object({
  input: inputSchema,
  /** The rows that were there before it, as far as it can have seen them; those that others refer to come first. */
  state: z.array(imageSchema),
  /** What each of the original's transactions left behind. */
  transactions: z.array(z.object({ rows: z.array(imageSchema), events: z.array(eventSchema) })),
  /** What the original asked outside, with the answers. */
  calls: z.array(callSchema),
  ending: endingSchema,
});
export type InputTape = z.output<typeof inputTapeSchema>;
