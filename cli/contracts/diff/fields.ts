import type { Schema } from '../snapshot.js';
import { type Change, type Compare, letThrough } from './change.js';
import { canonical, isSchema } from './schema.js';

interface Field {
  readonly name: string;
  readonly schema: Schema;
  readonly isRequired: boolean;
}

/** Compares the fields of two objects, those that are named and those that are not. */
export function compareFields(path: string, was: Schema, now: Schema, compare: Compare): Change[] {
  const before = fieldsOf(was);
  const after = fieldsOf(now);
  const kept = [...after.values()].flatMap((it) => {
    const former = before.get(it.name);
    return former ? [...compareNeed(at(path, it.name), former, it), ...compare(at(path, it.name), former.schema, it.schema)] : [];
  });
  const gone = [...before.values()].filter(({ name }) => !after.has(name));
  const come = [...after.values()].filter(({ name }) => !before.has(name));
  return [...kept, ...compareNames(path, gone, come, was['additionalProperties'] === false), ...compareRest(path, was, now, compare)];
}

function compareNeed(path: string, was: Field, now: Field): Change[] {
  if (was.isRequired === now.isRequired) return [];
  return [now.isRequired
    ? { path, is: 'became-required', what: 'it could be left out and is now required' }
    : { path, is: 'became-optional', what: 'it was required and may now be left out', hasDefault: 'default' in now.schema }];
}

/** A field that went while exactly one just like it came has been renamed. */
function compareNames(path: string, gone: readonly Field[], come: readonly Field[], wasClosed: boolean): Change[] {
  const renamed = new Map(gone.flatMap((field) => {
    const heirs = come.filter((it) => isAlike(it, field));
    const rivals = gone.filter((it) => isAlike(it, field));
    return heirs[0] && heirs.length === 1 && rivals.length === 1 ? [[field, heirs[0]] as const] : [];
  }));
  const heirs = new Set(renamed.values());
  return [
    ...[...renamed].map(([was, now]): Change => ({ path: at(path, was.name), is: 'renamed', what: `it is called "${now.name}" now` })),
    ...gone.filter((it) => !renamed.has(it)).map(({ name }): Change => ({ path: at(path, name), is: 'removed', what: 'the field is gone' })),
    ...come.filter((it) => !heirs.has(it)).map(({ name, isRequired, schema }): Change => ({
      path: at(path, name), is: isRequired ? 'added-required' : 'added-optional',
      what: `the field is new${isRequired ? ' and required' : ''}`, wasClosed, hasDefault: 'default' in schema,
    })),
  ];
}

function isAlike(a: Field, b: Field): boolean {
  return a.isRequired === b.isRequired && canonical(a.schema) === canonical(b.schema);
}

/** Fields that the schema does not name: refused, all of one kind, or anything. */
function compareRest(path: string, was: Schema, now: Schema, compare: Compare): Change[] {
  const [before, after] = [was['additionalProperties'], now['additionalProperties']];
  if (isSchema(before) && isSchema(after)) return compare(`${path}{}`, before, after);
  const [wasOpen, isOpen] = [openness(before), openness(after)];
  return letThrough(path, isOpen < wasOpen, isOpen > wasOpen, `fields that it does not name were ${OPENNESS[wasOpen]} and are ${OPENNESS[isOpen]}`);
}

const OPENNESS = ['refused', 'let through when they fit', 'ignored'] as const;

function openness(rest: unknown): 0 | 1 | 2 {
  if (rest === false) return 0;
  return isSchema(rest) && Object.keys(rest).length > 0 ? 1 : 2;
}

function fieldsOf({ properties, required }: Schema): Map<string, Field> {
  const names: readonly unknown[] = Array.isArray(required) ? required : [];
  const fields = isSchema(properties) ? Object.entries(properties) : [];
  return new Map(fields.map(([name, it]) => [name, { name, schema: isSchema(it) ? it : {}, isRequired: names.includes(name) }]));
}

function at(path: string, name: string): string {
  return `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
