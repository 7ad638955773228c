import { describe, expect, it } from '@jest/globals';
import { ShipmentNotDeliverable, ShipmentNotDispatchable } from './errors.js';
import { type Shipment, cancel, deliver, dispatch, needsRecall, requestShipment } from './shipment.js';

const at = new Date('2011-01-04T10:00:00.000Z');
const later = new Date('2011-01-05T10:00:00.000Z');
const parcel = { carrier: 'Royal Mail', trackingNumber: 'RM-1' };

const pending = requestShipment({ id: 's', orderId: 'o', customerId: 'c' }, at);
const dispatched = dispatch(pending, parcel, at);
const delivered = deliver(dispatched, later);
const cancelled = cancel(pending, at);

describe('a shipment', () => {
  it('is pending, then leaves, then arrives', () => {
    expect(pending).toMatchObject({ progress: { is: 'pending' }, requestedAt: at });
    expect(dispatched.progress).toEqual({ is: 'dispatched', parcel, dispatchedAt: at });
    expect(delivered.progress).toEqual({ is: 'delivered', parcel, dispatchedAt: at, deliveredAt: later });
  });

  it('does not mind to be told the same again', () => {
    expect(dispatch(dispatched, { ...parcel }, later)).toBe(dispatched);
    expect(dispatch(delivered, { ...parcel }, later)).toBe(delivered);
    expect(deliver(delivered, later)).toBe(delivered);
    expect(cancel(cancelled, later)).toBe(cancelled);
  });

  it.each([['dispatched', dispatched], ['delivered', delivered]])('that is %s does not leave once more, otherwise', (_, gone) => {
    expect(() => dispatch(gone, { ...parcel, trackingNumber: 'RM-2' }, later)).toThrow(ShipmentNotDispatchable);
    expect(() => dispatch(gone, { ...parcel, carrier: 'A friend' }, later)).toThrow(/Royal Mail as RM-1/);
  });

  it('of a cancelled order stays here', () => {
    expect(cancelled).toMatchObject({ progress: { is: 'cancelled' }, orderCancelledAt: at });
    expect(() => dispatch(cancelled, parcel, later)).toThrow(ShipmentNotDispatchable);
  });

  it.each<[string, Shipment]>([['pending', pending], ['cancelled', cancelled]])('that is %s cannot have arrived', (_, here) => {
    expect(() => deliver(here, later)).toThrow(ShipmentNotDeliverable);
  });
});

describe('a recall', () => {
  it('is needed exactly when the goods left before the order was cancelled', () => {
    expect([pending, cancelled, dispatched, delivered].filter(needsRecall)).toEqual([]);
    expect(cancel(dispatched, later)).toMatchObject({ progress: dispatched.progress, orderCancelledAt: later });
    expect([cancel(dispatched, later), cancel(delivered, later), deliver(cancel(dispatched, at), later)].map(needsRecall)).toEqual([true, true, true]);
  });
});
