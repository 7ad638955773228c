import { logger } from '@banyan/kernel/observability';
import { Database } from '@banyan/kernel/persistence';
import { Clock, Secrets, runInput } from '@banyan/kernel/runtime';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { JWK } from 'jose';
import { outlived, publicJwkOf, type SigningKey, signingAt, signingKeyOf, successorDue } from './signing-key.js';
import { SigningKeyRepository } from './signing-key.repository.js';

const log = logger('identity');

/**
 * The keys that access tokens are signed with. Whoever needs one when a new one is due makes it: the lock on the
 * table lets one process at a time look and add, so that all of them sign with the same key. There is a key from the
 * start on, so that nobody caches an empty key set.
 */
@Injectable()
export class KeyRing implements OnApplicationBootstrap {
  constructor(
    private readonly database: Database,
    private readonly keys: SigningKeyRepository,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await runInput({ context: 'identity' }, () => this.signing());
  }

  /** The key to sign with now. */
  async signing(): Promise<SigningKey> {
    const now = this.clock.now();
    const keys = await this.keys.all();
    const current = signingAt(successorDue(keys, now) ? await this.renew(now) : keys, now);
    if (!current) throw new Error('There is no signing key although one was just made: somebody empties the table signing_key.');
    return current;
  }

  /** The public keys with which a token that is still good, or will be signed soon, can be verified. */
  async published(): Promise<JWK[]> {
    const keys = await this.keys.all();
    const gone = new Set(outlived(keys, this.clock.now()));
    return keys.filter((key) => !gone.has(key)).map(publicJwkOf);
  }

  private async renew(now: Date): Promise<SigningKey[]> {
    return this.database.transaction(async () => {
      await this.keys.lock();
      const keys = await this.keys.all();
      const signsFrom = successorDue(keys, now);
      if (!signsFrom) return keys;
      const successor = await signingKeyOf(this.secrets.bytes(32), signsFrom);
      await this.keys.remove(outlived(keys, now));
      await this.keys.add(successor);
      this.database.afterCommit(() => log.info({ kid: successor.kid, signsFrom: signsFrom.toISOString() }, 'Made a signing key.'));
      return [...keys, successor];
    });
  }
}
