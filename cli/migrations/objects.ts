import type { Node } from 'libpg-query';

/** The names that a statement brings into the schema. What may have been there before (`if not exists`, `or replace`) is not new. */
export function madeBy(node: Node): string[] {
  if ('CreateStmt' in node) return node.CreateStmt.if_not_exists ? [] : [node.CreateStmt.relation?.relname ?? ''];
  if ('CreateTableAsStmt' in node) return node.CreateTableAsStmt.if_not_exists ? [] : [node.CreateTableAsStmt.into?.rel?.relname ?? ''];
  if ('ViewStmt' in node) return node.ViewStmt.replace ? [] : [node.ViewStmt.view?.relname ?? ''];
  if ('IndexStmt' in node) return node.IndexStmt.if_not_exists ? [] : [node.IndexStmt.idxname ?? ''];
  if ('CreateSeqStmt' in node) return node.CreateSeqStmt.if_not_exists ? [] : [node.CreateSeqStmt.sequence?.relname ?? ''];
  if ('CompositeTypeStmt' in node) return [node.CompositeTypeStmt.typevar?.relname ?? ''];
  if ('CreateEnumStmt' in node) return [lastOf(node.CreateEnumStmt.typeName)];
  if ('CreateDomainStmt' in node) return [lastOf(node.CreateDomainStmt.domainname)];
  if ('CreateFunctionStmt' in node) return node.CreateFunctionStmt.replace ? [] : [lastOf(node.CreateFunctionStmt.funcname)];
  if ('CreateTrigStmt' in node) return node.CreateTrigStmt.replace ? [] : [node.CreateTrigStmt.trigname ?? ''];
  return [];
}

/** What is dropped or otherwise named: its name without the schema. */
export function nameOf(node: Node): string {
  if ('List' in node) return lastOf(node.List.items);
  if ('TypeName' in node) return lastOf(node.TypeName.names);
  if ('ObjectWithArgs' in node) return lastOf(node.ObjectWithArgs.objname);
  if ('RangeVar' in node) return node.RangeVar.relname ?? '';
  return 'String' in node ? node.String.sval ?? '' : '';
}

/** The last part of a name that may have a schema before it. */
export function lastOf(names: readonly Node[] | undefined): string {
  const last = names?.at(-1);
  return last ? nameOf(last) : '';
}
