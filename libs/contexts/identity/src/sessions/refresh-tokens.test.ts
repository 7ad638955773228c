import { describe, expect, it } from '@jest/globals';
import { Secrets } from '@banyan/kernel/runtime';
import { RefreshTokens, hashOf } from './refresh-tokens.js';

describe('a refresh token', () => {
  it('has 256 bits, fits in a URL, differs each time and is found by its hash', () => {
    const tokens = new RefreshTokens(new Secrets());
    const [one, other] = [tokens.mint(), tokens.mint()];
    expect(one.token).toMatch(/^[\w-]{43}$/);
    expect(one.token).not.toBe(other.token);
    expect(hashOf(one.token)).toEqual(one.hash);
  });
});
