import { Inject } from '@nestjs/common';

/** The token under which a context finds its client of another context. */
export function clientToken(contractName: string): string {
  return `client:${contractName}`;
}

/**
 * Injects the typed client of a contract into a constructor parameter. It exists only for the contracts that the
 * context declares in `calls`; Nest refuses to start with any other.
 */
export function Client(contract: { readonly name: string }): ParameterDecorator {
  return Inject(clientToken(contract.name));
}
