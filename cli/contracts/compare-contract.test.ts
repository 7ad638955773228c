import { describe, expect, it } from '@jest/globals';
import { type Contract, command, event, query } from '@banyan/kernel/contract';
import { z } from 'zod';
import { compareContract } from './compare-contract.js';
import type { Others } from './finding.js';
import { nextRelease, unretirable } from './release.js';
import { snapshotOf } from './snapshot.js';
import { ShelfEmpty, ShelfLocked, bookLent, findBooks, findOutput, lent, loan, shelfContract, takeBook, takeInput, takeOutput } from './testing/shelf.js';

const others: Others = { callers: ['desk'], listeners: new Map([['shelf.book-lent', ['reminders']]]) };
const released = nextRelease(undefined, shelfContract(), [], { retired: [] });
const check = (contract: Contract) => compareContract(released, contract, others);
const rules = (contract: Contract) => check(contract).broken.map(({ rule, path }) => `${rule} ${path}`.trim());

const commandWith = (parts: object) => shelfContract({ commands: { takeBook: command('shelf.take-book', { input: takeInput, output: takeOutput, errors: [ShelfEmpty], ...parts }) } });
const queryWith = (parts: object) => shelfContract({ queries: { findBooks: query('shelf.find-books', { input: findBooks.input, output: findOutput, ...parts }) } });
const eventWith = (payload: z.ZodType, more: object = {}) => shelfContract({
  events: { bookLent: event('shelf.book-lent', { version: 1, aggregateType: 'loan', aggregateId: (it) => (it as { loanId: string }).loanId, payload, ...more }) },
});
const without = <T extends z.ZodRawShape>(schema: z.ZodObject<T>, name: keyof T & string) => schema.omit({ [name]: true } as never);

/** A change that somebody plants, and what must be said of it; an empty list where nobody is broken. */
type Planted = [string, Contract, string[]];

const commands: Planted[] = [
  ['a required input', commandWith({ input: takeInput.extend({ desk: z.string() }) }), ['input-added-required /desk']],
  ['an optional input', commandWith({ input: takeInput.extend({ desk: z.string().optional() }) }), []],
  ['an input with a default', commandWith({ input: takeInput.extend({ desk: z.string().default('main') }) }), ['input-added-optional /desk']],
  ['an input less', commandWith({ input: without(takeInput, 'copies') }), ['input-removed /copies']],
  ['an input under another name', commandWith({ input: without(takeInput, 'copies').extend({ count: takeInput.shape.copies }) }), ['input-renamed /copies']],
  ['an input that was optional and is required', commandWith({ input: takeInput.required({ note: true }) }), ['input-became-required /note']],
  ['a required input that is optional', commandWith({ input: takeInput.partial({ copies: true }) }), []],
  ['a narrower input', commandWith({ input: takeInput.extend({ copies: z.int().min(1).max(5) }) }), ['input-narrowed /copies']],
  ['a wider input', commandWith({ input: takeInput.extend({ copies: z.int().min(1).max(50) }) }), []],
  ['an input of another type', commandWith({ input: takeInput.extend({ copies: z.string() }) }), ['input-changed /copies']],
  ['an optional output', commandWith({ output: takeOutput.extend({ desk: z.string().optional() }) }), []],
  ['a required output, which stored answers lack', commandWith({ output: takeOutput.extend({ desk: z.string() }) }), ['output-added-required /desk']],
  ['an output less', commandWith({ output: without(takeOutput, 'due') }), ['output-removed /due']],
  ['an output under another name', commandWith({ output: without(takeOutput, 'due').extend({ until: takeOutput.shape.due }) }), ['output-renamed /due']],
  ['an output that may be missing', commandWith({ output: takeOutput.partial({ due: true }) }), ['output-became-optional /due']],
  ['a value of an output enum more', commandWith({ output: takeOutput.extend({ status: z.enum(['lent', 'queued', 'refused']) }) }), ['output-widened /status']],
  ['a value of an output enum less, which stored answers hold', commandWith({ output: takeOutput.extend({ status: z.enum(['lent']) }) }), ['output-narrowed /status']],
  ['null no longer answered, which stored answers hold', commandWith({ output: takeOutput.extend({ due: z.iso.date() }) }), ['output-narrowed /due']],
  ['an error less', commandWith({ errors: [] }), ['error-removed test-shelf-empty']],
  ['an error more', commandWith({ errors: [ShelfEmpty, ShelfLocked] }), []],
  ['no command', shelfContract({ commands: {} }), ['operation-removed']],
  ['a command that is a query', shelfContract({ commands: {}, queries: { findBooks, takeBook: query('shelf.take-book', { input: takeInput, output: takeOutput }) } }), ['operation-kind-changed']],
  ['a command more', shelfContract({ commands: { takeBook, giveBack: command('shelf.give-back', { input: takeInput, output: takeOutput }) } }), []],
];

