import { type Node, parse } from 'libpg-query';
import { dangersOfAltering } from './alter-table.js';
import { type Danger, blocks, breaks, unclear } from './breach.js';
import { lastOf, madeBy, nameOf } from './objects.js';

/** One statement of a migration with what is wrong with it. */
export interface JudgedStatement {
  readonly sql: string;
  readonly node: Node;
  readonly dangers: readonly Danger[];
}

/**
 * Reads the SQL of a migration as PostgreSQL does, and judges each statement by what was there before the migration.
 * @throws Error when PostgreSQL's parser does not take it
 */
export async function judged(sql: string): Promise<JudgedStatement[]> {
  const { stmts = [] } = await parse(sql);
  const bytes = Buffer.from(sql); // positions count bytes
  const before = new Before();
  return stmts.flatMap(({ stmt: node, stmt_location: start = 0, stmt_len: length }) => {
    if (!node) return [];
    const text = bytes.subarray(start, length === undefined ? undefined : start + length).toString().trim();
    const dangers = dangersOf(node, before);
    before.note(node);
    return [{ sql: text, node, dangers }];
  });
}

/** What was there before a migration, as opposed to what it has made itself: nobody uses that yet. */
class Before {
  private readonly made = new Set<string>();
  /** Constraints that were added to tables that were there. */
  readonly constraints = new Set<string>();

  has(name: string | undefined): boolean {
    return name !== undefined && !this.made.has(name);
  }

  note(node: Node): void {
    for (const name of madeBy(node)) this.made.add(name);
    // What is new stays so under another name; what was there is no longer there under the old one.
    if ('RenameStmt' in node && node.RenameStmt.renameType !== 'OBJECT_COLUMN' && !this.has(node.RenameStmt.relation?.relname)) this.made.add(node.RenameStmt.newname ?? '');
    if (!('AlterTableStmt' in node)) return;
    for (const it of node.AlterTableStmt.cmds ?? []) {
      const def = 'AlterTableCmd' in it ? it.AlterTableCmd.def : undefined;
      if (def && 'Constraint' in def && def.Constraint.conname !== undefined) this.constraints.add(def.Constraint.conname);
    }
  }
}

const KEEP = 'Leave it, and let the new version stop using it. When no version that uses it runs any more, a migration of its own may do this, and says so: contracts: \'…\'.';
const BESIDE = 'Make the new one beside it, and let the new version use both for a while; take the old one away when nobody uses it.';

function dangersOf(node: Node, before: Before): Danger[] {
  if ('AlterTableStmt' in node) return before.has(node.AlterTableStmt.relation?.relname) ? dangersOfAltering(node.AlterTableStmt, before.constraints) : [];
  if ('DropStmt' in node) {
    const kind = (node.DropStmt.removeType ?? 'OBJECT').replace('OBJECT_', '').toLowerCase();
    return (node.DropStmt.objects ?? []).map(nameOf).filter((it) => before.has(it)).map((it) => breaks('object-dropped', `drops the ${kind} ${it}`, KEEP));
  }
  if ('RenameStmt' in node) return dangersOfRenaming(node.RenameStmt, before);
  if ('AlterObjectSchemaStmt' in node) return [breaks('renamed', `moves ${node.AlterObjectSchemaStmt.relation?.relname ?? 'something'} into another schema, where the version that runs does not look`, BESIDE)];
  if ('AlterEnumStmt' in node && node.AlterEnumStmt.oldVal) return [breaks('renamed', `renames the value ${node.AlterEnumStmt.oldVal} of ${lastOf(node.AlterEnumStmt.typeName)}`, BESIDE)];
  if ('TruncateStmt' in node) return (node.TruncateStmt.relations ?? []).map(nameOf).filter((it) => before.has(it)).map((it) => breaks('emptied', `empties ${it}`, KEEP));
  if ('GrantStmt' in node && !node.GrantStmt.is_grant) return (node.GrantStmt.objects ?? []).map(nameOf).filter((it) => before.has(it)).map((it) => breaks('right-revoked', `takes rights on ${it} away`, KEEP));
  if ('IndexStmt' in node && before.has(node.IndexStmt.relation?.relname) && !node.IndexStmt.concurrent) {
    return [blocks('index-blocks-writes', `makes the index ${node.IndexStmt.idxname ?? ''} of ${node.IndexStmt.relation?.relname}, and nobody can write meanwhile`, 'Make it by CREATE INDEX CONCURRENTLY in a migration of its own, which names it: index: \'…\'.')];
  }
  return 'DoStmt' in node ? hiddenIn(JSON.stringify(node.DoStmt)) : [];
}

/** What nobody calls by its name. */
const NAMELESS: ReadonlySet<string | undefined> = new Set(['OBJECT_TABCONSTRAINT', 'OBJECT_INDEX', 'OBJECT_TRIGGER', 'OBJECT_POLICY']);

type Renaming = Extract<Node, { RenameStmt: unknown }>['RenameStmt'];

function dangersOfRenaming({ renameType, relation, object, subname, newname = '' }: Renaming, before: Before): Danger[] {
  const owner = relation?.relname ?? (object ? nameOf(object) : '');
  if (NAMELESS.has(renameType) || !before.has(owner)) return [];
  const what = renameType === 'OBJECT_COLUMN' || renameType === 'OBJECT_ATTRIBUTE' ? `the column ${subname} of ${owner}` : owner;
  return [breaks('renamed', `renames ${what} to ${newname}`, BESIDE)];
}

/** A block of PL/pgSQL puts its statements together while it runs. Those that give or take rights name the role of the schema, which nothing else can. */
function hiddenIn(body: string): Danger[] {
  if (!/\b(?:create|alter|drop|truncate)\b/i.test(body)) return [];
  return [unclear('hidden-in-a-block', 'changes something in a DO block, where nobody can see what', 'Write the statements themselves.')];
}
