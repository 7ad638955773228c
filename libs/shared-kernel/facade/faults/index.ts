export { LONGEST_DELAY_MS, faultKinds } from './fault.js';
export { Faults } from './faults.js';
export { FaultBook, type FaultEntry } from './fault-book.js';
