import { Injectable } from '@nestjs/common';
import { requireInput } from './input.js';
import { drawBytes } from './pinned.js';

/** Ids as a context may make them: UUIDv7 (RFC 9562, 5.7) from the pinned instant and the input's own stream. */
@Injectable()
export class Ids {
  /** @param stream what the id is for, for example `order`; each stream counts for itself */
  next(stream: string): string {
    const bytes = drawBytes(`id:${stream}`).subarray(0, 16);
    bytes.writeUIntBE(requireInput().at.getTime(), 0, 6);
    bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
    bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
    const hex = bytes.toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }
}
