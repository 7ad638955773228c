import { Stripe } from 'stripe';
import { ProcessorAway, ProcessorTimeout } from '../../contract/index.js';
import type { ProcessorCall } from './card-processor.js';

/** A definite no, in words that fit the contract. */
export interface Trouble {
  readonly code: string;
  readonly message: string;
  /** Where the intent stands, when the error tells. */
  readonly intentStatus: string | undefined;
}

/** Nobody was reached: the request cannot have been done. */
const NEVER_ARRIVED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
const LONGEST_CODE = 64;
const LONGEST_MESSAGE = 300;

/**
 * Tells a definite no from an uncertain end.
 * @throws ProcessorTimeout when Stripe may have done it
 * @throws ProcessorAway when Stripe cannot or will not work for us now
 */
export function troubleOf(error: unknown, { timeoutMs }: ProcessorCall): Trouble {
  if (error instanceof Stripe.errors.StripeConnectionError) {
    const cause = networkCode(error);
    if (cause && NEVER_ARRIVED.has(cause)) throw new ProcessorAway(`Stripe cannot be reached (${cause}).`, { cause });
    throw new ProcessorTimeout(`Stripe did not answer within ${timeoutMs} ms, or the connection broke.`);
  }
  if (error instanceof Stripe.errors.StripeCardError) return trouble(error, error.decline_code ?? error.code ?? 'card-declined');
  if (error instanceof Stripe.errors.StripeInvalidRequestError) {
    return trouble(error, isUnknownCard(error) ? 'unknown-card' : error.code ?? 'invalid-request');
  }
  if (error instanceof Stripe.errors.StripeAPIError) {
    throw new ProcessorTimeout(`Stripe failed with status ${error.statusCode ?? 'unknown'}; it may have done it.`, { status: error.statusCode });
  }
  if (error instanceof Stripe.errors.StripeError) {
    // Wrong secret key, missing permission, rate limit, the same key still under way: nothing was done by this call.
    throw new ProcessorAway(`Stripe does not take our request now (${error.type}).`, { type: error.type, status: error.statusCode });
  }
  throw error;
}

function trouble(error: Stripe.errors.StripeError, code: string): Trouble {
  return {
    code: code.replaceAll('_', '-').slice(0, LONGEST_CODE),
    message: plain(error.message) || 'Stripe gave no reason.',
    intentStatus: error.payment_intent?.status,
  };
}

function isUnknownCard(error: Stripe.errors.StripeError): boolean {
  return error.code === 'resource_missing' && error.param === 'payment_method';
}

function networkCode(error: Stripe.errors.StripeConnectionError): string | undefined {
  const { detail } = error;
  return typeof detail === 'object' && 'code' in detail && typeof detail.code === 'string' ? detail.code : undefined;
}

/** As the contract wants texts: one line, of bounded length. */
function plain(message: string): string {
  return message.toWellFormed().replaceAll(/\p{Cc}+/gu, ' ').trim().slice(0, LONGEST_MESSAGE).toWellFormed();
}
