import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';

/**
 * Bytes that nobody can guess, from the operating system's generator: for tokens, keys and salts, which must
 * not follow from the input as `Random` and `Ids` do. The only door to such chance for a context.
 */
@Injectable()
export class Secrets {
  /** @param count how many bytes; 32 or more for whatever grants access */
  bytes(count: number): Buffer {
    return randomBytes(count);
  }
}
