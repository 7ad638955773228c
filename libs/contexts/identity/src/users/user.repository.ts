import { Database } from '@banyan/kernel/persistence';
import { Injectable } from '@nestjs/common';
import type { Role, User } from './user.js';

interface UserRow {
  id: string;
  email: string;
  name: string;
  roles: Role[];
}

/** The only file that knows the table `user_account`. */
@Injectable()
export class UserRepository {
  constructor(private readonly database: Database) {}

  /**
   * Adds a user unless the address is taken; of two at the same time the second waits for the first to commit.
   * Served by user_account_email.
   */
  async add(user: User, secret: { passwordHash: string; registeredAt: Date }): Promise<'added' | 'email taken'> {
    const added = await this.database.query(
      `insert into user_account (id, email, name, password_hash, roles, registered_at) values ($1, $2, $3, $4, $5, $6)
       on conflict (email) do nothing returning id`,
      [user.id, user.email, user.name, secret.passwordHash, user.roles, secret.registeredAt],
    );
    return added.length > 0 ? 'added' : 'email taken';
  }

  /** Served by the primary key. */
  async byId(id: string): Promise<User | undefined> {
    const [row] = await this.database.query<UserRow>('select id, email, name, roles from user_account where id = $1', [id]);
    return row;
  }

  /** What a sign-in is checked against. Served by user_account_email. */
  async credentialsOf(email: string): Promise<{ user: User; passwordHash: string } | undefined> {
    const [row] = await this.database.query<UserRow & { password_hash: string }>(
      'select id, email, name, roles, password_hash from user_account where email = $1', [email],
    );
    if (!row) return undefined;
    const { password_hash: passwordHash, ...user } = row;
    return { user, passwordHash };
  }

  /** Served by user_account_email. */
  async isTaken(email: string): Promise<boolean> {
    const taken = await this.database.query('select 1 from user_account where email = $1', [email]);
    return taken.length > 0;
  }

  /** Served by user_account_operators. */
  async hasOperator(): Promise<boolean> {
    const found = await this.database.query("select 1 from user_account where 'operator' = any (roles) limit 1");
    return found.length > 0;
  }

  /** Until the transaction ends nobody else registers, changes roles or makes a first operator; reading goes on. */
  async lockAll(): Promise<void> {
    await this.database.query('lock table user_account in share row exclusive mode');
  }

  /**
   * Locks every operator's row, in the order of ids so that two callers queue up instead of blocking each other.
   * Who waited sees the roles as the one before left them. Served by user_account_operators.
   */
  async lockOperators(): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      "select id from user_account where 'operator' = any (roles) order by id for update",
    );
    return rows.map((row) => row.id);
  }

  /** Served by the primary key. */
  async setRoles(id: string, roles: readonly Role[]): Promise<User | undefined> {
    const [row] = await this.database.query<UserRow>(
      'update user_account set roles = $2 where id = $1 returning id, email, name, roles', [id, roles],
    );
    return row;
  }
}
