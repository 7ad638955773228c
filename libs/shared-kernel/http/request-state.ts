import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import type { Identity } from './authentication.js';

/** What this room remembers of a request while it is served. */
export interface RequestState {
  readonly identity: Identity;
  /** Runs the callback inside the request's input, wherever it is called from. */
  readonly resume: <R>(callback: () => R) => R;
  /** Code of the problem that the request was answered with, for its line in the log. */
  problem?: string;
}

const states = new WeakMap<IncomingMessage, RequestState>();

/** Remembers the request together with the asynchronous context of the caller. */
export function remember(request: FastifyRequest, identity: Identity): RequestState {
  const state: RequestState = { identity, resume: AsyncLocalStorage.snapshot() };
  states.set(request.raw, state);
  return state;
}

/** Undefined for a request that was refused before its input was opened. */
export function stateOf(request: FastifyRequest): RequestState | undefined {
  return states.get(request.raw);
}
