/** Texts beyond this are not worth a plan that every connection keeps: they are most likely put together at run time. */
const MOST_NAMES = 500;

/**
 * Names for prepared statements: PostgreSQL parses and plans a named text once per connection. One instance per pool,
 * so that a name means the same text on all of its connections.
 */
export class StatementNames {
  private readonly names = new Map<string, string>();
  private given = 0;

  /** The name to prepare this text under; undefined when there are too many. */
  nameOf(sql: string): string | undefined {
    const known = this.names.get(sql);
    if (known !== undefined || this.names.size >= MOST_NAMES) return known;
    return this.rename(sql);
  }

  /** Gives the text another name, so that every connection prepares it anew. */
  rename(sql: string): string {
    const name = `s${this.given++}`;
    this.names.set(sql, name);
    return name;
  }
}
