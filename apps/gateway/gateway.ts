import { catalog } from '@banyan/catalog';
import { identity } from '@banyan/identity';
import { identityContract } from '@banyan/identity/contract';
import { inventory } from '@banyan/inventory';
import type { AppPlan } from '@banyan/kernel/app';
import { notifications } from '@banyan/notifications';
import { ordering } from '@banyan/ordering';
import { payments } from '@banyan/payments';
import { reporting } from '@banyan/reporting';
import { shipping } from '@banyan/shipping';

/** The way into the shop for the day that the monolith is gone: no context lives in it, and it sends requests to wherever they do. */
export const gateway: AppPlan = {
  name: 'gateway', title: 'Banyan shop', version: '1.0.0', contexts: [],
  fronts: [identity, catalog, inventory, payments, ordering, shipping, notifications, reporting],
  issuer: identityContract,
};
