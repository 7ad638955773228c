import { identityContract } from '@banyan/identity/contract';
import type { PayloadOf } from '@banyan/kernel/contract';
import { Handles } from '@banyan/kernel/rpc';
import { OrderReportRepository } from './order-report.repository.js';

const { userRegistered } = identityContract.events;

@Handles(userRegistered)
export class NoteUser {
  constructor(private readonly reports: OrderReportRepository) {}

  async run({ userId, name, email }: PayloadOf<typeof userRegistered>): Promise<void> {
    await this.reports.noteCustomer({ id: userId, name, email });
  }
}