const queries: Planted[] = [
  ['a required input', queryWith({ input: findBooks.input.extend({ shelf: z.int() }) }), ['input-added-required /shelf']],
  ['an input with a default', queryWith({ input: findBooks.input.extend({ shelf: z.int().default(1) }) }), []],
  ['a required output, since nothing is stored', queryWith({ output: findOutput.extend({ total: z.int() }) }), []],
  ['a narrower output, since nothing is stored', queryWith({ output: z.strictObject({ books: findOutput.shape.books.max(100) }) }), []],
  ['an output field less', queryWith({ output: z.strictObject({ books: z.array(z.strictObject({ bookId: z.uuid() })) }) }), ['output-removed /books[]/title']],
  ['no query', shelfContract({ queries: {} }), ['operation-removed']],
];

const upcast = { 1: (older: unknown) => ({ ...lent.parse(older), desk: 'main' }) };
const events: Planted[] = [
  ['nothing', shelfContract(), []],
  ['an optional field', eventWith(lent.extend({ desk: z.string().optional() })), []],
  ['a required field', eventWith(lent.extend({ desk: z.string() })), ['payload-added-required /desk']],
  ['a field with a default', eventWith(lent.extend({ desk: z.string().default('main') })), []],
  ['a field less', eventWith(without(lent, 'due')), ['payload-removed /due']],
  ['a field under another name', eventWith(without(lent, 'due').extend({ until: lent.shape.due })), ['payload-renamed /due']],
  ['a field that was optional and is required', eventWith(lent.required({ note: true })), ['payload-became-required /note']],
  ['a required field that is optional', eventWith(lent.partial({ due: true })), ['payload-became-optional /due']],
  ['a narrower field', eventWith(lent.extend({ books: lent.shape.books.max(5) })), ['payload-narrowed /books']],
  ['a wider field', eventWith(lent.extend({ note: z.string().nullable().optional() })), ['payload-widened /note']],
  ['a field of another type', eventWith(lent.extend({ due: z.int() })), ['payload-changed /due']],
  ['a branch more', eventWith(lent.extend({ reader: z.discriminatedUnion('is', [...lent.shape.reader.options, z.strictObject({ is: z.literal('staff') })]) })), ['payload-widened /reader']],
  ['another ordering key', eventWith(lent, { aggregateId: (it: z.output<typeof lent>) => it.due }), ['key-changed']],
  ['another aggregate', eventWith(lent, { aggregateType: 'book' }), ['aggregate-type-changed']],
  ['no event', shelfContract({ events: {} }), ['event-removed']],
  ['an event more', shelfContract({ events: { bookLent, bookLost: event('shelf.book-lost', loan) } }), []],
  ['a version without an upcaster', eventWith(lent.extend({ desk: z.string() }), { version: 2 }), ['upcaster-missing']],
  ['a version with its upcaster', eventWith(lent.extend({ desk: z.string() }), { version: 2, upcast }), []],
  ['a version two further, without the second upcaster', eventWith(lent.extend({ desk: z.string() }), { version: 3, upcast }), ['upcaster-missing']],
  ['a version two further, with both', eventWith(lent.extend({ desk: z.string() }), { version: 3, upcast: { ...upcast, 2: (it: unknown) => it } }), []],
  ['an upcaster that forgets a field', eventWith(lent.extend({ desk: z.string() }), { version: 2, upcast: { 1: (it: unknown) => it } }), ['upcaster-fails']],
  ['an upcaster that throws for some', eventWith(lent, { version: 2, upcast: { 1: (it: unknown) => { if (!lent.parse(it).note) throw new Error('no note'); return it; } } }), ['upcaster-fails']],
];

