import { Injectable } from '@nestjs/common';
import { drawBytes } from './pinned.js';

/**
 * Chance as a context may know it, reproducible per input.
 * Not for secrets: whoever knows the input id knows the number. Secrets come from a cryptographic port.
 */
@Injectable()
export class Random {
  /** A number in [0, 1) from 48 bits of the named stream. */
  next(stream: string): number {
    return drawBytes(`random:${stream}`).readUIntBE(0, 6) / 2 ** 48;
  }
}
