import { z } from 'zod';
import type { Auditor, Check } from './auditor.js';
import type { Books } from './books.js';
import { inFlight } from './in-flight.js';
import { formatCount } from './pennies.js';
import type { Survey } from './survey.js';

const Stock = z.looseObject({ onHand: z.int(), reserved: z.int() });

/** Holds stock on hand against received − sold + returned for every article of the file; nothing may stay reserved. */
export async function auditStock(
  books: Books,
  { articles }: Survey,
  { shop, screen, concurrency, stop }: Auditor,
  settled: (look: () => Promise<string[]>) => Promise<string[]>,
): Promise<Check> {
  let open = [...articles.keys()];
  const look = async (): Promise<string[]> => {
    const task = screen.begin('stock', open.length);
    const differing = new Map<string, string>();
    try {
      await inFlight(open, concurrency, stop, (sku) =>
        task.step(async () => {
          const { sold, returned } = books.articles.get(sku) ?? { sold: 0, returned: 0 };
          const expected = (articles.get(sku)?.sold ?? 0) - sold + returned;
          // An article that was only ever returned has no shelf before its first credit note.
          const stock = (await shop.find(`/v1/stock/${encodeURIComponent(sku)}`, Stock)) ?? { onHand: 0, reserved: 0 };
          const difference = describe(sku, expected, stock);
          if (difference) differing.set(sku, difference);
        }),
      );
    } finally {
      task.end();
    }
    // Only what differed is looked at again.
    open = open.filter((sku) => differing.has(sku));
    return open.flatMap((sku) => differing.get(sku) ?? []);
  };
  const differences = await settled(look);
  return { name: 'stock by article', compared: `${formatCount(articles.size)} articles`, differences };
}

function describe(sku: string, expected: number, { onHand, reserved }: z.infer<typeof Stock>): string | undefined {
  if (onHand === expected && reserved === 0) return undefined;
  const stuck = reserved === 0 ? '' : `, ${formatCount(reserved)} still reserved`;
  return `${sku}: ${formatCount(expected)} by the file, ${formatCount(onHand)} on hand${stuck}`;
}
