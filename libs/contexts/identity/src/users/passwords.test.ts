import { describe, expect, it } from '@jest/globals';
import { Secrets } from '@banyan/kernel/runtime';
import { Passwords } from './passwords.js';

const passwords = new Passwords(new Secrets());

describe('a password', () => {
  it('is kept as an argon2id string with the cost that OWASP recommends, salted each time', async () => {
    const hashes = await Promise.all([passwords.hash('correct horse'), passwords.hash('correct horse')]);
    for (const hash of hashes) expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(hashes[0]).not.toBe(hashes[1]);
  });

  it('fits its own hash and no other', async () => {
    const hash = await passwords.hash('correct horse');
    expect(await passwords.fits('correct horse', hash)).toBe(true);
    expect(await passwords.fits('correct horsf', hash)).toBe(false);
  });

  it('fits however the keyboard composes its letters', async () => {
    const hash = await passwords.hash('caf\u00e9 au lait');
    expect(await passwords.fits('cafe\u0301 au lait', hash)).toBe(true);
  });

  it('never fits where nobody is, and takes about as long to say so', async () => {
    const hash = await passwords.hash('correct horse');
    expect(await passwords.fits('', undefined)).toBe(false);
    const known: number[] = [];
    const unknown: number[] = [];
    for (let i = 0; i < 15; i += 1) {
      known.push(await timed(() => passwords.fits('wrong horse', hash)));
      unknown.push(await timed(() => passwords.fits('wrong horse', undefined)));
    }
    // The quickest of each, taken in turns, as a busy machine only ever adds time; skipping the work would be a factor of thousands.
    const ratio = Math.min(...unknown) / Math.min(...known);
    expect(ratio).toBeGreaterThan(0.3);
    expect(ratio).toBeLessThan(3);
  });
});

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
