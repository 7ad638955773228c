import { catalog } from '@banyan/catalog';
import { identity } from '@banyan/identity';
import { inventory } from '@banyan/inventory';
import { notifications } from '@banyan/notifications';
import { ordering } from '@banyan/ordering';
import { payments } from '@banyan/payments';
import { reporting } from '@banyan/reporting';
import { shipping } from '@banyan/shipping';

/** Every bounded context of the shop. */
export const contexts = [
  identity,
  catalog,
  inventory,
  payments,
  ordering,
  shipping,
  notifications,
  reporting,
] as const;
