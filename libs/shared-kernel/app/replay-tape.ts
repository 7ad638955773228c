import { type Difference, type Keys, defineComparison } from '../comparison/index.js';
import type { ContextDeclaration } from '../context/index.js';
import { type InputTape, Player, Snapshot, StageHand, Tally } from '../parallel-run/index.js';
import { openDatabase } from '../persistence/index.js';
import { contextSettings } from './config.js';
import { Rehearsal } from './rehearsal.js';

/** Names the one input of a tape. */
const RUN = 'replayed';
/** A glance of the tape that saw nothing else than what is there. */
const NOW = '1:1:';

/**
 * Does one input again on a copy of its context that has no rows yet, as a shadow does.
 * @param environment variables that the context is told its settings by
 * @returns what the context did differently from what is on the tape
 * @throws what the copy's database says when the starting state does not fit its tables
 */
export async function replayTape(declaration: ContextDeclaration, copy: { readonly url: string; readonly keys: Keys }, tape: InputTape, environment: Readonly<Record<string, string>> = {}): Promise<readonly Difference[]> {
  const database = await openDatabase({ context: declaration.name, url: copy.url, entities: [...declaration.entities], poolSize: 6, applicationName: `banyan-replay-${declaration.name}` });
  const [tally, hand] = [new Tally(), new StageHand(database, declaration.personal)];
  database.witness = hand;
  const rehearsal = await Rehearsal.open(declaration, database, { providers: contextSettings(declaration, environment), logLevel: 'silent' });
  const player = new Player({ database, hand, tally, keys: copy.keys, rules: declaration.comparison ?? defineComparison({}), from: Snapshot.of(NOW), perform: (input) => rehearsal.perform(input) });
  try {
    await player.play({ is: 'unasked', position: '0', xid: 0n, rows: tape.state });
    await play(player, tape);
    return tally.take().mismatches.flatMap((it) => it.differences);
  } finally {
    await rehearsal.close();
    await database.close();
  }
}

async function play(player: Player, { input, transactions, calls, ending }: InputTape): Promise<void> {
  const end = { run: RUN, parts: transactions.length, ending, ms: 0, calls: transactions.length > 0 ? [] : calls };
  const isGlance = transactions.length === 0;
  const endings = { is: 'endings' as const, position: '0', xid: 0n, dropped: 0, ends: [{ ...end, ...(isGlance && { input, window: { before: NOW, after: NOW } }) }] };
  player.foresee(endings);
  for (const [part, { rows, events }] of transactions.entries()) {
    const isFirst = part === 0;
    await player.play({
      is: 'transaction', position: String(part + 1), xid: BigInt(part + 1), rows,
      taped: { run: RUN, part, inputs: isFirst ? [input] : [], calls: isFirst ? calls : [], events },
    });
  }
  await player.play(endings);
  await player.rest();
}
