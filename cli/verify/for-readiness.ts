import type { ContextDeclaration } from '@banyan/kernel/context';
import type { House } from '../house/index.js';
import type { Provided } from './injection/dependencies.js';
import type { Verdict } from './verify.js';

/** What the walls can tell without a database. */
export async function verifySources(house: House): Promise<Verdict> {
  const [{ verdictOn }, { fromSources }] = await Promise.all([import('./verify.js'), import('./inspections.js')]);
  return verdictOn(house, fromSources);
}

/** Everything that Nest makes for a context, with what it hands to each. */
export async function nestContents(declaration: ContextDeclaration): Promise<Provided[]> {
  const [{ contentsOf }, { dormantModule }] = await Promise.all([import('./injection/dependencies.js'), import('./injection/dormant.js')]);
  return contentsOf(dormantModule(declaration));
}
