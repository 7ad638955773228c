import { createHash } from 'node:crypto';

/** What stands for a personal value: the same for the same value and key, and nothing that leads back to it. */
const PREFIX = 'redacted-';
const LENGTH = 24;

/** `customerName` and `customer_name` are one name. Only ASCII has capitals here: a database does the same, whatever its locale. */
export function plainName(name: string): string {
  return name.replaceAll('_', '').replaceAll(/[A-Z]+/g, (it) => it.toLowerCase());
}

/** Names of personal fields, however they are written. */
export class PersonalNames {
  private readonly names: ReadonlySet<string>;

  constructor(names: readonly string[]) {
    this.names = new Set(names.map(plainName));
  }

  get isEmpty(): boolean {
    return this.names.size === 0;
  }

  has(name: string): boolean {
    return this.names.has(plainName(name));
  }

  /** Is there anybody in this JSON value? */
  areIn(value: unknown): boolean {
    if (this.isEmpty || typeof value !== 'object' || value === null) return false;
    return Object.entries(value).some(([name, it]: [string, unknown]) => (this.has(name) && it !== null) || this.areIn(it));
  }
}

/**
 * Replaces the values of personal fields by keyed hashes before anything is stored. Equal values stay equal, so that a
 * replay decides as the original did; an address stays one, so that it is still taken for what it is.
 */
export class Redaction {
  readonly names: PersonalNames;

  /** @param key 32 bytes that the tape does not hold */
  constructor(names: readonly string[], private readonly key: Buffer) {
    this.names = new PersonalNames(names);
  }

  /** The same JSON value without anybody in it. Where there are no personal fields it is the value itself. */
  of<T>(value: T): T {
    return this.names.isEmpty ? value : this.walk(value, false) as T;
  }

  /** `/v1/users?email=…` */
  url(url: string): string {
    if (this.names.isEmpty || !url.includes('?')) return url;
    const [path, query] = [url.slice(0, url.indexOf('?')), url.slice(url.indexOf('?') + 1)];
    const told = new URLSearchParams([...new URLSearchParams(query)].map(([name, value]): [string, string] => [name, this.isPersonal(name) ? this.hashed(value) : value]));
    return `${path}?${told.toString()}`;
  }

  isPersonal(name: string): boolean {
    return this.names.has(name);
  }

  /** SHA-256 twice under the key, in the manner of HMAC (RFC 2104); `tape_hashed` in the database makes the same. */
  hashed(value: string): string {
    const inner = createHash('sha256').update(this.key).update(value).digest();
    const name = `${PREFIX}${createHash('sha256').update(this.key).update(inner).digest('hex').slice(0, LENGTH)}`;
    return value.includes('@') ? `${name}@redacted.example` : name;
  }

  private walk(value: unknown, isPersonal: boolean): unknown {
    if (typeof value === 'string') return isPersonal ? this.hashed(value) : value;
    if (Array.isArray(value)) return value.map((it) => this.walk(it, isPersonal));
    if (value === null || typeof value !== 'object' || value instanceof Date) return value;
    return Object.fromEntries(Object.entries(value).map(([name, it]) => [name, this.walk(it, isPersonal || this.isPersonal(name))]));
  }
}
