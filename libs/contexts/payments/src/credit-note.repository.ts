import { Database } from '@banyan/kernel/persistence';
import { Injectable } from '@nestjs/common';

export interface CreditNote {
  readonly id: string;
  readonly customerId: string;
  readonly amount: number;
  readonly issuedAt: Date;
}

/** Which credit notes are booked, so that each is booked once. */
@Injectable()
export class CreditNoteRepository {
  constructor(private readonly database: Database) {}

  /** @returns whether this transaction is the one that books it; it waits for another that is about to */
  async open({ id, customerId, amount, issuedAt }: CreditNote, creditedAt: Date): Promise<boolean> {
    const rows = await this.database.query(
      'INSERT INTO credit_note (id, customer_id, amount, issued_at, credited_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING id',
      [id, customerId, amount, issuedAt, creditedAt],
    );
    return rows.length > 0;
  }
}
