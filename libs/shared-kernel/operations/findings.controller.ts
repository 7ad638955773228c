import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { NotFound } from '../contract/index.js';
import { Answers, Fails, Roles, page, readCursor } from '../http/index.js';
import { type Finding, Findings } from '../parallel-run/index.js';
import { findingPage, findingWithSample, findingsQuery, ofFinding, sampleSchema } from './finding-schemas.js';

const cursorParts = z.strictObject({ context: z.string(), at: z.string(), id: z.string() });
type Place = z.output<typeof cursorParts>;

/** What candidates did differently from what serves. */
@Controller('ops/v1/findings')
@Roles('operator')
@ApiTags('operations')
export class FindingsController {
  constructor(private readonly findings: Findings) {}

  @Get()
  @Answers(200, findingPage, 'Differences grouped by cause, of the latest parallel run of each context, those that were seen first at first.')
  async list(@Query({ schema: findingsQuery }) { limit, cursor, context, run, judgement, epsilon }: z.output<typeof findingsQuery>): Promise<z.input<typeof findingPage>> {
    const after = readCursor(cursor, cursorParts);
    const found = (await this.findings.list({ context, run, epsilon }))
      .filter((it) => (judgement === undefined || it.judgement === judgement) && (after === undefined || isAfter(placeOf(it), after)))
      .toSorted((a, b) => (isAfter(placeOf(a), placeOf(b)) ? 1 : -1));
    const { data, ...rest } = page(found, limit, placeOf);
    return { data: data.map(presented), ...rest };
  }

  @Get(':id')
  @Answers(200, findingWithSample, 'One of them, with a sample: what came in, and what both sides made of it.')
  @Fails(NotFound)
  async show(@Param({ schema: ofFinding }) { id }: z.output<typeof ofFinding>): Promise<z.input<typeof findingWithSample>> {
    const found = await this.findings.show(id);
    if (!found) throw new NotFound(`There is no finding ${id}. GET /ops/v1/findings lists them.`);
    const { input, primary, candidate, differences, tape } = sampleSchema.parse(found.sample);
    return {
      ...presented(found), input, primary: primary ?? null, candidate: candidate ?? null, tape: tape ?? null,
      differences: differences.map((it) => ({ ...it, primary: it.primary ?? null, candidate: it.candidate ?? null })),
    };
  }
}

function presented({ id, run, context, endpoint, output, kind, field, count, firstSeen, lastSeen, judgement, because }: Finding): z.input<typeof findingPage>['data'][number] {
  return { id, run, context, endpoint, output, kind, field, count, firstSeen: firstSeen.toISOString(), lastSeen: lastSeen.toISOString(), judgement, because };
}

function placeOf({ context, firstSeen, id }: Finding): Place {
  return { context, at: firstSeen.toISOString(), id };
}

function isAfter(a: Place, b: Place): boolean {
  return a.context !== b.context ? a.context > b.context : a.at !== b.at ? a.at > b.at : a.id > b.id;
}
