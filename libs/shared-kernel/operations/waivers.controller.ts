import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { InvalidInput, NotFound } from '../contract/index.js';
import { Facade } from '../facade/index.js';
import { Answers, Fails, IdempotencyKey, IdempotentByItself, Roles, caller, page, readCursor } from '../http/index.js';
import { Findings, type WaiverEntry, problemsOfWaiver } from '../parallel-run/index.js';
import { requireInput } from '../runtime/index.js';
import { type WaiverRequest, ofWaiver, waiverEntry, waiverPage, waiverWish, waiversQuery } from './finding-schemas.js';

const cursorParts = z.strictObject({ at: z.string(), id: z.string() });

/** Who answers for which difference, and until when. */
@Controller('ops/v1/findings/waivers')
@Roles('operator')
@ApiTags('operations')
export class WaiversController {
  constructor(private readonly findings: Findings, private readonly facade: Facade) {}

  @Get()
  @Answers(200, waiverPage, 'Waivers, the latest first, with those that are over.')
  async list(@Query({ schema: waiversQuery }) { limit, cursor, context }: z.output<typeof waiversQuery>): Promise<z.input<typeof waiverPage>> {
    const found = await this.findings.waivers.list({ context, limit: limit + 1, before: readCursor(cursor, cursorParts) });
    const { data, ...rest } = page(found, limit, ({ at, id }) => ({ at: at.toISOString(), id }));
    return { data: data.map(presented), ...rest };
  }

  @Post()
  @IdempotentByItself()
  @Answers(201, waiverEntry, 'Somebody answers for it. It is compared and counted as before, and does not hold the gate until it expires.')
  async add(@Body({ schema: waiverWish }) { endpoint, ...rest }: WaiverRequest, @IdempotencyKey() idempotencyKey: string): Promise<z.input<typeof waiverEntry>> {
    const wish = { ...rest, ...(endpoint !== undefined && { endpoint }) };
    const problems = problemsOfWaiver(wish, requireInput().at);
    if (!this.facade.fronts.includes(wish.context)) problems.push(`there is no context "${wish.context}" here`);
    if (problems.length > 0) throw new InvalidInput(`The waiver cannot be given: ${problems.join('; ')}.`, {}, problems.map((message) => ({ path: '/', message })));
    return presented(await this.findings.waivers.add({ ...wish, idempotencyKey }, caller().id));
  }

  @Delete(':id')
  @IdempotentByItself()
  @Answers(200, waiverEntry, 'Nobody answers for it any more.')
  @Fails(NotFound)
  async end(@Param({ schema: ofWaiver }) { id }: z.output<typeof ofWaiver>, @IdempotencyKey() _key: string): Promise<z.input<typeof waiverEntry>> {
    const entry = await this.findings.waivers.end(id, caller().id);
    if (!entry) throw new NotFound(`There is no waiver ${id}. GET /ops/v1/findings/waivers lists them.`);
    return presented(entry);
  }
}

function presented({ at, expiresAt, endedAt, ...entry }: WaiverEntry): z.input<typeof waiverEntry> {
  return { ...entry, at: at.toISOString(), expiresAt: expiresAt.toISOString(), endedAt: endedAt?.toISOString() ?? null };
}
