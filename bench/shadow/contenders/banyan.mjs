import { recorded } from '../recorded.mjs';

/** The tape, and who plays it. */
export const comparer = () => recorded({ isPlayed: true });
