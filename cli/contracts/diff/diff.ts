import type { Schema } from '../snapshot.js';
import { type Change, type Compare, letThrough } from './change.js';
import { compareFields } from './fields.js';
import { compareLimits } from './limits.js';
import { accepts, alternatives, canonical, isSchema, named, resolved, schemasOf, tagOf } from './schema.js';

/** Everything in which a schema differs from what it was. What cannot be judged counts as changed. */
export function diff(was: Schema, now: Schema): Change[] {
  return new Difference(was, now).at('', was, now);
}

class Difference {
  /** Pairs under comparison, so that a schema that contains itself is looked at once. */
  private readonly seen = new Map<Schema, Set<Schema>>();

  constructor(private readonly wasRoot: Schema, private readonly nowRoot: Schema) {}

  readonly at: Compare = (path, wasSchema, nowSchema) => {
    const [was, now] = [resolved(wasSchema, this.wasRoot), resolved(nowSchema, this.nowRoot)];
    if (canonical(was) === canonical(now) || this.isSeen(was, now)) return [];
    const [before, after] = [alternatives(was, this.wasRoot), alternatives(now, this.nowRoot)];
    const [onlyBefore, onlyAfter] = [before[0], after[0]];
    if (before.length === 1 && after.length === 1 && onlyBefore && onlyAfter) return this.one(path, onlyBefore, onlyAfter);
    return this.union(path, before, after);
  };

  private isSeen(was: Schema, now: Schema): boolean {
    const known = this.seen.get(was) ?? new Set();
    if (known.has(now)) return true;
    this.seen.set(was, known.add(now));
    return false;
  }

  private one(path: string, was: Schema, now: Schema): Change[] {
    if ('const' in was || 'const' in now) return this.union(path, [was], [now]);
    const [before, after] = [was['type'], now['type']];
    if (before === after) {
      return [
        ...(before === 'object' ? compareFields(path, was, now, this.at) : []),
        ...(before === 'array' ? this.items(path, was, now) : []),
        ...compareLimits(path, was, now),
      ];
    }
    const wider = before === undefined || (before === 'number' && after === 'integer');
    const narrower = after === undefined || (before === 'integer' && after === 'number');
    const types = letThrough(path, !narrower, !wider, `it was ${named(was)} and is ${named(now)}`);
    return before === undefined || after === undefined ? types : [...types, ...(isNumeric(was) && isNumeric(now) ? compareLimits(path, was, now) : [])];
  }

  /** Pairs equal branches, then branches with the same tag, then the only ones of a type; the rest came or went. */
  private union(path: string, before: readonly Schema[], after: readonly Schema[]): Change[] {
    const gone = [...before];
    const come = [...after];
    const changes: Change[] = [];
    for (const name of [canonical, tagOf, typeName]) {
      for (const was of before.filter((it) => gone.includes(it))) {
        const [now] = partnersOf(was, gone, come, name);
        if (!now) continue;
        gone.splice(gone.indexOf(was), 1);
        come.splice(come.indexOf(now), 1);
        const tag = tagOf(was);
        if (name !== canonical) changes.push(...this.one(tag ? `${path}(${tag})` : path, was, now));
      }
    }
    const lost = gone.filter((it) => !isCovered(it, after));
    const won = come.filter((it) => !isCovered(it, before));
    const what = [...lost.map((it) => `${named(it)} is no longer possible`), ...won.map((it) => `${named(it)} has become possible`)].join(', ');
    return [...changes, ...letThrough(path, lost.length > 0, won.length > 0, what)];
  }

  private items(path: string, was: Schema, now: Schema): Change[] {
    const [before, after] = [schemasOf(was['prefixItems']), schemasOf(now['prefixItems'])];
    const places = before.flatMap((it, at) => (after[at] ? this.at(`${path}/${at}`, it, after[at]) : []));
    const [wasItems, nowItems] = [was['items'], now['items']];
    if (isSchema(wasItems) && isSchema(nowItems)) return [...places, ...this.at(`${path}[]`, wasItems, nowItems)];
    const isSame = before.length === after.length && canonical(wasItems) === canonical(nowItems);
    return isSame ? places : [...places, { path, is: 'changed', what: `it was ${listOf(was)} and is ${listOf(now)}` }];
  }
}

/** The one branch that answers to the same name, if the name is not shared on either side. */
function partnersOf(was: Schema, gone: readonly Schema[], come: readonly Schema[], name: (schema: Schema) => string): Schema[] {
  const mine = name(was);
  const partners = come.filter((it) => name(it) === mine);
  return mine !== '' && partners.length === 1 && gone.filter((it) => name(it) === mine).length === 1 ? partners : [];
}

function isCovered(schema: Schema, others: readonly Schema[]): boolean {
  return 'const' in schema && others.some((it) => accepts(it, schema['const']));
}

/** Values have no type to be paired by: `"a"` does not become `"b"`. */
function typeName(schema: Schema): string {
  return isNumeric(schema) ? 'number' : typeof schema['type'] === 'string' ? schema['type'] : '';
}

function isNumeric({ type }: Schema): boolean {
  return type === 'number' || type === 'integer';
}

function listOf(schema: Schema): string {
  const fixed = schemasOf(schema['prefixItems']).length;
  const more = schema['items'] !== false;
  return fixed === 0 ? 'a list' : `a list of ${fixed}${more ? ' or more' : ''}`;
}
