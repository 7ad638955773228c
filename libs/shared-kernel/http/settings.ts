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
  /** Who may read the metrics besides operators; nobody when left out. */
  readonly monitoring?: MonitoringAccess | undefined;
}

/** Nest's injection token of the settings. */
export const HTTP_SETTINGS = Symbol('banyan.http.settings');
