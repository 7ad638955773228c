/**
 * Tables of the bus that only grow are split into three slots. Which one is written to follows from the database's
 * clock, the next one is emptied as a whole, and the third one still holds what is not old enough. Nobody has to agree
 * with anybody on it: a slot is emptied only when a look under its lock says that nothing in it is needed.
 */
export const SLOTS = [0, 1, 2] as const;
export type SlotNumber = (typeof SLOTS)[number];

/** SQL for the slot to write to now. @param periodMs SQL for how long a slot is written to, in milliseconds */
export function slotNow(periodMs: string): string {
  return `(floor(extract(epoch FROM clock_timestamp()) * 1000 / ${periodMs})::bigint % ${SLOTS.length})::smallint`;
}

/** The slot that is written to next, and so the one to be emptied. */
export function slotAfter(slot: SlotNumber): SlotNumber {
  return slot === 0 ? 1 : slot === 1 ? 2 : 0;
}
