import { describe, expect, it } from '@jest/globals';
import { judge, refreshTokenExpiry } from './session.js';

const now = new Date('2026-03-01T12:00:00Z');
const later = new Date('2026-03-01T12:00:01Z');
const open = { id: 's', userId: 'u', endedAt: null };
const ended = { ...open, endedAt: now };

describe('a refresh token', () => {
  it.each([
    ['rotates', 'rotate', open, { usedAt: null, expiresAt: later }],
    ['is over at the instant it expires', 'over', open, { usedAt: null, expiresAt: now }],
    ['is over when its session is', 'over', ended, { usedAt: null, expiresAt: later }],
    ['is reused when it was used', 'reused', open, { usedAt: now, expiresAt: later }],
    ['is reused even after its session ended', 'reused', ended, { usedAt: now, expiresAt: later }],
  ] as const)('%s', (_, verdict, session, token) => {
    expect(judge(session, token, now)).toBe(verdict);
  });

  it('lasts 30 days', () => {
    expect(refreshTokenExpiry(now).toISOString()).toBe('2026-03-31T12:00:00.000Z');
  });
});
