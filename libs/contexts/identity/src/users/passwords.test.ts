import * as argon2 from '@node-rs/argon2';
import { describe, expect, it, jest } from '@jest/globals';
import { Secrets } from '@banyan/kernel/runtime';

/** What was looked at: the library does it as ever. */
const verify = jest.fn(argon2.verify);
jest.unstable_mockModule('@node-rs/argon2', () => ({ ...argon2, verify }));
const { Passwords } = await import('./passwords.js');

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

  it('never fits where nobody is, and does the same work to say so', async () => {
    const hash = await passwords.hash('correct horse');
    verify.mockClear();
    expect(await passwords.fits('wrong horse', hash)).toBe(false);
    expect(await passwords.fits('wrong horse', undefined)).toBe(false);
    expect(await passwords.fits('', undefined)).toBe(false);
    // How long argon2 takes, its parameters say, and the lengths of salt and hash: not what is in them.
    const work = ([stored, password]: Parameters<typeof argon2.verify>) => ({ shape: String(stored).replace(/\$[\w+/]+\$[\w+/]+$/, (it) => `$${it.length}`), password });
    const [known, unknown, empty] = verify.mock.calls.map((it) => work(it));
    expect(known).toEqual({ shape: '$argon2id$v=19$m=19456,t=2,p=1$67', password: 'wrong horse' });
    expect(unknown).toEqual(known);
    expect(empty).toEqual({ ...known, password: '' });
    // Each of them was understood and computed, none was refused beforehand.
    expect(await Promise.all(verify.mock.results.map((it) => it.value))).toEqual([false, false, false]);
  });
});
