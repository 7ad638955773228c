import { createHash } from 'node:crypto';
import { BanyanError, InvalidInput, type Operation, Unavailable, fieldProblems } from '../contract/index.js';
import { type SpanFacts, logger, runTraced } from '../observability/index.js';
import { type Database, type Occasion, witnessed } from '../persistence/index.js';
import { checkDeadline, type InputSeed, wallClock } from '../runtime/index.js';
import { oncePerKey } from './command-log.js';
import { CommandInTransaction } from './errors.js';
import { type CommandMeta, handledBy } from './handles.js';
import { jsonCopy } from './json.js';
import { type Call, type Transport, methodOf } from './transport.js';
import { errorFromWire, errorToWire, refusalOf } from './wire-error.js';

/** An instance of a class with `@Handles(command or query)`. */
interface OperationHandler {
  run(input: unknown, meta: CommandMeta): Promise<unknown>;
}

const log = logger('rpc');

interface Registration {
  readonly operation: Operation;
  readonly transaction: 'handler' | 'own';
  readonly handler: OperationHandler;
  readonly database: Database;
}

/**
 * Knows who handles which operation in this process, and runs it there: in the callee's own request-local scope,
 * with its own transaction. Input and output are copied as JSON and checked, so nothing leaks by reference and a
 * context cannot tell a neighbour from a stranger.
 */
export class Dispatcher implements Transport {
  private readonly registrations = new Map<string, Registration>();

  /**
   * Takes a context's handler of a command or query in.
   * @throws Error when the operation is another context's, or handled already
   */
  register(database: Database, handler: OperationHandler): void {
    const { definition, transaction } = handledBy(handler.constructor);
    if (!('kind' in definition)) throw new Error(`${handler.constructor.name} handles an event; the dispatcher takes commands and queries.`);
    if (!definition.name.startsWith(`${database.context}.`)) {
      throw new Error(`${handler.constructor.name} of ${database.context} handles ${definition.name}, which is another context's. Move the handler there.`);
    }
    const other = this.registrations.get(definition.name);
    if (other) throw new Error(`${definition.name} is handled twice: by ${other.handler.constructor.name} and ${handler.constructor.name}. Remove one.`);
    this.registrations.set(definition.name, { operation: definition, transaction, handler, database });
  }

  handles(operation: string): boolean {
    return this.registrations.has(operation);
  }

  /**
   * Runs one call. A command runs at most once per key, see `oncePerKey`, unless its handler asked for its own transactions.
   * @throws catalogued errors only; anything else becomes `internal`, and its text goes to the log
   */
  async send(call: Call): Promise<unknown> {
    checkDeadline(`${call.operation} was run`);
    const registration = this.registrations.get(call.operation);
    if (!registration) throw new Unavailable(`No context in this process handles ${call.operation}. Start the one that does, or route the call to it.`, { operation: call.operation });
    const { witness } = registration.database;
    return runTraced(inputOf(call, registration), handlingOf, call, () => witnessed(witness, () => occasionOf(call, registration), () => runForStranger(call, registration), refusalOf));
  }
}

/** Tells the callee's log what the caller must not read. */
async function runForStranger(call: Call, registration: Registration): Promise<unknown> {
  const started = wallClock.ticks();
  try {
    const reply = await run(call, registration);
    log.info({ operation: call.operation, durationMs: Math.round((wallClock.ticks() - started) * 10) / 10 }, 'Call handled.');
    return reply;
  } catch (error) {
    if (error instanceof BanyanError) log.info({ operation: call.operation, code: error.code }, 'Call refused.');
    else log.error({ err: error, operation: call.operation }, 'A call failed for a reason that is not catalogued; the caller hears "internal".');
    throw errorFromWire(errorToWire(error, call.operation));
  }
}

function occasionOf(call: Call, { operation: { kind, name } }: Registration): Occasion {
  return { kind, name, given: call };
}

const handlingOf = ({ operation }: Call): SpanFacts => ({ kind: 'internal', name: operation, attributes: methodOf(operation) });

/** A repeated command gets the same input id, so that it makes the same ids again. */
function inputOf({ operation, idempotencyKey }: Call, { database }: Registration): InputSeed {
  const context = database.context;
  if (idempotencyKey === undefined) return { context };
  return { context, inputId: createHash('sha256').update(`${operation}\n${idempotencyKey}`).digest('hex').slice(0, 32) };
}

/** Queries are told nothing beside their input. */
const noMeta: CommandMeta = { idempotencyKey: '' };

async function run(call: Call, { operation, transaction, handler, database }: Registration): Promise<unknown> {
  const input = parseInput(operation, call.input);
  const answer = async (meta: CommandMeta): Promise<unknown> => jsonCopy(operation.output.parse(await handler.run(input, meta)));
  if (operation.kind === 'query') return answer(noMeta);

  const { idempotencyKey } = call;
  if (!idempotencyKey) throw new InvalidInput(`${operation.name} came without an idempotency key.`);
  if (database.inTransaction) throw new CommandInTransaction(`${operation.name} was reached from within a transaction of its own context.`, { command: operation.name });
  const work = (): Promise<unknown> => answer({ idempotencyKey });
  if (transaction === 'own') return work();
  return database.transaction(() => oncePerKey(database, { command: operation.name, idempotencyKey, input }, work));
}

/** @throws InvalidInput naming every wrong field */
function parseInput(operation: Operation, input: unknown): unknown {
  const parsed = operation.input.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new InvalidInput(`The input of ${operation.name} does not fit its contract.`, { operation: operation.name }, fieldProblems(parsed.error));
}
