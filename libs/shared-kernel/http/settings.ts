import type { MonitoringAccess } from './monitoring.js';

/** What an app decides about its HTTP side. */
export interface HttpSettings {
  /** Title and version in the OpenAPI document. */
  readonly title: string;
  readonly version: string;
  /** Access tokens must be issued by this issuer … */
  readonly issuer: string;
  /** … for this audience. */
  readonly audience: string;
  /** Milliseconds a request may take before it is answered with 504; 30,000 when left out. */
  readonly deadlineMs?: number;
  /** Requests for contexts have come through the facade, which has asked whether their session has ended. */
  readonly isBehindFacade?: boolean;
  /** Who may read the metrics besides operators; nobody when left out. */
  readonly monitoring?: MonitoringAccess | undefined;
}

/** Nest's injection token of the settings. */
export const HTTP_SETTINGS = Symbol('banyan.http.settings');
