import { type Contract, command, defineContract, defineError, event, query } from '@banyan/kernel/contract';
import { z } from 'zod';

export const ShelfEmpty = defineError({ code: 'test-shelf-empty', http: 409, grpc: 'FAILED_PRECONDITION', retryable: false, help: 'Made for a test.' });
export const ShelfLocked = defineError({ code: 'test-shelf-locked', http: 503, grpc: 'UNAVAILABLE', retryable: true, help: 'Made for a test.' });

const id = z.uuid();

export const takeInput = z.strictObject({ bookId: id, copies: z.int().min(1).max(10), note: z.string().max(50).optional() });
export const takeOutput = z.strictObject({ loanId: id, due: z.iso.date().nullable(), status: z.enum(['lent', 'queued']) });
export const findOutput = z.strictObject({ books: z.array(z.strictObject({ bookId: id, title: z.string() })) });
export const lent = z.strictObject({
  loanId: id,
  books: z.array(z.strictObject({ bookId: id, title: z.string().min(1) })).min(1),
  reader: z.discriminatedUnion('is', [z.strictObject({ is: z.literal('member'), number: z.int() }), z.strictObject({ is: z.literal('guest'), name: z.string() })]),
  due: z.iso.date(),
  note: z.string().optional(),
});

export const takeBook = command('shelf.take-book', { input: takeInput, output: takeOutput, errors: [ShelfEmpty] });
export const findBooks = query('shelf.find-books', { input: z.strictObject({ title: z.string() }), output: findOutput });
export const loan = { version: 1, aggregateType: 'loan', aggregateId: (it: { loanId: string }) => it.loanId, payload: lent };
export const bookLent = event('shelf.book-lent', loan);

type Parts = Partial<Pick<Contract, 'commands' | 'queries' | 'events'>>;

/** A contract with one of each, as it was released; parts of it may be others. */
export function shelfContract(parts: Parts = {}): Contract {
  return defineContract<Contract['commands'], Contract['queries'], Contract['events']>({ name: 'shelf', commands: { takeBook }, queries: { findBooks }, events: { bookLent }, ...parts });
}
