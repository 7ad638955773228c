import { describe, expect, it } from '@jest/globals';
import { EFFECT, addUp, shortages } from './stock.js';

describe('stock', () => {
  it('adds up the lines of an article that an order names twice', () => {
    expect(addUp([{ sku: 'A', quantity: 2 }, { sku: 'B', quantity: 1 }, { sku: 'A', quantity: 3 }]))
      .toEqual([{ sku: 'A', quantity: 5 }, { sku: 'B', quantity: 1 }]);
  });

  it('names every article that is short, with what was wanted and what is free', () => {
    const levels = [{ sku: 'A', onHand: 10, reserved: 8 }, { sku: 'B', onHand: 5, reserved: 0 }];
    const wanted = [{ sku: 'A', quantity: 3 }, { sku: 'B', quantity: 5 }, { sku: 'C', quantity: 1 }];
    expect(shortages(wanted, levels)).toEqual([
      { sku: 'A', wanted: 3, available: 2 },
      { sku: 'C', wanted: 1, available: 0 },
    ]);
  });

  it('lets a reservation go through life and leave nothing behind', () => {
    const sum = (...kinds: (keyof typeof EFFECT)[]) => kinds.reduce(
      (level, kind) => ({ onHand: level.onHand + EFFECT[kind].onHand, reserved: level.reserved + EFFECT[kind].reserved }),
      { onHand: 0, reserved: 0 },
    );
    expect(sum('reserve', 'release')).toEqual({ onHand: 0, reserved: 0 });
    expect(sum('reserve', 'take', 'put-back')).toEqual({ onHand: 0, reserved: 0 });
    expect(sum('receipt', 'reserve', 'take')).toEqual({ onHand: 0, reserved: 0 });
  });
});
