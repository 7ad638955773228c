import { setTimeout as pause } from 'node:timers/promises';
import { Body, Controller, Delete, Get, Global, Headers, Inject, Logger, Module, Param, Post, Put, Query, Res, Sse, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ApiTags } from '@nestjs/swagger';
import { interval, map, type Observable } from 'rxjs';
import { z } from 'zod';
import { defineError, skuSchema, text } from '../../contract/index.js';
import { observabilityModule } from '../../observability/index.js';
import { currentInput } from '../../runtime/index.js';
import {
  Answers, Fails, Public, Roles, SessionStatus, SignedIn, TokenKeys, caller, callerSession, checkIfMatch, configureHttp, etagOf, httpAdapter,
  httpModule, page, pageQuery, readCursor, type HttpApp, type HttpSettings, type Reply,
} from '../index.js';
import { AUDIENCE, ISSUER, TestIssuer } from './tokens.js';

const TooManyLeaves = defineError({
  code: 'too-many-leaves', http: 409, grpc: 'FAILED_PRECONDITION', retryable: false, help: 'A tree has so many leaves. Take a smaller number.',
});

const leafSchema = z.strictObject({ sku: skuSchema, quantity: z.int().min(1).max(1_000) });
const treeSchema = z.strictObject({ name: text(1, 40), leaves: z.array(leafSchema).max(2_000) });
const skuParam = z.strictObject({ sku: skuSchema });
const answerSchema = z.strictObject({ sku: z.string(), name: z.string() }).meta({ id: 'Tree' });
const listSchema = z.strictObject({ data: z.array(z.int()), nextCursor: z.string().nullable(), hasMore: z.boolean() });

const log = new Logger('Trees');

@Controller('v1/trees')
@ApiTags('trees')
@SignedIn()
class TreesController {
  @Get()
  @Public()
  @Answers(200, listSchema, 'Numbers, ascending.')
  list(@Query({ schema: pageQuery }) { limit, cursor }: z.output<typeof pageQuery>) {
    const after = readCursor(cursor, z.int()) ?? 0;
    const rows = Array.from({ length: 45 - after }, (_, i) => after + i + 1).slice(0, limit + 1);
    return page(rows, limit, (row) => row);
  }

  @Get(':sku')
  @Public()
  @Answers(200, answerSchema, 'The tree.')
  get(@Param({ schema: skuParam }) { sku }: z.output<typeof skuParam>, @Res({ passthrough: true }) reply: Reply) {
    reply.header('ETag', etagOf(sku));
    return { sku, name: 'Oak' };
  }

  @Put(':sku')
  @Roles('staff')
  @Answers(200, answerSchema, 'The tree as it is now.')
  @Fails(TooManyLeaves)
  put(
    @Param({ schema: skuParam }) { sku }: z.output<typeof skuParam>,
    @Body({ schema: treeSchema }) { name, leaves }: z.output<typeof treeSchema>,
    @Query({ schema: z.strictObject({ dry: z.enum(['yes', 'no']).optional() }) }) _query: unknown,
    @Headers('if-match') ifMatch?: string,
  ) {
    checkIfMatch(ifMatch, etagOf(sku));
    if (leaves.length > 1_999) throw new TooManyLeaves(`${leaves.length} leaves are too many.`, { leaves: leaves.length, status: 'not ours to set' });
    return { sku, name };
  }

  @Delete(':sku')
  @Answers(204, null, 'It is gone.')
  remove(): void {}
}

/** Holds requests until the test lets them pass. */
export class Gate {
  waiting = 0;
  private readonly opened = Promise.withResolvers<void>();

  async pass(): Promise<void> {
    this.waiting += 1;
    await this.opened.promise;
  }

  open(): void {
    this.opened.resolve();
  }
}

@Controller('v1/odd')
@Public()
class OddController {
  constructor(@Inject(Gate) private readonly gate: Gate) {}

  @Get('gate')
  async throughGate() {
    await this.gate.pass();
    return { passed: true };
  }

  @Get('failure')
  fail(): void {
    throw new Error('the password of the database is hunter2');
  }

  /** What a handler sees of its input after waiting, and what the log says from in here. */
  @Post('echo')
  @Answers(200, null, 'The input.')
  async echo(@Body() body: { wait?: number } | undefined) {
    const before = currentInput()?.correlationId;
    await pause(body?.wait ?? 0);
    log.log('Echoing.');
    const input = currentInput();
    return { before, correlationId: input?.correlationId, traceId: input?.traceId, context: input?.context, principal: input?.principal };
  }

  @Sse('ticks')
  ticks(): Observable<{ data: number }> {
    return interval(10).pipe(map((data) => ({ data })));
  }
}

@Controller('v1/me')
@SignedIn()
class MeController {
  @Get()
  @Answers(200, z.strictObject({ id: z.string(), roles: z.array(z.string()) }), 'You.')
  me() {
    return caller();
  }

  @Get('session')
  session() {
    return { session: callerSession() };
  }
}

/** Sessions that were ended; a test ends them by adding to it. */
export class EndedSessions extends SessionStatus {
  readonly ended = new Set<string>();
  /** What happens before it answers. */
  before: () => Promise<void> = async () => undefined;

  async isRevoked(sessionId: string): Promise<boolean> {
    await this.before();
    return this.ended.has(sessionId);
  }
}

export interface SampleApp {
  readonly app: HttpApp;
  readonly url: string;
  readonly issuer: TestIssuer;
  readonly sessions: EndedSessions;
  readonly gate: Gate;
  /** Every line logged so far, parsed. */
  readonly lines: () => Record<string, unknown>[];
  close(): Promise<void>;
}

/** An app of this room on a port of its own, with the given modules besides its sample controllers. */
export async function sampleApp(extra: { imports?: unknown[]; settings?: Partial<HttpSettings>; listen?: boolean } = {}): Promise<SampleApp> {
  const issuer = await TestIssuer.create();
  const sessions = new EndedSessions();
  const gate = new Gate();
  const written: string[] = [];

  @Global()
  @Module({
    providers: [{ provide: TokenKeys, useValue: issuer }, { provide: SessionStatus, useValue: sessions }],
  })
  class Ports {}

  @Module({ controllers: [TreesController, OddController, MeController], providers: [{ provide: Gate, useValue: gate }] })
  class Sample {}

  @Module({
    imports: [
      observabilityModule({ service: 'sample', level: 'info', destination: { write: (line) => written.push(line) } }),
      httpModule({ title: 'Sample', version: '1.0.0', issuer: ISSUER, audience: AUDIENCE, ...extra.settings }),
      Ports, Sample, ...(extra.imports ?? []) as Type[],
    ],
  })
  class Root {}

  const app = await NestFactory.create<HttpApp>(Root, httpAdapter(), { bufferLogs: true });
  await configureHttp(app);
  if (extra.listen === false) await app.init();
  else await app.listen(0, '127.0.0.1');
  return {
    app, issuer, sessions, gate,
    url: extra.listen === false ? '' : await app.getUrl(),
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
    close: () => {
      gate.open();
      return app.close();
    },
  };
}
