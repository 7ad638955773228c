import { EmailTaken, identityContract } from '../../contract/index.js';
import { Events } from '@banyan/kernel/messaging';
import { Database } from '@banyan/kernel/persistence';
import { Clock, Ids } from '@banyan/kernel/runtime';
import { Injectable } from '@nestjs/common';
import { Passwords } from './passwords.js';
import { newUserRoles, type Registration, type User } from './user.js';
import { UserRepository } from './user.repository.js';

/**
 * Registers a customer and announces it.
 * Through HTTP the idempotency key's transaction is open around all of this, so one connection waits while the
 * password is hashed (about 10 ms): the price for storing the answer together with the user.
 */
@Injectable()
export class RegisterUser {
  constructor(
    private readonly database: Database,
    private readonly users: UserRepository,
    private readonly passwords: Passwords,
    private readonly events: Events,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  /** @throws EmailTaken when somebody has the address, in whatever case it was written */
  async run({ email, password, name }: Registration): Promise<User> {
    if (await this.users.isTaken(email)) throw emailTaken();
    const passwordHash = await this.passwords.hash(password);
    return this.database.transaction(async () => {
      const user = { id: this.ids.next('user'), email, name, roles: newUserRoles };
      const added = await this.users.add(user, { passwordHash, registeredAt: this.clock.now() });
      if (added === 'email taken') throw emailTaken();
      this.events.announce(identityContract.events.userRegistered({ userId: user.id, email, name }));
      return user;
    });
  }
}

function emailTaken(): Error {
  return new EmailTaken('This email address is registered already. Sign in with it, or register with another one.');
}
