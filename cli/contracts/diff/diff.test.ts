import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { readersSchema } from '../snapshot.js';
import { diff } from './diff.js';
import { examplesOf } from './examples.js';
import { accepts } from './schema.js';

const changes = (was: z.ZodType, now: z.ZodType) => diff(readersSchema(was), readersSchema(now)).map(({ path, is }) => `${path} ${is}`.trim());
const object = (fields: z.ZodRawShape) => z.strictObject({ id: z.string(), ...fields });

interface Tree {
  readonly name: string;
  readonly children: readonly Tree[];
}
const tree = (name: z.ZodType<string>): z.ZodType<Tree> => {
  const self: z.ZodType<Tree> = z.lazy(() => z.strictObject({ name, children: z.array(self) }));
  return self;
};

const differences: [string, z.ZodType, z.ZodType, string[]][] = [
  ['nothing', object({ a: z.int() }), object({ a: z.int() }), []],
  ['only words about a field', object({ a: z.int() }), object({ a: z.int().describe('How many.') }), []],
  ['the order of fields', z.strictObject({ a: z.int(), b: z.string() }), z.strictObject({ b: z.string(), a: z.int() }), []],
  ['an optional field more', object({}), object({ a: z.int().optional() }), ['/a added-optional']],
  ['a field with a default more', object({}), object({ a: z.int().default(1) }), ['/a added-optional']],
  ['a required field more', object({}), object({ a: z.int() }), ['/a added-required']],
  ['a field less', object({ a: z.int() }), object({}), ['/a removed']],
  ['a field under another name', object({ a: z.int() }), object({ b: z.int() }), ['/a renamed']],
  ['a field that went while two like it came', object({ a: z.int() }), object({ b: z.int(), c: z.int() }), ['/a removed', '/b added-required', '/c added-required']],
  ['a field that has to be there now', object({ a: z.int().optional() }), object({ a: z.int() }), ['/a became-required']],
  ['a field that may be left out now', object({ a: z.int() }), object({ a: z.int().optional() }), ['/a became-optional']],
  ['a field deep inside', object({ a: z.array(object({ b: z.string() })) }), object({ a: z.array(object({ b: z.int() })) }), ['/a[]/b changed']],
  ['a name with a slash', object({ 'a/b~c': z.int() }), object({}), ['/a~1b~0c removed']],
  ['unknown fields ignored', z.strictObject({ a: z.int() }), z.object({ a: z.int() }), ['widened']],
  ['unknown fields refused', z.object({ a: z.int() }), z.strictObject({ a: z.int() }), ['narrowed']],
  ['other values of a record', z.record(z.string(), z.int()), z.record(z.string(), z.number()), ['{} widened']],
  ['a longer text', z.string().max(5), z.string().max(6), ['widened']],
  ['a shorter text', z.string().max(5), z.string().max(4), ['narrowed']],
  ['a bound that was not there', z.string(), z.string().min(1), ['narrowed']],
  ['a bound that is gone', z.int().max(5), z.int(), ['widened']],
  ['a range that moved', z.int().min(1).max(5), z.int().min(2).max(6), ['narrowed', 'widened']],
  ['fewer items', z.array(z.int()), z.array(z.int()).max(3), ['narrowed']],
  ['whole numbers only', z.number(), z.int(), ['narrowed']],
  ['fractions too', z.int(), z.number(), ['widened']],
  ['another type', z.string(), z.int(), ['changed']],
  ['anything', z.string(), z.unknown(), ['widened']],
  ['no longer anything', z.unknown(), z.string(), ['narrowed']],
  ['a pattern that was not there', z.string(), z.string().regex(/^a/), ['narrowed']],
  ['another pattern', z.string().regex(/^a/), z.string().regex(/^b/), ['changed']],
  ['a second pattern', z.string().regex(/^a/), z.string().regex(/^a/).regex(/b$/), ['narrowed', 'widened']],
  ['times of other zones', z.iso.datetime(), z.iso.datetime({ offset: true }), ['widened']],
  ['another format', z.uuid(), z.email(), ['changed', 'changed']],
  ['null too', z.string(), z.string().nullable(), ['widened']],
  ['null no longer', z.string().nullable(), z.string(), ['narrowed']],
  ['a value of an enum more', z.enum(['a', 'b']), z.enum(['a', 'b', 'c']), ['widened']],
  ['a value of an enum less', z.enum(['a', 'b']), z.enum(['a']), ['narrowed']],
  ['other values', z.enum(['a', 'b']), z.enum(['a', 'c']), ['changed']],
  ['another constant', z.literal('a'), z.literal('b'), ['changed']],
  ['any text for certain values', z.enum(['a', 'b']), z.string(), ['widened']],
  ['certain values for any text', z.string(), z.enum(['a', 'b']), ['narrowed']],
  ['a branch more', z.union([z.string(), z.int()]), z.union([z.string(), z.int(), z.boolean()]), ['widened']],
  ['a branch less', z.union([z.string(), z.int()]), z.string(), ['narrowed']],
  ['a change inside one branch', z.union([z.string().max(5), z.int()]), z.union([z.int(), z.string().max(4)]), ['narrowed']],
  ['a place of a pair', z.tuple([z.string(), z.int()]), z.tuple([z.string(), z.number()]), ['/1 widened']],
  ['a longer tuple', z.tuple([z.string()]), z.tuple([z.string(), z.int()]), ['changed', 'narrowed', 'widened']],
  ['a schema that contains itself', tree(z.string()), tree(z.string().max(3)), ['/name narrowed']],
];

