import { Answers, Fails, Public, type Reply, SignedIn, callerSession } from '@banyan/kernel/http';
import { Body, Controller, Delete, Post, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { RefreshTokenReused, SessionEnded, WrongCredentials } from '../../contract/index.js';
import { type TokenPair, tokenPairSchema } from './access-tokens.js';
import { EndSession } from './end-session.js';
import { type Credentials, OpenSession, credentialsSchema } from './open-session.js';
import { RefreshSession, refreshSchema } from './refresh-session.js';

/** None of these takes an idempotency key: an answer with tokens in it must never be stored. */
@Controller('v1/sessions')
@ApiTags('identity')
export class SessionsController {
  constructor(
    private readonly openSession: OpenSession,
    private readonly refreshSession: RefreshSession,
    private readonly endSession: EndSession,
  ) {}

  @Post()
  @Public()
  @Answers(201, tokenPairSchema, 'Signed in.')
  @Fails(WrongCredentials)
  async open(@Body({ schema: credentialsSchema }) credentials: Credentials, @Res({ passthrough: true }) reply: Reply): Promise<TokenPair> {
    reply.header('Cache-Control', 'no-store');
    return this.openSession.run(credentials);
  }

  @Post('refresh')
  @Public()
  @Answers(200, tokenPairSchema, 'A new pair; the refresh token you sent works no more. Send one refresh at a time.')
  @Fails(RefreshTokenReused, SessionEnded)
  async refresh(@Body({ schema: refreshSchema }) body: z.output<typeof refreshSchema>, @Res({ passthrough: true }) reply: Reply): Promise<TokenPair> {
    reply.header('Cache-Control', 'no-store');
    return this.refreshSession.run(body);
  }

  @Delete('current')
  @SignedIn()
  @Answers(204, null, 'Signed out.')
  async end(): Promise<void> {
    await this.endSession.run(callerSession());
  }
}
