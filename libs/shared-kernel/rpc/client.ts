import type { ClientOf, CommandDefinition, CommandOptions, Contract, InputOf, Operation, OutputOf } from '../contract/index.js';
import { InvalidInput, fieldProblems } from '../contract/index.js';
import type { Database } from '../persistence/index.js';
import { checkDeadline } from '../runtime/index.js';
import { CommandInTransaction } from './errors.js';
import { jsonCopy } from './json.js';
import type { Transport } from './transport.js';

/** As much of the calling context as a client must know: whether its transaction is open. */
type Caller = Pick<Database, 'context' | 'inTransaction'>;

/** The typed client of a contract over any transport: one method per command and query. */
export function clientThrough<C extends Contract>(contract: C, transport: Transport, caller: Caller): ClientOf<C> {
  const commands = Object.entries(contract.commands).map(([name, command]) =>
    [name, (input: unknown, options: CommandOptions) => {
      refuseInTransaction(command, caller);
      return sendCommand(transport, command, input, options);
    }] as const);
  const queries = Object.entries(contract.queries).map(([name, query]) =>
    [name, (input: unknown) => exchange(transport, query, input, undefined)] as const);
  // The methods are made from the very definitions that ClientOf maps over; the compiler cannot see that.
  return Object.fromEntries<unknown>([...commands, ...queries]) as ClientOf<C>;
}

/**
 * Sends one command outside of any transaction.
 * @throws InvalidInput when the input does not fit the contract; DeadlineExceeded when no time is left; the callee's catalogued errors
 */
export async function sendCommand<C extends CommandDefinition>(
  transport: Transport, command: C, input: InputOf<C>, { idempotencyKey }: CommandOptions,
): Promise<OutputOf<C>> {
  if (!idempotencyKey) throw new InvalidInput(`${command.name} was sent without an idempotency key. Give it one that stays the same when the same intent is sent again.`);
  return exchange(transport, command, input, idempotencyKey);
}

async function exchange<O extends Operation>(transport: Transport, operation: O, input: unknown, idempotencyKey: string | undefined): Promise<OutputOf<O>> {
  checkDeadline(`${operation.name} was called`);
  const parsed = operation.input.safeParse(input);
  if (!parsed.success) {
    throw new InvalidInput(`The input of ${operation.name} does not fit its contract.`, { operation: operation.name }, fieldProblems(parsed.error));
  }
  const reply = await transport.send({ operation: operation.name, input: jsonCopy(parsed.data), idempotencyKey });
  return operation.output.parse(reply) as OutputOf<O>;
}

/** The other context commits on its own: were this transaction rolled back later, its work would stand alone. */
function refuseInTransaction(command: CommandDefinition, caller: Caller): void {
  if (!caller.inTransaction) return;
  throw new CommandInTransaction(
    `${caller.context} sent ${command.name} while its transaction was open; a rollback would leave the command's effect behind. Send it as a step of a saga, or announce an event.`,
    { command: command.name },
  );
}
