import type { ContextDeclaration } from '@banyan/kernel/context';
import { endpointsOf } from '../declarations/index.js';
import type { Exception } from '../verify/index.js';

/** Something that a context has besides its contract, and that goes with it. */
export interface Coupling {
  readonly is: 'files' | 'timer' | 'library' | 'other';
  readonly what: string;
  readonly where: string;
  /** As cli/verify/exceptions.json gives it. */
  readonly reason: string;
}

/** What a context brings along when it moves. */
export interface Luggage {
  /** Environment variables that it reads. */
  readonly settings: readonly string[];
  /** The beginnings of its routes: `/v1/orders`. */
  readonly routes: readonly string[];
  readonly couplings: readonly Coupling[];
}

/** Whatever the walls let a context do beyond its contract is written down as an exception; nothing else can be there. */
export function luggageOf({ name, settings, controllers }: ContextDeclaration, exceptions: readonly Exception[]): Luggage {
  return {
    settings: Object.keys(settings?.variables.shape ?? {}),
    routes: [...new Set(endpointsOf(controllers).map(({ path }) => path.split('/').slice(0, 3).join('/')))],
    couplings: exceptions.filter(({ file }) => file.startsWith(`libs/contexts/${name}/`)).map(({ wall, subject, file, reason }) => ({ is: kindOf(wall, subject), what: subject, where: file, reason })),
  };
}

function kindOf(wall: Exception['wall'], subject: string): Coupling['is'] {
  if (/^node:fs\b/.test(subject)) return 'files';
  if (/^(?:setInterval|setTimeout|setImmediate|timer|interval)\b/.test(subject)) return 'timer';
  return wall === 'imports' ? 'library' : 'other';
}
