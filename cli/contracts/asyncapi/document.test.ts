import { describe, expect, it } from '@jest/globals';
import { Parser } from '@asyncapi/parser';
import type { ContextDeclaration } from '@banyan/kernel/context';
import { event } from '@banyan/kernel/contract';
import { z } from 'zod';
import { stringify } from 'yaml';
import { declarationsOf, openHouse } from '../../house/index.js';
import { nextRelease } from '../release.js';
import { bookLent, lent, loan, shelfContract } from '../testing/shelf.js';
import { asyncApiDocument } from './document.js';

type Node = Readonly<Record<string, unknown>>;

const context = (contract: ContextDeclaration['contract'], listensTo: ContextDeclaration['listensTo'] = []): ContextDeclaration =>
  ({ name: contract.name, owner: 'team-books', contract, calls: [], listensTo, entities: [], migrations: [], handlers: [], sagas: [], controllers: [], providers: [] });
const second = shelfContract({ events: { bookLent: event('shelf.book-lent', {
  ...loan, version: 2, payload: lent.extend({ desk: z.string(), size: z.tuple([z.int(), z.int()]) }), upcast: { 1: (it) => ({ ...lent.parse(it), desk: 'main', size: [1, 2] }) },
}) } });
const reminders = context({ name: 'reminders', commands: {}, queries: {}, events: {} }, [bookLent]);
const document = asyncApiDocument([context(second), reminders], [nextRelease(undefined, shelfContract(), [], { retired: [] })]);

/** What the official parser has to say against a document. */
async function complaints(of: unknown): Promise<string[]> {
  const found = await new Parser().validate(stringify(of, { aliasDuplicateObjects: false }));
  return found.map(({ message, path }) => `${path.join('/')} ${message}`);
}

function at(...path: readonly string[]): unknown {
  return path.reduce<unknown>((node, name) => (node as Node)[name], document);
}

describe('the AsyncAPI document', () => {
  it('is valid by the official parser, examples included, for all contexts of this house', async () => {
    const house = await openHouse();
    expect(await complaints(asyncApiDocument(declarationsOf(house), []))).toEqual([]);
  });

  it('is valid with older versions, tuples and unions too', async () => {
    expect(await complaints(document)).toEqual([]);
  });

  it('would not be valid with a message that is nowhere', async () => {
    expect(await complaints({ ...document, components: {} })).not.toEqual([]);
  });

  it('has a channel per event, with every version that may be about, on the topic exchange', () => {
    expect(at('channels', 'shelf.book-lent')).toMatchObject({
      address: 'shelf.book-lent.{lane}',
      messages: { v1: { $ref: '#/components/messages/shelf.book-lent.v1' }, v2: { $ref: '#/components/messages/shelf.book-lent.v2' } },
      bindings: { amqp: { is: 'routingKey', exchange: { name: 'banyan.events', type: 'topic', durable: true } } },
    });
    expect(at('components', 'schemas', 'shelf.book-lent.v1', 'properties')).not.toHaveProperty('desk');
    expect(at('components', 'schemas', 'shelf.book-lent.v2', 'properties', 'size')).toMatchObject({ items: [{ type: 'integer' }, { type: 'integer' }], additionalItems: false });
  });

  it('tells who announces and who hears; only the current version is announced', () => {
    const operations = at('operations') as Node;
    expect(Object.keys(operations)).toEqual(['shelf.sends.shelf.book-lent', 'reminders.receives.shelf.book-lent']);
    expect(Object.values(operations).map((it) => (it as { messages: unknown[] }).messages.length)).toEqual([1, 2]);
  });
});
