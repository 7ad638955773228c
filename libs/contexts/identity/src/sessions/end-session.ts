import { Clock } from '@banyan/kernel/runtime';
import { Injectable } from '@nestjs/common';
import { SessionRepository } from './session.repository.js';

/**
 * Signs out: no refresh token of the session works any more, and neither does its access token wherever
 * `identity.session-status` is asked. Done twice it is done.
 */
@Injectable()
export class EndSession {
  constructor(private readonly sessions: SessionRepository, private readonly clock: Clock) {}

  async run(sessionId: string): Promise<void> {
    await this.sessions.end(sessionId, this.clock.now(), 'signed-out');
  }
}
