import { Answers, Public } from '@banyan/kernel/http';
import { Controller, Get, Header } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { KeyRing } from './key-ring.js';

const keySetSchema = z.strictObject({
  keys: z.array(z.looseObject({ kty: z.string(), kid: z.string(), alg: z.string(), use: z.string() })),
}).meta({ id: 'KeySet' });

@Controller('.well-known/jwks.json')
@ApiTags('identity')
export class JwksController {
  constructor(private readonly keys: KeyRing) {}

  /** A new key is published a day before it signs, so five minutes of caching never make a good token look bad. */
  @Get()
  @Public()
  @Header('Cache-Control', 'public, max-age=300')
  @Answers(200, keySetSchema, 'The public keys of this shop\'s access tokens (RFC 7517).')
  async keySet() {
    return { keys: await this.keys.published() };
  }
}