const member = z.strictObject({ is: z.literal('member'), number: z.int() });
const guest = z.strictObject({ is: z.literal('guest'), name: z.string() });

const both = z.discriminatedUnion('is', [member, guest]);
const tagged = (...options: readonly [z.ZodObject, ...z.ZodObject[]]) => z.discriminatedUnion('is', options);

const branches: [string, z.ZodType, z.ZodType, string[]][] = [
  ['one more', tagged(member), tagged(member, guest), ['widened']],
  ['one less', tagged(member, guest), tagged(member), ['narrowed']],
  ['another order', tagged(member, guest), tagged(guest, member), []],
  ['a field of one', tagged(member, guest), tagged(member, guest.extend({ age: z.int() })), ['(is: "guest")/age added-required']],
];

describe('the difference between two schemas', () => {
  it.each(differences)('tells %s', (_what, was, now, expected) => {
    expect(changes(was, now).sort()).toEqual(expected);
  });

  it.each(branches)('tells apart the branches of a union by their tag: %s', (_what, was, now, expected) => {
    expect(changes(was, now)).toEqual(expected);
  });

  it('takes two patterns that zod has written for one format for the same when they judge alike', () => {
    const was = { type: 'string', format: 'date', pattern: String.raw`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d)$|^\d{4}-(0[13578]|1[02])-3[01]$` };
    expect(diff(was, readersSchema(z.iso.date()))).toEqual([]);
  });

  it('cannot judge a keyword that it does not know, and says so', () => {
    expect(diff({ type: 'array', contains: { const: 1 } }, { type: 'array', contains: { const: 2 } })).toEqual([
      { path: '', is: 'changed', what: 'contains was {"const":1} and is {"const":2}' },
    ]);
  });

  it('names what was and what is', () => {
    const [bound, values, optional] = [
      diff(readersSchema(z.string().max(5)), readersSchema(z.string().max(4))),
      diff(readersSchema(z.enum(['a', 'b'])), readersSchema(z.enum(['a', 'c']))),
      diff(readersSchema(object({ a: z.int() })), readersSchema(object({ b: z.int() }))),
    ].map((it) => it[0]?.what);
    expect([bound, values, optional]).toEqual(['maxLength was 5 and is 4', '"b" is no longer possible, "c" has become possible', 'it is called "b" now']);
  });
});

describe('examples', () => {
  const schema = z.strictObject({
    id: z.uuid(), at: z.iso.datetime(), on: z.iso.date(), mail: z.email(), sku: z.string().regex(/^[A-Z]-\d$/).optional(), count: z.int().min(3),
    who: both, lines: z.array(z.strictObject({ price: z.number().gt(0) })).min(2), tags: z.record(z.string(), z.string()), any: z.unknown(),
  });

  it('are let through by the schema itself, and go through every branch', () => {
    const examples = examplesOf(readersSchema(schema));
    expect(examples.length).toBeGreaterThan(2);
    for (const example of examples) expect(schema.safeParse(example).error).toBeUndefined();
    expect(new Set(examples.map((it) => schema.parse(it).who.is))).toEqual(new Set(['member', 'guest']));
    expect(new Set(examples.map((it) => 'sku' in schema.parse(it)))).toEqual(new Set([true, false]));
  });

  it('are none where a pattern is too hard to meet', () => {
    expect(examplesOf(readersSchema(z.string().regex(/^x{3}-\d{7}$/)))).toEqual([]);
    expect(accepts({ type: 'string', pattern: '^x' }, 'y')).toBe(false);
  });
});
