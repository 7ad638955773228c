/** No comparison. */
export const comparer = () => ({ perCall: { read: 0, write: 0 }, outcome: async () => ({ compared: 0, equal: 0, skipped: 0, other: '' }) });
