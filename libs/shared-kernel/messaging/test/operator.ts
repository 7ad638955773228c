import { randomUUID } from 'node:crypto';
import type { Changed, DiscardOutcome, ParkedFilter, ParkingWish, RedriveOutcome } from '../parking-words.js';
import type { Instance } from './instance.js';

/** Somebody who looks after the parked events of "left"; every wish is another one unless it says otherwise. */
export function wish(more: Partial<ParkingWish> = {}): ParkingWish {
  return { principalId: 'operator', idempotencyKey: randomUUID(), requestHash: 'this', reason: 'It was mended.', ...more };
}

export async function redrive(instance: Instance, filter: ParkedFilter, more: Partial<ParkingWish & { perSecond: number }> = {}): Promise<Changed<RedriveOutcome>> {
  return instance.messaging.left.parking.redrive({ ...wish(), filter, perSecond: 10_000, ...more });
}

export async function discard(instance: Instance, ids: readonly string[], more: Partial<ParkingWish> = {}): Promise<Changed<DiscardOutcome>> {
  return instance.messaging.left.parking.discard({ ...wish(), ids, ...more });
}
