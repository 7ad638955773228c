import { messageOf, systemCallOf } from '../error-parts.js';
import { DatabaseFolderUnusable } from '../errors.js';

/** The error for a data folder that cannot be used, with the way out that fits the reason. */
export function folderUnusable(dataDir: string, reason: string): Error {
  return new DatabaseFolderUnusable(
    `The data folder ${dataDir} cannot be used: ${reason}\n${wayOut(dataDir, reason)}\nOr set DATABASE_URL to a PostgreSQL of your own. Nothing in the folder was changed or deleted.`,
    { dataDir },
  );
}

/** Turns a failed file operation on the data folder into the error above; anything else passes as it is. */
export function explainFolderError(dataDir: string, error: unknown): unknown {
  return systemCallOf(error) === undefined ? error : folderUnusable(dataDir, `${messageOf(error)}.`);
}

/** What PostgreSQL's programs gave as reasons, without times and process ids. */
export function reasonsIn(said: string): string {
  return said.split('\n').flatMap((line) => /(?:FATAL|PANIC|ERROR|error): +(.*)$/.exec(line)?.[1] ?? []).join('; ');
}

function wayOut(dataDir: string, reason: string): string {
  if (/no space left|could not extend|ENOSPC|EDQUOT/i.test(reason)) return 'Free some space on that disk and start again.';
  if (/permission|ownership|EACCES|EPERM|EROFS/i.test(reason)) {
    return `Give the folder to the user that starts the app (chown -R, chmod -R u+rwX), or start as its owner, or choose another folder with DATA_DIR, or move it away and start with an empty one:\n${moveAway(dataDir)}`;
  }
  return `Move it away and start with an empty one:\n${moveAway(dataDir)}`;
}

function moveAway(dataDir: string): string {
  return `  mv ${quoted(dataDir)} ${quoted(`${dataDir}.broken`)}`;
}

function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll('\'', '\'\\\'\'')}'`;
}
