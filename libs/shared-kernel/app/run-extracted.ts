import type { ContextDeclaration } from '../context/index.js';
import type { IssuerContract } from './access.js';
import { runApp } from './run-app.js';
import { isShadow, runShadow } from './run-shadow.js';

/**
 * Runs one context as this process, beside a monolith that holds it too: the same schema, the same broker. Where
 * requests, calls and events go is decided by the context's stage. While that is "shadow", a second process of the same
 * program plays the context's tape to a copy; without a broker that is all there is to do.
 */
export async function runExtracted(context: ContextDeclaration, issuer: IssuerContract, environment: NodeJS.ProcessEnv): Promise<void> {
  if (isShadow(environment)) return runShadow(context, environment);
  const { name } = context;
  const serves = environment['EVENT_BUS'] === 'rabbitmq';
  const plan = { name, title: `Banyan shop: ${name}`, version: '1.0.0', contexts: serves ? [context] : [], shadows: [context], issuer };
  await runApp(plan, environment, ({ url }, _config, seconds) =>
    `\n  ${name}, lifted out: ${url}   (ready in ${seconds().toFixed(1)} s)${serves ? '' : `\n\n  Without EVENT_BUS=rabbitmq it serves nothing and can only be a shadow: npx banyan stage ${name} shadow --reason …`}\n\n  Ctrl-C drains and stops it.\n`);
}
