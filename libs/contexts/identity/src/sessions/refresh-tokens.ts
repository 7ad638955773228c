import { createHash } from 'node:crypto';
import { Secrets } from '@banyan/kernel/runtime';
import { Injectable } from '@nestjs/common';

/** A new refresh token: what the client gets, and what is kept. */
export interface MintedToken {
  readonly token: string;
  readonly hash: Buffer;
}

/** Makes refresh tokens of 256 random bits, 43 characters long. */
@Injectable()
export class RefreshTokens {
  constructor(private readonly secrets: Secrets) {}

  mint(): MintedToken {
    const token = this.secrets.bytes(32).toString('base64url');
    return { token, hash: hashOf(token) };
  }
}

/** A plain hash is enough here: 256 random bits cannot be guessed, however fast guessing is. */
export function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
