/** Over how many aggregates the events are spread. */
const AGGREGATES = 1_000;

const note = 'Please leave it with the neighbour at number seven if nobody opens the door.';

/**
 * The n-th event of a run: what is written as a business row, what travels (about 200 bytes of JSON), and what the
 * handler writes as an effect.
 * @param {number} id 1, 2, 3 … @returns {{ id: number, key: string, amount: number, note: string, placedAt: string }}
 */
export function eventOf(id) {
  const scattered = Math.imul(id, 2_654_435_761) >>> 0;
  return { id, key: `order-${scattered % AGGREGATES}`, amount: 100 + (scattered % 9_900), note, placedAt: '2011-02-03T04:05:06.000Z' };
}
