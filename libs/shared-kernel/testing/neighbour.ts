import type { Contract, EventDefinition, EventDraft, EventEnvelope, InputOf, OutputOf } from '../contract/index.js';
import { type ContextDeclaration, defineContext } from '../context/index.js';
import { Handles } from '../rpc/index.js';

type Answers<C extends Contract> =
  { readonly [K in keyof C['commands']]: (input: InputOf<C['commands'][K]>) => OutputOf<C['commands'][K]> | Promise<OutputOf<C['commands'][K]>> } &
  { readonly [K in keyof C['queries']]: (input: InputOf<C['queries'][K]>) => OutputOf<C['queries'][K]> | Promise<OutputOf<C['queries'][K]>> };

/** Plays another context: answers its commands and queries as the test says, through all the real doors. */
export function neighbour<C extends Contract>(contract: C, answers: NoInfer<Answers<C>>): ContextDeclaration {
  const operations = { ...contract.commands, ...contract.queries };
  const answer = answers as Readonly<Record<string, (input: unknown) => unknown>>;
  const handlers = Object.entries(operations).map(([name, operation]) => {
    class Answer {
      async run(input: unknown): Promise<unknown> {
        return answer[name]?.(input);
      }
    }
    Handles(operation as Contract['commands'][string])(Answer as never);
    return Answer;
  });
  return bare({ contract, handlers, listensTo: [] });
}

/** Hears every event of a contract and remembers it. */
export class Witness {
  private readonly heard: EventEnvelope[] = [];

  constructor(private readonly contract: Contract) {}

  /** What was heard of one event so far, in the order it came. */
  payloads<T = unknown>(definition: EventDefinition): T[] {
    return this.heard.filter((it) => it.eventType === definition.type).map((it) => it.payload as T);
  }

  get envelopes(): readonly EventEnvelope[] {
    return this.heard;
  }

  /** The context that does the hearing. */
  declaration(): ContextDeclaration {
    const listensTo = Object.values(this.contract.events);
    const handlers = listensTo.map((definition) => {
      const { heard } = this;
      class Hear {
        async run(_payload: unknown, envelope: EventEnvelope): Promise<void> {
          heard.push(envelope);
        }
      }
      Handles(definition)(Hear);
      return Hear;
    });
    return bare({ contract: { name: 'witness', commands: {}, queries: {}, events: {} }, handlers, listensTo });
  }
}

/** The owner of an event, whoever plays it. */
export function ownerOf(draft: EventDraft): string {
  return draft.definition.type.split('.')[0] ?? '';
}

function bare(parts: Pick<ContextDeclaration, 'contract' | 'handlers' | 'listensTo'>): ContextDeclaration {
  return defineContext({
    name: parts.contract.name, owner: 'the test', calls: [], entities: [], migrations: [], sagas: [], controllers: [], providers: [], ...parts,
  });
}
