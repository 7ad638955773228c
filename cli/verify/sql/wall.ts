import type { Client } from 'pg';
import { type House, declarationsOf } from '../../house/index.js';
import type { Finding, Violation } from '../violation.js';
import type { Unmade } from './database.js';
import { placeInContext } from './places.js';
import { schemaViolations } from './schemas.js';
import { statementViolations } from './statements.js';

/** No role, table or statement of a context reaches into the schema of another: the statements in the sources. */
export function statementsWall(house: House): Finding {
  return { wall: 'sql', seen: 'statements', violations: statementViolations(house) };
}

/** The same, as PostgreSQL has it. `unmade` are the contexts whose migrations failed just now. */
export async function schemasWall(house: House, client: Client, unmade: readonly Unmade[]): Promise<Finding> {
  const failed = unmade.map(({ context, reason }): Violation => ({
    wall: 'sql', rule: 'migrations-fail', ...placeInContext(house, context, '0001'), subject: context,
    problem: `The schema of ${context} cannot be made in an empty database: ${reason}`,
    instead: 'A context\'s migrations need nothing but its own schema. Make them run by themselves.',
  }));
  const found = await schemaViolations(house, client);
  return {
    wall: 'sql', seen: `${declarationsOf(house).length} schemas in PostgreSQL`,
    violations: [...failed, ...found.filter(({ rule, subject }) => !(rule === 'schema-missing' && unmade.some((it) => it.context === subject)))],
  };
}
