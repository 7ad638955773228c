/**
 * Before a statement of the open transaction that must be planned along indexes. A plan is kept for the life of a
 * connection, and tables here go from empty to full and back within seconds: what was planned for an empty one would
 * read a full one from end to end. Before PostgreSQL 18 what is switched off counts as very dear, and what is dear is
 * compiled first, for half a second.
 */
export const PLANNED_BY_INDEX = 'SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL jit = off';

/** Afterwards, for what others do in the same transaction. */
export const PLANNED_AS_USUAL = 'SET LOCAL enable_seqscan TO DEFAULT; SET LOCAL enable_hashjoin TO DEFAULT; SET LOCAL enable_mergejoin TO DEFAULT; SET LOCAL jit TO DEFAULT';
