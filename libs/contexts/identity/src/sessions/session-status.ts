import type { InputOf, OutputOf } from '@banyan/kernel/contract';
import { Handles } from '@banyan/kernel/rpc';
import { identityContract } from '../../contract/index.js';
import { SessionRepository } from './session.repository.js';

const { sessionStatus } = identityContract.queries;

/** Tells whoever is shown an access token whether its session was ended; one look by primary key. */
@Handles(sessionStatus)
export class SessionStatus {
  constructor(private readonly sessions: SessionRepository) {}

  async run({ sessionId }: InputOf<typeof sessionStatus>): Promise<OutputOf<typeof sessionStatus>> {
    return { isRevoked: !await this.sessions.isOpen(sessionId) };
  }
}
