import { Database } from '@banyan/kernel/persistence';
import { Clock } from '@banyan/kernel/runtime';
import { Injectable } from '@nestjs/common';

/** Which returns are booked, so that each is booked once. */
@Injectable()
export class ReturnRepository {
  constructor(private readonly database: Database, private readonly clock: Clock) {}

  /** @returns whether this transaction is the one that books the return; it waits for another that is about to */
  async open(returnId: string): Promise<boolean> {
    const made = await this.database.query(
      'INSERT INTO stock_return (return_id, returned_at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING return_id',
      [returnId, this.clock.now()],
    );
    return made.length > 0;
  }
}
