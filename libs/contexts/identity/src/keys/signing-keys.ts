import type { OutputOf } from '@banyan/kernel/contract';
import { Handles } from '@banyan/kernel/rpc';
import { identityContract } from '../../contract/index.js';
import { KeyRing } from './key-ring.js';

/** Tells other contexts and processes which keys to verify access tokens with. */
@Handles(identityContract.queries.signingKeys)
export class SigningKeys {
  constructor(private readonly keys: KeyRing) {}

  async run(): Promise<OutputOf<typeof identityContract.queries.signingKeys>> {
    return { keys: (await this.keys.published()).map((key) => ({ ...key })) };
  }
}
