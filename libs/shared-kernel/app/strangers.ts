import type { Request } from '../http/index.js';
import { CallRefused, type ServiceIdentity } from '../rpc/index.js';

/**
 * Fastify's `onRequest` hook of an app that was lifted out: only the facade may send it requests for its contexts, and
 * says so with the token of a service. Health and metrics are for whoever watches the process.
 */
export function refuseStrangers(identity: ServiceIdentity) {
  return async ({ routeOptions, headers }: Request): Promise<void> => {
    const context = routeOptions.config.banyan?.context;
    if (context === undefined || context === 'app') return;
    const token = headers['x-banyan-service-token'];
    if (typeof token !== 'string') throw new CallRefused(`Requests for ${context} go to the shop's own address, which sends them on to here.`, { reason: 'missing' });
    await identity.verify(token);
  };
}
