import { Database } from '@banyan/kernel/persistence';
import { Injectable } from '@nestjs/common';
import type { Recipient } from './letter.js';

interface RecipientRow {
  readonly name: string | null;
  readonly email: string | null;
}

/**
 * The address book, the only place with personal data here. A customer of whom we have news and no address has a row
 * all the same: its lock is where the news and the registration meet, which come from two contexts in no order.
 */
@Injectable()
export class RecipientRepository {
  constructor(private readonly database: Database) {}

  /** Enters or changes an address, and holds its row until the transaction ends. */
  async enter(customerId: string, { name, email }: Recipient): Promise<void> {
    await this.database.query(
      `INSERT INTO recipient (customer_id, name, email) VALUES ($1, $2, $3)
       ON CONFLICT (customer_id) DO UPDATE SET name = excluded.name, email = excluded.email`,
      [customerId, name, email],
    );
  }

  /**
   * Is there an address? Until the transaction ends nobody enters one. A row that is missing is made; the second look
   * finds it, or what somebody else has committed in its place.
   */
  async holdsAddress(customerId: string): Promise<boolean> {
    const known = await this.share(customerId);
    if (known) return known.email !== null;
    await this.database.query('INSERT INTO recipient (customer_id) VALUES ($1) ON CONFLICT DO NOTHING', [customerId]);
    const made = await this.share(customerId);
    return made !== undefined && made.email !== null;
  }

  /** Where to write to; undefined without an address. Served by the primary key. */
  async find(customerId: string): Promise<Recipient | undefined> {
    const [row] = await this.database.query<RecipientRow>('SELECT name, email FROM recipient WHERE customer_id = $1', [customerId]);
    if (!row || row.name === null || row.email === null) return undefined;
    return { name: row.name, email: row.email };
  }

  /** Several may look at once, but none of them while the address changes. Served by the primary key. */
  private async share(customerId: string): Promise<RecipientRow | undefined> {
    const [row] = await this.database.query<RecipientRow>('SELECT name, email FROM recipient WHERE customer_id = $1 FOR SHARE', [customerId]);
    return row;
  }
}
