/** What PostgreSQL says about a statement, in the driver's shape. */
export class SqlError extends Error {
  constructor(readonly code: string, message: string) {
    super(message);
  }
}

export const uniqueViolation = (table: string): SqlError => new SqlError('23505', `duplicate key value violates unique constraint "${table}_pkey"`);
export const deadlock = (): SqlError => new SqlError('40P01', 'deadlock detected');
export const lockTimeout = (): SqlError => new SqlError('55P03', 'canceling statement due to lock timeout');
export const statementTimeout = (): SqlError => new SqlError('57014', 'canceling statement due to statement timeout');
export const inFailedTransaction = (): SqlError => new SqlError('25P02', 'current transaction is aborted, commands ignored until end of transaction block');
export const connectionLost = (): Error => new Error('Connection terminated unexpectedly');
