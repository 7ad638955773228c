import { describe, expect, it } from '@jest/globals';
import type { Call, Transport } from '../../rpc/index.js';
import { deadlineIn, runInput, wallClock } from '../../runtime/index.js';
import type { Fault } from './fault.js';
import { Faults } from './faults.js';

const call: Call = { operation: 'payments.capture-payment', input: {}, idempotencyKey: 'one' };
const inner: Transport = { send: async () => 'answered' };
const set = (fault: Partial<Fault>, endsAt = wallClock.ticks() + 60_000) =>
  () => [{ target: 'payments', kind: 'error', delayMs: 0, percent: 100, side: undefined, endsAt, ...fault } as const];

function sent(standing: ReturnType<typeof set>, { faults, deadlineMs = 5_000, obeysHeader = false }: { faults?: string; deadlineMs?: number; obeysHeader?: boolean } = {}): Promise<unknown> {
  const transport = new Faults({ side: 'embedded', standing, obeysHeader }).around(inner);
  return runInput({ deadline: deadlineIn(deadlineMs), ...(faults !== undefined && { faults }) }, () => transport.send(call));
}

describe('faults on purpose', () => {
  it.each(['payments', 'payments.capture-payment'])('hit calls of %s', async (target) => {
    await expect(sent(set({ target }))).rejects.toMatchObject({ code: 'injected-fault' });
  });

  it.each<{ what: string; fault: Partial<Fault>; endsAt?: number }>([
    { what: 'another context', fault: { target: 'catalog' } },
    { what: 'another operation', fault: { target: 'payments.authorize-payment' } },
    { what: 'the other side', fault: { side: 'extracted' } },
    { what: 'a time that is over', fault: {}, endsAt: wallClock.ticks() - 1 },
  ])('of $what do not hit', async ({ fault, endsAt }) => {
    expect(await sent(set(fault, endsAt))).toBe('answered');
  });

  it('hit as many of a hundred as was asked for', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 2_000 }, () => sent(set({ percent: 20 }))));
    const hit = outcomes.filter(({ status }) => status === 'rejected').length;
    // Six standard deviations around 400.
    expect(Math.abs(hit - 400)).toBeLessThan(110);
  });

  it('that drop a call leave its caller waiting until the deadline, and run nothing', async () => {
    let ran = 0;
    const transport = new Faults({ side: 'embedded', standing: set({ kind: 'drop' }), obeysHeader: false }).around({ send: async () => { ran += 1; } });
    const deadline = deadlineIn(120);
    await expect(runInput({ deadline }, () => transport.send(call))).rejects.toMatchObject({ code: 'injected-fault' });
    expect({ ran, isLate: wallClock.now() >= deadline }).toEqual({ ran: 0, isLate: true });
  });

  it('that delay never make a call late in vain: when its time is up it is not run any more', async () => {
    await expect(sent(set({ kind: 'delay', delayMs: 60_000 }), { deadlineMs: 60 })).rejects.toMatchObject({ code: 'deadline-exceeded' });
    expect(await sent(set({ kind: 'delay', delayMs: 5 }))).toBe('answered');
  });

  it('can be asked for by a request in development, and not elsewhere', async () => {
    const none = () => [];
    await expect(sent(none, { faults: 'catalog drop, payments.capture-payment error', obeysHeader: true })).rejects.toMatchObject({ code: 'injected-fault' });
    expect(await sent(none, { faults: 'payments error' })).toBe('answered');
  });

  it.each(['payments', 'payments burn', 'payments delay', 'payments error 20', 'payments delay 99999', '', 'Payments error', `${'x'.repeat(300)} error`])('refuse to be asked for by "%s"', async (faults) => {
    await expect(sent(() => [], { faults, obeysHeader: true })).rejects.toMatchObject({ code: 'invalid-input', message: expect.stringContaining('payments delay 2000') });
  });
});
