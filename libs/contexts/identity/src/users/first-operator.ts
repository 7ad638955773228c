import { identityContract } from '../../contract/index.js';
import { Events } from '@banyan/kernel/messaging';
import { logger } from '@banyan/kernel/observability';
import { Database } from '@banyan/kernel/persistence';
import { Clock, Ids, runInput } from '@banyan/kernel/runtime';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { IdentitySettings } from '../settings.js';
import { Passwords } from './passwords.js';
import { firstOperatorRoles, type Registration, registrationSchema } from './user.js';
import { UserRepository } from './user.repository.js';

const log = logger('identity');

/**
 * Makes the first operator when the app starts and nobody is operator yet; whoever is one already stays as they are.
 * Any number of processes may start at once: the lock on the table lets one of them look and add at a time, and a
 * process that dies holding it lets go with its connection.
 */
@Injectable()
export class FirstOperator implements OnApplicationBootstrap {
  constructor(
    private readonly settings: IdentitySettings,
    private readonly database: Database,
    private readonly users: UserRepository,
    private readonly passwords: Passwords,
    private readonly events: Events,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await runInput({ context: 'identity' }, () => this.run());
  }

  /** @throws Error when the settings name an address that cannot become an operator's; the app then does not start */
  private async run(): Promise<void> {
    if (!this.settings.operator || await this.users.hasOperator()) return;
    const operator = readOperator(this.settings.operator);
    const passwordHash = await this.passwords.hash(operator.password);
    await this.database.transaction(async () => {
      await this.users.lockAll();
      if (await this.users.hasOperator()) return;
      await this.add(operator, passwordHash);
    });
  }

  private async add({ email, name }: Registration, passwordHash: string): Promise<void> {
    const userId = this.ids.next('user');
    const added = await this.users.add({ id: userId, email, name, roles: firstOperatorRoles }, { passwordHash, registeredAt: this.clock.now() });
    // Raising whoever registered with this address would let a stranger who knew it take over.
    if (added === 'email taken') {
      throw new Error('The first operator cannot be made as configured: somebody has registered with this address. Configure another one.');
    }
    this.events.announce(identityContract.events.userRegistered({ userId, email, name }));
    this.database.afterCommit(() => log.info({ userId }, 'Nobody was operator; made the first one.'));
  }
}

function readOperator(operator: { email: string; password: string }): Registration {
  const parsed = registrationSchema.safeParse({ ...operator, name: 'Operator' });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`The first operator cannot be made as configured. ${problems.join(' ')}`);
}
