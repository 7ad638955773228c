import { type DynamicModule, type Provider } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { z } from 'zod';
import { type ContextDeclaration, RehearsedContext } from '../context/index.js';
import { envelopeSchema } from '../contract/index.js';
import { type HttpApp, TokenKeys, configureHttp, givenRequest, httpAdapter, httpModule } from '../http/index.js';
import { observabilityModule } from '../observability/index.js';
import { type TapedInput, pinnedOf } from '../parallel-run/index.js';
import type { Database } from '../persistence/index.js';
import { replayInput, runInput } from '../runtime/index.js';

const call = z.object({ operation: z.string(), input: z.unknown(), idempotencyKey: z.string().optional() });
const step = z.object({ state: z.unknown(), saga: z.looseObject({ name: z.string(), id: z.string() }) });

/** What a rehearsal is told about its process. */
export interface RehearsalSettings {
  /** What the app decides for the context. */
  readonly providers: readonly Exclude<Provider, new (...given: never[]) => unknown>[];
  readonly logLevel: 'silent' | 'fatal' | 'error' | 'warn' | 'info' | 'debug';
}

/** A context on a copy of its data, with all its doors, and a hand that puts inputs in through them. */
export class Rehearsal {
  private constructor(private readonly app: HttpApp, private readonly context: RehearsedContext, private readonly name: string) {}

  /** @param database of the copy, with its witness */
  static async open(declaration: ContextDeclaration, database: Database, settings: RehearsalSettings): Promise<Rehearsal> {
    const context = new RehearsedContext(declaration, database);
    const app: HttpApp = await NestFactory.create(moduleOf(declaration, context, settings), httpAdapter(), { bufferLogs: true, abortOnError: false });
    await configureHttp(app);
    await app.init();
    return new Rehearsal(app, context, declaration.name);
  }

  async close(): Promise<void> {
    await this.app.close();
  }

  /** Does the input again, through the door that it came in by. @throws what the context throws */
  async perform({ occasion: { kind, name, given }, pinned }: TapedInput): Promise<unknown> {
    return replayInput(pinnedOf(pinned), async (): Promise<unknown> => {
      switch (kind) {
        case 'request': return this.request(given, pinned.principal !== undefined);
        case 'command': case 'query': {
          const { idempotencyKey, ...rest } = call.parse(given);
          return this.context.send({ ...rest, idempotencyKey });
        }
        case 'event': return runInput({ context: this.name }, () => this.context.handle(envelopeSchema.parse(given)));
        case 'step': {
          const { state, saga } = step.parse(given);
          return runInput({ context: this.name }, () => this.context.perform({ saga: saga.name, step: name.slice(name.indexOf('/') + 1), state, told: saga }));
        }
      }
    });
  }

  private async request(given: unknown, isSomebody: boolean): Promise<void> {
    const { method, url, headers, body } = givenRequest.parse(given);
    await this.app.getHttpAdapter().getInstance().inject({
      method, url, headers: { ...headers, ...(isSomebody && { authorization: 'Bearer of-the-tape' }) },
      ...(body !== null && body !== undefined && { payload: JSON.stringify(body) }),
    });
  }
}

class ShadowModule {}
class SettingsModule {}

function moduleOf(declaration: ContextDeclaration, context: RehearsedContext, settings: RehearsalSettings): DynamicModule {
  // Who asks is on the tape; nobody's token is looked at.
  const keys = { provide: TokenKeys, useValue: { keys: async () => ({ keys: [] }) } };
  const providers = [keys, ...settings.providers];
  return {
    module: ShadowModule,
    imports: [
      observabilityModule({ service: `shadow-of-${declaration.name}`, level: settings.logLevel }),
      httpModule({ title: declaration.name, version: '1.0.0', issuer: 'tape', audience: 'shadow' }),
      { module: SettingsModule, global: true, providers, exports: providers },
      context.module,
    ],
  };
}
