import { BanyanError, type ErrorClass, Internal, allErrors } from '../contract/index.js';
import type { Ending } from '../persistence/index.js';
import { jsonCopy } from './json.js';

/** A catalogued error on its way between contexts. */
export interface WireError {
  readonly definition: BanyanError['definition'];
  readonly message: string;
  readonly details: BanyanError['details'];
  readonly fields: BanyanError['fields'];
}

/** Catalogued errors travel as they are; of anything else only the fact travels, its text stays in the callee's log. */
export function errorToWire(error: unknown, operation: string): WireError {
  const known = error instanceof BanyanError ? error : new Internal(`Something broke while ${operation} was handled. The log of the handling context has the rest.`);
  const { definition, message, details, fields } = known;
  return jsonCopy({ definition, message, details, fields }) as WireError;
}

/** Makes the error again, of its own class where this process has it in its catalogue. */
export function errorFromWire({ definition, message, details, fields }: WireError): BanyanError {
  const ErrorOf = classOf(definition.code);
  return ErrorOf ? new ErrorOf(message, details, fields) : new BanyanError(definition, message, details, fields);
}

const classes = new Map<string, ErrorClass>();

/** The catalogue grows while modules load, so a miss looks again. */
function classOf(code: string): ErrorClass | undefined {
  if (!classes.has(code)) for (const it of allErrors()) classes.set(it.definition.code, it);
  return classes.get(code);
}

/** A refusal as a witness writes it down. */
export function refusalOf(error: unknown): Ending {
  const { definition: { code }, message, details, fields } = errorToWire(error, 'the input');
  return { is: 'refused', code, message, details: { ...details, ...(fields && { fields }) } };
}
