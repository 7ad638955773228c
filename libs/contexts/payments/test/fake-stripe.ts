import { createHash } from 'node:crypto';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { StripeSettings } from '../src/payments-settings.js';

/** What happens to one answer of the server; the work is done in any case except `refused`. */
export type Fate = 'sent' | 'dropped' | 'never' | 'broken';

interface Intent {
  id: string;
  amount: number;
  status: 'requires_capture' | 'succeeded' | 'canceled' | 'requires_action';
  refunded: number;
}

interface StripeAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/**
 * A Stripe that runs here: PaymentIntents and refunds as far as the adapter uses them, each idempotency key honoured
 * as Stripe does: the first answer is kept and given again, and a request that comes while the first is under way
 * is a conflict.
 */
export class FakeStripe {
  readonly intents = new Map<string, Intent>();
  /** How often a card was charged, by the payment that the metadata names. */
  readonly charges = new Map<string, number>();
  requests = 0;
  fate: () => Fate = () => 'sent';
  private readonly answers = new Map<string, StripeAnswer>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<FakeStripe> {
    const server = createServer();
    const fake = new FakeStripe(server);
    server.on('request', (request, response) => void fake.serve(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get settings(): StripeSettings {
    return { secretKey: 'sk_test_local', host: '127.0.0.1', port: (this.server.address() as AddressInfo).port, protocol: 'http' };
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests += 1;
    const form = new URLSearchParams(await bodyOf(request));
    const key = String(request.headers['idempotency-key']);
    const fate = this.fate();
    const known = this.answers.get(key);
    const answer = known ?? this.work(request.url ?? '', form);
    this.answers.set(key, answer);
    if (fate === 'dropped') request.socket.destroy();
    if (fate === 'broken') reply(response, { status: 500, body: { error: { type: 'api_error', message: 'Something went wrong.' } } });
    if (fate === 'sent') reply(response, answer);
  }

  private work(url: string, form: URLSearchParams): StripeAnswer {
    const [, , resource, id, action] = url.split('/');
    if (resource === 'refunds') return this.refund(form);
    return id ? this.move(id, action) : this.create(form);
  }

  private create(form: URLSearchParams): StripeAnswer {
    const method = form.get('payment_method') ?? '';
    if (method === 'pm_declined') return failure(402, { type: 'card_error', code: 'card_declined', decline_code: 'insufficient_funds', message: 'Your card has\ninsufficient funds.' });
    if (method === 'pm_unknown') return failure(400, { type: 'invalid_request_error', code: 'resource_missing', param: 'payment_method', message: 'No such PaymentMethod.' });
    const paymentId = form.get('metadata[paymentId]') ?? '';
    this.charges.set(paymentId, (this.charges.get(paymentId) ?? 0) + 1);
    const intent: Intent = {
      id: `pi_${createHash('sha256').update(paymentId).digest('hex').slice(0, 16)}`,
      amount: Number(form.get('amount')), refunded: 0,
      status: method === 'pm_asks_owner' ? 'requires_action' : 'requires_capture',
    };
    this.intents.set(intent.id, intent);
    return { status: 200, body: { object: 'payment_intent', ...intent } };
  }

  private move(id: string, action: string | undefined): StripeAnswer {
    const intent = this.intents.get(id);
    if (!intent) return failure(404, { type: 'invalid_request_error', code: 'resource_missing', param: 'intent', message: 'No such payment_intent.' });
    if (intent.status !== 'requires_capture') {
      return failure(400, { type: 'invalid_request_error', code: 'payment_intent_unexpected_state', message: `It is ${intent.status}.`, payment_intent: { object: 'payment_intent', ...intent } });
    }
    intent.status = action === 'capture' ? 'succeeded' : 'canceled';
    return { status: 200, body: { object: 'payment_intent', ...intent } };
  }

  private refund(form: URLSearchParams): StripeAnswer {
    const intent = this.intents.get(form.get('payment_intent') ?? '');
    const amount = Number(form.get('amount'));
    if (!intent || intent.status !== 'succeeded' || intent.refunded + amount > intent.amount) {
      return failure(400, { type: 'invalid_request_error', code: 'charge_already_refunded', message: 'There is not so much left.' });
    }
    intent.refunded += amount;
    return { status: 200, body: { object: 'refund', id: `re_${this.answers.size}`, amount, status: 'succeeded' } };
  }
}

function failure(status: number, error: Record<string, unknown>): StripeAnswer {
  return { status, body: { error } };
}

function reply(response: ServerResponse, { status, body }: StripeAnswer): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString('utf8');
}
