import { identityContract } from '@banyan/identity/contract';
import type { AppPlan } from '@banyan/kernel/app';
import { contexts } from './contexts.js';

/** The whole shop as one process. */
export const monolith: AppPlan = { name: 'monolith', title: 'Banyan shop', version: '1.0.0', contexts, fronts: contexts, issuer: identityContract };
