import { defineContext } from '@banyan/kernel/context';
import { identityContract } from '../contract/index.js';
import { JwksController } from './keys/jwks.controller.js';
import { KeyRing } from './keys/key-ring.js';
import { SigningKeyRepository } from './keys/signing-key.repository.js';
import { SigningKeys } from './keys/signing-keys.js';
import { initial } from './migrations/0001-initial.js';
import { AccessTokens } from './sessions/access-tokens.js';
import { EndSession } from './sessions/end-session.js';
import { OpenSession } from './sessions/open-session.js';
import { RefreshSession } from './sessions/refresh-session.js';
import { RefreshTokens } from './sessions/refresh-tokens.js';
import { SessionRepository } from './sessions/session.repository.js';
import { SessionStatus } from './sessions/session-status.js';
import { SessionsController } from './sessions/sessions.controller.js';
import { FirstOperator } from './users/first-operator.js';
import { Passwords } from './users/passwords.js';
import { RegisterUser } from './users/register-user.js';
import { SetRoles } from './users/set-roles.js';
import { UserRepository } from './users/user.repository.js';
import { UsersController } from './users/users.controller.js';
import { identitySettings } from './settings.js';

/** Who somebody is, what they may do, and how they prove it. */
export const identity = defineContext({
  name: 'identity',
  owner: 'team-access',
  contract: identityContract,
  calls: [],
  listensTo: [],
  settings: identitySettings,
  entities: [],
  migrations: [initial],
  handlers: [SigningKeys, SessionStatus],
  sagas: [],
  controllers: [UsersController, SessionsController, JwksController],
  providers: [
    UserRepository, Passwords, RegisterUser, SetRoles, FirstOperator,
    SessionRepository, RefreshTokens, AccessTokens, OpenSession, RefreshSession, EndSession,
    SigningKeyRepository, KeyRing,
  ],
});
