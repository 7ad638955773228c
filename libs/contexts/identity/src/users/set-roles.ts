import { LastOperator } from '../../contract/index.js';
import { NotFound } from '@banyan/kernel/contract';
import { Database } from '@banyan/kernel/persistence';
import { Injectable } from '@nestjs/common';
import { leavesAnOperator, type Role, type User } from './user.js';
import { UserRepository } from './user.repository.js';

/**
 * Gives a user these roles and no others. Access tokens that are out keep the old ones until they expire;
 * the next refresh brings the new ones.
 * Holds the rows of all operators until commit, so that two operators cannot dismiss each other.
 */
@Injectable()
export class SetRoles {
  constructor(private readonly database: Database, private readonly users: UserRepository) {}

  /**
   * @throws LastOperator when the only operator would stop being one
   * @throws NotFound when there is no such user
   */
  async run(userId: string, roles: readonly Role[]): Promise<User> {
    return this.database.transaction(async () => {
      const operators = await this.users.lockOperators();
      if (!leavesAnOperator(userId, roles, operators)) {
        throw new LastOperator('This user is the only operator. Make somebody else operator first.', { userId });
      }
      const user = await this.users.setRoles(userId, [...new Set(roles)]);
      if (!user) throw new NotFound(`There is no user ${userId}.`);
      return user;
    });
  }
}
