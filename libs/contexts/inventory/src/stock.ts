/** What stands on the shelf of one article, in pieces. */
export interface StockLevel {
  readonly sku: string;
  readonly onHand: number;
  /** Promised to orders and still on the shelf; never more than is on hand. */
  readonly reserved: number;
}

export interface StockLine {
  readonly sku: string;
  readonly quantity: number;
}

/** One article of which there is less than was asked for. */
export interface Shortage {
  readonly sku: string;
  readonly wanted: number;
  readonly available: number;
}

export type MovementKind = 'receipt' | 'reserve' | 'release' | 'take' | 'put-back' | 'return';

/** What one piece of each movement does to the two figures of a shelf. */
export const EFFECT: Readonly<Record<MovementKind, { readonly onHand: -1 | 0 | 1; readonly reserved: -1 | 0 | 1 }>> = {
  receipt: { onHand: 1, reserved: 0 },
  reserve: { onHand: 0, reserved: 1 },
  release: { onHand: 0, reserved: -1 },
  take: { onHand: -1, reserved: -1 },
  'put-back': { onHand: 1, reserved: 0 },
  return: { onHand: 1, reserved: 0 },
};

export function available(level: StockLevel): number {
  return level.onHand - level.reserved;
}

/** One line per article: an order may name an article several times, at several prices. */
export function addUp(lines: readonly StockLine[]): StockLine[] {
  const quantities = new Map<string, number>();
  for (const { sku, quantity } of lines) quantities.set(sku, (quantities.get(sku) ?? 0) + quantity);
  return [...quantities].map(([sku, quantity]) => ({ sku, quantity }));
}

/** Every article that the shelves cannot serve; one that was never on a shelf has nothing available. */
export function shortages(wanted: readonly StockLine[], levels: readonly StockLevel[]): Shortage[] {
  const free = new Map(levels.map((level) => [level.sku, available(level)]));
  return wanted
    .map(({ sku, quantity }) => ({ sku, wanted: quantity, available: free.get(sku) ?? 0 }))
    .filter((line) => line.wanted > line.available);
}
