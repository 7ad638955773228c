import { kernel } from '../../lib/product.mjs';
import { Count, comparedFinder, finders } from '../candidates.mjs';

const { compare, defineComparison } = await kernel('comparison');
const how = { rules: defineComparison({}), keys: {} };
/** Whatever goes out is JSON. */
const outputs = (value) => ({ response: { is: 'returned', value: JSON.parse(JSON.stringify(value)) }, transactions: [], calls: [] });

/** The candidate is asked before anybody is answered. */
export function comparer() {
  const count = new Count();
  const finder = comparedFinder(async ({ control, candidate }) => {
    const answer = await control();
    const other = await candidate();
    count.note(compare(outputs(answer), outputs(other), how).length === 0);
    return answer;
  });
  return { perCall: { read: 1, write: 0 }, providers: [...finders, finder], outcome: async () => count.now };
}
