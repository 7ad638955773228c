import { z } from 'zod';
import type { Contract } from '../../contract/index.js';
import { givenRequest, requestHash } from '../../http/index.js';
import type { Database } from '../../persistence/index.js';
import { jsonHash } from '../../rpc/index.js';
import type { TapedInput } from '../tape/entry.js';
import { UNTOLD } from './copied-columns.js';

const keyed = z.object({ operation: z.string().default(''), idempotencyKey: z.string().optional(), headers: z.record(z.string(), z.string()).optional() }).catch({ operation: '' });
/** Whose keys they are that nobody in particular sends. */
const ANONYMOUS = 'anonymous';
/** Only its path counts. */
const SOMEWHERE = 'http://copy';

const call = z.object({ operation: z.string(), input: z.unknown() });

/** By what a context remembers that it has done an input. */
export interface RememberedBy {
  readonly key: string;
  /** Whose key it is, at the HTTP door. */
  readonly principalId: string;
  /** The command, at the other one. */
  readonly operation: string;
}

/** Undefined for an input that carries no key. */
export function rememberedBy({ occasion: { given }, pinned }: Pick<TapedInput, 'occasion' | 'pinned'>): RememberedBy | undefined {
  const { operation, idempotencyKey, headers } = keyed.parse(given);
  const key = idempotencyKey ?? headers?.['idempotency-key'];
  return key === undefined ? undefined : { key, operation, principalId: pinned.principal?.id ?? ANONYMOUS };
}

/**
 * What a copy remembers of inputs that were done before it was made. Which inputs those were it was not told, where there
 * are people in them; so the first one that the original takes for such an input is it.
 */
export class Remembered {
  constructor(private readonly database: Database, private readonly context: { readonly contract: Contract; readonly personal?: readonly string[] }) {}

  /**
   * To be told of an input before it is performed, if the original has committed something under it: for it has then taken
   * the key for this input's. One that it refused because the key is another input's has not come that far, and what is
   * not told here is refused by the copy, too.
   */
  async recognize(input: TapedInput): Promise<void> {
    const by = this.context.personal?.length ? rememberedBy(input) : undefined;
    if (!by) return;
    if (input.occasion.kind === 'request') await this.recognizeRequest(input, by);
    if (input.occasion.kind === 'command') await this.recognizeCommand(input, by);
  }

  /** A route that does not look at what is remembered here may be asked under the same key; that says nothing. */
  private async recognizeRequest(input: TapedInput, by: RememberedBy): Promise<void> {
    const hash = await hashOfRequest(input, by);
    // By the primary key. What a part of an address is called may have changed since.
    if (hash !== undefined) await this.database.query(
      `UPDATE idempotency_key SET request_hash = $3 WHERE principal_id = $1 AND key = $2 AND request_hash = $4 AND regexp_replace(route, ':[^/]+', ':', 'g') = regexp_replace($5, ':[^/]+', ':', 'g')`,
      [by.principalId, by.key, hash, UNTOLD, input.occasion.name]);
  }

  private async recognizeCommand(input: TapedInput, by: RememberedBy): Promise<void> {
    const hash = this.hashOfCommand(input);
    // By the primary key.
    if (hash !== undefined) await this.database.query('UPDATE command_log SET input_hash = $3 WHERE command = $1 AND idempotency_key = $2 AND input_hash = $4', [by.operation, by.key, hash, UNTOLD]);
  }

  /** As its handler is given it: what the contract fills in is in it. */
  private hashOfCommand({ occasion: { given } }: TapedInput): string | undefined {
    const { data } = call.safeParse(given);
    const parsed = Object.values(this.context.contract.commands).find(({ name }) => name === data?.operation)?.input.safeParse(data?.input);
    return parsed?.success ? jsonHash(parsed.data) : undefined;
  }
}

/** As it comes out of the replay's own door. */
async function hashOfRequest({ occasion: { given } }: TapedInput, { principalId, key }: RememberedBy): Promise<string | undefined> {
  const request = givenRequest.safeParse(given);
  if (!request.success) return undefined;
  const { method, url, body } = request.data;
  const place = URL.parse(url.startsWith('//') ? `${SOMEWHERE}${url}` : url, SOMEWHERE);
  return place ? requestHash({ method, url: `${place.pathname}${place.search}`, body: body ?? undefined }, { principalId, key }) : undefined;
}
