import type { ContextDeclaration } from '../context/index.js';
import type { IssuerContract } from './access.js';
import { runApp } from './run-app.js';

/**
 * Runs one context as this process, beside a monolith that holds it too: the same schema, the same broker. Where
 * requests, calls and events go is decided by the context's stage.
 */
export async function runExtracted(context: ContextDeclaration, issuer: IssuerContract, environment: NodeJS.ProcessEnv): Promise<void> {
  const { name } = context;
  await runApp({ name, title: `Banyan shop: ${name}`, version: '1.0.0', contexts: [context], issuer }, environment, ({ url }, _config, seconds) =>
    `\n  ${name}, lifted out: ${url}   (ready in ${seconds().toFixed(1)} s)\n\n  Ctrl-C drains and stops it.\n`);
}