describe('a contract beside its last release', () => {
  it.each(commands)('with %s in a command', (_what, contract, expected) => expect(rules(contract)).toEqual(expected));
  it.each(queries)('with %s in a query', (_what, contract, expected) => expect(rules(contract)).toEqual(expected));
  it.each(events)('with %s in its events', (_what, contract, expected) => expect(rules(contract)).toEqual(expected));

  it('says who breaks, where, why, and what to do instead', () => {
    const [finding] = check(eventWith(without(lent, 'due').extend({ until: lent.shape.due }))).broken;
    expect(finding).toEqual({
      context: 'shelf', promise: 'shelf.book-lent v1', rule: 'payload-renamed', path: '/due', what: 'it is called "until" now',
      who: 'listeners that were built before (reminders, services elsewhere), and whoever reads messages that were written before',
      why: 'the former expect the old name, the latter still find it in older messages',
      instead: 'Keep the old name; or give the event version 2, with upcast: { 1: … } from this one.',
    });
    expect(check(shelfContract({ commands: {} })).broken[0]?.who).toBe('callers that were built before (desk, services elsewhere)');
  });

  it('recognises what was only renamed', () => {
    const renamed = shelfContract({ commands: { takeBook: command('shelf.borrow-book', { input: takeInput, output: takeOutput, errors: [ShelfEmpty] }) }, events: { bookLent: event('shelf.book-borrowed', loan) } });
    expect(check(renamed).broken.map(({ what }) => what)).toEqual([
      'the command is gone; it looks as if it was renamed to shelf.borrow-book', 'the event is gone; it looks as if it was renamed to shelf.book-borrowed',
    ]);
  });

  it('says what to mind where only the order of deployment matters', () => {
    const notes = [
      eventWith(lent.extend({ desk: z.string().optional() })), commandWith({ output: takeOutput.extend({ desk: z.string().optional() }) }), commandWith({ errors: [ShelfEmpty, ShelfLocked] }),
      eventWith(z.object(lent.shape)),
    ].map((it) => check(it).notes.map(({ mind }) => mind)[0]);
    expect(notes).toEqual([expect.stringContaining('deploy listeners before'), expect.stringContaining('deploy callers before'), expect.stringContaining('any other refusal'), undefined]);
  });

  it('notices when the meaning of an error changes', () => {
    const [[name, command] = ['', undefined]] = Object.entries(released.commands);
    const was = { ...released, commands: { [name]: { input: {}, output: {}, ...command, errors: { 'test-shelf-empty': { http: 409, grpc: 'FAILED_PRECONDITION', retryable: true } } } } };
    expect(compareContract(was, shelfContract(), others).broken.map(({ rule }) => rule)).toEqual(['error-changed']);
  });
});

describe('a release', () => {
  const second = eventWith(lent.extend({ desk: z.string() }), { version: 2, upcast });
  const versions = (snapshot: ReturnType<typeof nextRelease>) => Object.keys(snapshot.events['shelf.book-lent']?.payloads ?? {});

  it('keeps the older versions of an event, until they are retired', () => {
    const next = nextRelease(released, second, [], { retired: [] });
    expect(versions(next)).toEqual(['1', '2']);
    expect(versions(nextRelease(next, second, [], { retired: ['shelf.book-lent@1'] }))).toEqual(['2']);
  });

  it('goes on asking for the upcaster of a version that is not retired', () => {
    const next = nextRelease(released, second, [], { retired: [] });
    const careless = eventWith(lent.extend({ desk: z.string() }), { version: 2 });
    expect(compareContract(next, careless, others).broken.map(({ promise, rule }) => [promise, rule])).toEqual([['shelf.book-lent v1', 'upcaster-missing']]);
  });

  it('does not let a version go back behind what was released', () => {
    const next = nextRelease(released, second, [], { retired: [] });
    expect(compareContract(next, shelfContract(), others).broken.map(({ rule }) => rule)).toEqual(['version-lowered']);
  });

  it('remembers what was broken on purpose, and why, and is kept from then on', () => {
    const contract = eventWith(without(lent, 'due'), { version: 2 });
    const { broken } = check(contract);
    const next = nextRelease(released, contract, broken, { reason: 'Nobody listens yet.', retired: [] });
    expect(next.broken).toEqual([{ promise: 'shelf.book-lent v1: nothing lifts version 1 to 2', reason: 'Nobody listens yet.' }]);
    expect(compareContract(next, contract, others).broken).toEqual([]);
  });

  it('retires only older versions that were released', () => {
    const next = nextRelease(released, second, [], { retired: [] });
    expect(unretirable([next], [second], ['shelf.book-lent@1', 'shelf.book-lent@2', 'shelf.book-lent@7', 'nothing'])).toEqual(['shelf.book-lent@2', 'shelf.book-lent@7', 'nothing']);
  });

  it('tells where the ordering key comes from', () => {
    const key = (aggregateId: (it: { a: { b: string }; c: string }) => string) =>
      snapshotOf(shelfContract({ events: { it: event('shelf.it', { version: 1, aggregateType: 'it', aggregateId, payload: z.custom<{ a: { b: string }; c: string }>() }) } })).events['shelf.it']?.key;
    expect([key((it) => it.c), key((it) => `${it.a.b}:${it.c}`), key(() => 'one'), key((it) => it.c.toLowerCase())]).toEqual(['{/c}', '{/a/b}:{/c}', 'one', 'computed']);
  });
});
