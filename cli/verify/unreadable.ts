import { CONTEXTS, type House } from '../house/index.js';
import type { Violation, WallName } from './violation.js';

/** Contexts that no wall could look at, because nobody can tell what they declare. They count whichever walls were asked for. */
export function unreadableContexts({ contexts }: House, wall: WallName): Violation[] {
  if (contexts.length === 0) {
    return [{
      wall, rule: 'contexts-missing', file: CONTEXTS, subject: CONTEXTS, problem: `There is no context below ${CONTEXTS}.`,
      instead: 'Run this in a complete checkout: walls around nothing prove nothing.',
    }];
  }
  return contexts.flatMap(({ name, folder, trouble }) => (trouble === undefined ? [] : [{
    wall, rule: 'context-undeclared', file: `${folder}/index.ts`, subject: name,
    problem: `The declaration of ${name} cannot be read, so nobody knows what it may do. ${trouble}`,
    instead: `Let ${folder}/index.ts export one declaration, made by defineContext({ name: '${name}', … }).`,
  }]));
}
