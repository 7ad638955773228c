import { Database } from '@banyan/kernel/persistence';
import { money } from '@banyan/kernel/words';
import { Injectable } from '@nestjs/common';
import type { CreditNote, CreditNoteStatus } from './credit-note.js';
import { creditNoteLines, insertLines, readLines } from './lines.sql.js';

interface CreditNoteRow {
  readonly id: string;
  readonly customer_id: string;
  readonly issued_at: Date;
  readonly status: CreditNoteStatus;
  readonly total: number;
}

export type CreditNoteSummary = Omit<CreditNote, 'lines'>;

/** The only file that knows the tables of credit notes. */
@Injectable()
export class CreditNoteRepository {
  constructor(private readonly database: Database) {}

  async insert(note: CreditNote): Promise<void> {
    await this.database.query(
      `INSERT INTO credit_note (id, customer_id, issued_at, status, total) VALUES ($1, $2, $3, $4, $5)`,
      [note.id, note.customerId, note.issuedAt, note.status, note.total.amount],
    );
    await insertLines(this.database, creditNoteLines, note.id, note.lines);
  }

  async find(id: string): Promise<CreditNote | undefined> {
    const [row] = await this.database.query<CreditNoteRow>(
      `SELECT id, customer_id, issued_at, status, total FROM credit_note WHERE id = $1`, [id],
    );
    return row && { ...summary(row), lines: await readLines(this.database, creditNoteLines, id) };
  }

  async markIssued(id: string): Promise<void> {
    await this.database.query(`UPDATE credit_note SET status = 'issued' WHERE id = $1`, [id]);
  }

  /** Newest first; served by credit_note_by_status or the primary key. */
  async list({ status, before, limit }: { status?: CreditNoteStatus | undefined; before?: string | undefined; limit: number }): Promise<CreditNoteSummary[]> {
    const rows = await this.database.query<CreditNoteRow>(
      `SELECT id, customer_id, issued_at, status, total FROM credit_note
       WHERE ($1::text IS NULL OR status = $1) AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
      [status ?? null, before ?? null, limit],
    );
    return rows.map(summary);
  }
}

function summary(row: CreditNoteRow): CreditNoteSummary {
  return { id: row.id, customerId: row.customer_id, issuedAt: row.issued_at, status: row.status, total: money(row.total) };
}
