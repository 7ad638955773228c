/** One call of one operation, as it travels: JSON values only. */
export interface Call {
  readonly operation: string;
  readonly input: unknown;
  /** Commands have one, queries do not. */
  readonly idempotencyKey: string | undefined;
}

/** Carries calls to where the operation is handled. Throws catalogued errors only. */
export interface Transport {
  send(call: Call): Promise<unknown>;
}

/** An operation as OpenTelemetry names what is called. */
export function methodOf(operation: string): { readonly 'rpc.system': string; readonly 'rpc.method': string } {
  return { 'rpc.system': 'banyan', 'rpc.method': operation };
}
