import { Injectable } from '@nestjs/common';
import { requireInput } from './input.js';

/** The time as a context may know it: one instant for the whole input, so that a replay sees the same. */
@Injectable()
export class Clock {
  now(): Date {
    return new Date(requireInput().at);
  }
}
