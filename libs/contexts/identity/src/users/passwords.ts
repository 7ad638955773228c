import { Secrets } from '@banyan/kernel/runtime';
import { Injectable } from '@nestjs/common';
import { hash, verify } from '@node-rs/argon2';

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. About 10 ms of one core per password. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 };
const SALT_BYTES = 16;

/** No password leads here, and checking one against it takes as long as against a real hash. */
const NOBODY = [
  '', 'argon2id', 'v=19', `m=${COST.memoryCost},t=${COST.timeCost},p=${COST.parallelism}`,
  zeros(SALT_BYTES), zeros(COST.outputLen),
].join('$');

/**
 * Turns passwords into PHC strings and checks them. The work runs on libuv's pool, not on the event loop: four at a
 * time unless UV_THREADPOOL_SIZE says otherwise, which also bounds the memory that a flood of sign-ins can take.
 */
@Injectable()
export class Passwords {
  constructor(private readonly secrets: Secrets) {}

  /** An argon2id hash (the library's default kind) with its parameters and its own salt in front. */
  async hash(password: string): Promise<string> {
    return hash(composed(password), { ...COST, salt: this.secrets.bytes(SALT_BYTES) });
  }

  /** Does the password fit? Without a hash it does not, and the answer takes as long. */
  async fits(password: string, stored: string | undefined): Promise<boolean> {
    const fits = await verify(stored ?? NOBODY, composed(password));
    return fits && stored !== undefined;
  }
}

/** One keyboard sends é as one code point, another as two: both are the same password. */
function composed(password: string): string {
  return password.normalize('NFC');
}

function zeros(bytes: number): string {
  return Buffer.alloc(bytes).toString('base64').replaceAll('=', '');
}
