import { Client, DatabaseError, escapeIdentifier, escapeLiteral } from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { STATEMENT_TIMEOUT_MS } from './lease.js';
import { derivedPassword, scramVerifier } from './password.js';
import { sqlState } from './translate.js';

const MOST_ATTEMPTS = 20;

/** A schema, and the one role that works with its rows. */
export interface SchemaUser {
  readonly schema: string;
  readonly role: string;
}

/**
 * Makes the role of a context and returns the URL with it. The role may sign in, and read and write the rows of its
 * schema's tables. It owns nothing, creates nothing, and sees no other context's tables: migrations are the
 * administrator's.
 *
 * Roles belong to the whole server, and so do a few catalogue rows written here: other databases' provisioning is not
 * kept out by our lock, so what fails for its sake is tried again.
 */
export async function ensureRole(admin: Client, adminUrl: string, { schema, role }: SchemaUser): Promise<string> {
  const url = new URL(adminUrl);
  if (url.password === '') {
    throw new Error('The administrator\'s URL has no password, and the contexts\' roles derive theirs from it. Put one into the URL (DATABASE_URL), even where the server does not ask for it.');
  }
  const password = derivedPassword(decodeURIComponent(url.password), role);
  url.username = role;
  url.password = password;
  await whileOthersInterfere(() => createRole(admin, role, password));
  await whileOthersInterfere(() => grantRights(admin, role, schema));
  await whileOthersInterfere(() => setDefaults(admin, role, schema));
  if (!(await canSignIn(url.href))) {
    await whileOthersInterfere(() => admin.query(`alter role ${escapeIdentifier(role)} password ${escapeLiteral(scramVerifier(password))}`));
  }
  return url.href;
}

interface RoleAttributes {
  readonly rolname: string;
  readonly is_privileged: boolean;
}

async function createRole(admin: Client, role: string, password: string): Promise<void> {
  const { rows } = await admin.query<RoleAttributes>(
    `select rolname, rolsuper or rolcreatedb or rolcreaterole or rolbypassrls or rolreplication or not rolcanlogin
       or exists (select from pg_auth_members where member = pg_roles.oid) as is_privileged
     from pg_roles where rolname = $1`,
    [role],
  );
  if (rows[0]?.is_privileged) {
    throw new Error(`The role ${role} exists and has more rights than a context may have (an attribute or a membership), or cannot sign in. Take them away, or rename that role.`);
  }
  if (rows.length > 0) return;
  await admin.query(
    `create role ${escapeIdentifier(role)} login nosuperuser nocreatedb nocreaterole noinherit nobypassrls noreplication
     password ${escapeLiteral(scramVerifier(password))}`,
  );
}

/**
 * Default privileges cover every table and sequence that a migration makes from here on, in the migration's own
 * transaction. The statements go in one message and so in one transaction; its advisory lock lets one context of this
 * database at a time write the database's own row.
 */
async function grantRights(admin: Client, role: string, schema: string): Promise<void> {
  const { rows } = await admin.query<{ database: string }>('select current_database() as database');
  const database = escapeIdentifier(rows[0]?.database ?? '');
  const [grantee, place] = [escapeIdentifier(role), escapeIdentifier(schema)];
  await admin.query(`
    select pg_advisory_xact_lock(hashtextextended('banyan.grants', 0));
    revoke all on schema public from public;
    revoke temporary, connect on database ${database} from public;
    grant connect on database ${database} to ${grantee};
    revoke all on schema ${place} from public;
    grant usage on schema ${place} to ${grantee};
    alter default privileges in schema ${place} grant select, insert, update, delete, truncate on tables to ${grantee};
    alter default privileges in schema ${place} grant usage, select on sequences to ${grantee}`);
}

/** Limits that hold on the server whatever a client does. The last one ends statements whose client is gone. */
async function setDefaults(admin: Client, role: string, schema: string): Promise<void> {
  const { rows } = await admin.query<{ database: string }>('select current_database() as database');
  const subject = `alter role ${escapeIdentifier(role)} in database ${escapeIdentifier(rows[0]?.database ?? '')}`;
  const settings = {
    search_path: escapeIdentifier(schema),
    statement_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: '\'10s\'',
    idle_in_transaction_session_timeout: '\'60s\'',
    timezone: '\'UTC\'',
    client_connection_check_interval: '\'2s\'',
  };
  await admin.query(Object.entries(settings).map(([name, value]) => `${subject} set ${name} = ${value}`).join(';\n'));
}

async function canSignIn(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, application_name: 'banyan provision' });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch (error) {
    if (sqlState(error) === '28P01') return false;
    throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Two writers of one catalogue row: the second one fails, with one of three errors, and finds the first one's row next time. */
async function whileOthersInterfere(step: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await step();
      return;
    } catch (error) {
      if (attempt === MOST_ATTEMPTS || !isInterference(error)) throw error;
      await sleep(5 * attempt);
    }
  }
}

function isInterference(error: unknown): boolean {
  const state = sqlState(error);
  return state === '42710' || state === '23505' || (state === 'XX000' && error instanceof DatabaseError && /tuple concurrently/.test(error.message));
}
