import { recorded } from '../recorded.mjs';

/** The tape alone. */
export const comparer = () => recorded({ isPlayed: false });
