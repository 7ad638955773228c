import { defineContract } from '@banyan/kernel/contract';

/** Reporting only listens: nobody calls it, and it announces nothing. */
export const reportingContract = defineContract({ name: 'reporting', commands: {}, queries: {}, events: {} });
