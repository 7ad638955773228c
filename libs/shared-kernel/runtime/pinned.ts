import { hash } from 'node:crypto';
import { requireInput } from './input.js';

/** 32 bytes = f(input id, named stream, ordinal in that stream): the same input draws the same values again. */
export function drawBytes(stream: string): Buffer {
  const { inputId, ordinals } = requireInput();
  const ordinal = ordinals.get(stream) ?? 0;
  ordinals.set(stream, ordinal + 1);
  return hash('sha256', `${inputId}\n${stream}\n${ordinal}`, 'buffer');
}
