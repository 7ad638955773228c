import { randomUUID } from 'node:crypto';
import { type ShadowUnderTest, shadowUnderTest } from '../../testing/index.js';
import { type Planted, neighbours, till } from './till.fixture.js';

export const key = () => ({ idempotencyKey: randomUUID() });

/** A till, and beside it another version of it. */
export function tillUnderTest(planted?: Planted, hangMs = 2_000): Promise<ShadowUnderTest> {
  return shadowUnderTest(till(), till(planted), { neighbours, hangMs, ...around });
}

/** A till, another version of it, and beside both the one that serves once more. */
export function tillWithControl({ original, candidate, control }: Readonly<Record<'original' | 'candidate' | 'control', Planted>>): Promise<ShadowUnderTest> {
  return shadowUnderTest(till(original), till(candidate), { neighbours, control: till(control), ...around });
}

/** A till, and beside it the very same build: whatever is found is a false alarm. @param personal names of fields that tell who a person is */
export function tillTwice(planted: Planted = { instead: [] }, personal: readonly string[] = ['email', 'name']): Promise<ShadowUnderTest> {
  const build = { ...till(planted), personal };
  return shadowUnderTest(build, build, { neighbours, ...around });
}

const around = { sagas: { firstPauseMs: 5, longestPauseMs: 50, pollMs: 50 }, poolSize: 10 } as const;
