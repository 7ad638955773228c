import type { Provider, Type } from '@nestjs/common';
import type { Database } from '../persistence/index.js';
import { witnessedPort } from '../rpc/index.js';
import type { ContextDeclaration } from './define-context.js';

/** A context's providers, with those of its ports to the outside world under the eyes of its witness. */
export function askingWitnessed({ providers, asks = [] }: ContextDeclaration, database: Database): Provider[] {
  return providers.flatMap((provider): Provider[] => {
    const port = asks.find((it) => it === tokenOf(provider));
    if (port === undefined) return [provider];
    const real = Symbol(`${port.name} itself`);
    return [
      typeof provider === 'function' ? { provide: real, useClass: provider } : { ...provider, provide: real },
      { provide: port, useFactory: (it: object) => witnessedPort(port, it, database), inject: [real] },
    ];
  });
}

/** The same, where there is nobody to ask: the witness knows every answer, and what stands outside is not even made. */
export function askingNobody({ providers, asks = [] }: ContextDeclaration, database: Database): Provider[] {
  return providers.map((provider): Provider => {
    const port = asks.find((it) => it === tokenOf(provider));
    return port === undefined ? provider : { provide: port, useFactory: () => witnessedPort(port, undefined, database) };
  });
}

function tokenOf(provider: Provider): unknown {
  return typeof provider === 'function' ? provider satisfies Type : provider.provide;
}
