import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { InvalidInput } from '../contract/index.js';
import { Facade, type Move, StagePreconditionFailed } from '../facade/index.js';
import { Answers, Fails, IdempotencyKey, IdempotentByItself, Roles, caller, page, readCursor } from '../http/index.js';
import { type StageRequest, journalPage, journalQuery, ofContext, stageList, stageMove, stageWish } from './stage-schemas.js';

const cursorParts = z.strictObject({ id: z.int() });

/** How far each context has been lifted out. */
@Controller('ops/v1/stages')
@Roles('operator')
@ApiTags('operations')
export class StagesController {
  constructor(private readonly facade: Facade) {}

  @Get()
  @Answers(200, stageList, 'Every context with its stage, and the processes that it could be served by besides the monolith.')
  list(): z.input<typeof stageList> {
    const { table } = this.facade;
    return {
      data: this.facade.fronts.map((context) => {
        const { stage, percent, epoch } = table.standingOf(context);
        return { context, stage, percent, epoch, instances: table.instancesOf(context, 'extracted').map(({ app, url }) => ({ app, url })) };
      }),
    };
  }

  @Get('journal')
  @Answers(200, journalPage, 'Who moved which context when and why, the latest first.')
  async journal(@Query({ schema: journalQuery }) { limit, cursor, context }: z.output<typeof journalQuery>): Promise<z.input<typeof journalPage>> {
    const entries = await this.facade.changes.journal(limit + 1, context, readCursor(cursor, cursorParts)?.id);
    const { data, ...rest } = page(entries, limit, ({ id }) => ({ id }));
    return { data: data.map(({ id: _id, at, checks, ...entry }) => ({ ...entry, at: at.toISOString(), checks: checks.map((it) => ({ ...it, figures: { ...it.figures } })) })), ...rest };
  }

  @Post(':context')
  @IdempotentByItself()
  @Answers(201, stageMove, 'The context stands there now: every process follows within a second. Or, with `dryRun`, what would be.')
  @Fails(StagePreconditionFailed)
  async change(
    @Param({ schema: ofContext }) { context }: z.output<typeof ofContext>, @Body({ schema: stageWish }) { dryRun, percent, epsilon, ...rest }: StageRequest, @IdempotencyKey() _key: string,
  ): Promise<z.input<typeof stageMove>> {
    if (!this.facade.fronts.includes(context)) {
      const message = `There is no context "${context}" here. There are: ${this.facade.fronts.join(', ')}.`;
      throw new InvalidInput(message, {}, [{ path: '/context', message }]);
    }
    const wish = { ...rest, ...(percent !== undefined && { percent }), ...(epsilon !== undefined && { epsilon }) };
    const move = dryRun ? await this.facade.changes.plan(context, wish) : await this.facade.changes.change(context, wish, caller().id);
    // Whoever asks this process next must be told what has just been said.
    if (move.isReal && !dryRun) await this.facade.table.look();
    return presented(move, dryRun);
  }
}

function presented({ context, from, to, checks, isReal }: Move, dryRun: boolean): z.input<typeof stageMove> {
  return {
    context, from: { stage: from.stage, percent: from.percent }, to: { ...to }, changed: isReal && !dryRun, dryRun,
    checks: checks.map((it) => ({ ...it, figures: { ...it.figures } })),
  };
}
