import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { NotFound } from '../contract/index.js';
import { Answers, Fails, IdempotencyKey, IdempotentByItself, type Reply, Roles, caller } from '../http/index.js';
import { ParkedEvents, type Sum } from './parked-events.js';
import { presentParked, presentStory } from './parked-presented.js';
import { type DiscardWish, type RedriveWish, type Story, discardAnswer, discardWish, ofEvent, parkedPage, parkedQuery, redriveAnswer, redriveWish, storySchema } from './parked-schemas.js';

/** Events that no handler could digest, of every context of this app. */
@Controller('ops/v1/parked')
@Roles('operator')
@ApiTags('operations')
export class ParkedController {
  constructor(private readonly events: ParkedEvents) {}

  @Get()
  @Answers(200, parkedPage, 'Parked events of all contexts, those first that were parked first. What waits behind them is counted.')
  async list(@Query({ schema: parkedQuery }) query: z.output<typeof parkedQuery>): Promise<z.input<typeof parkedPage>> {
    const { data, ...rest } = await this.events.list(query);
    return { data: data.map(presentParked), ...rest };
  }

  @Get(':context/:eventId')
  @Answers(200, storySchema, 'The event as it stands, parked or not any more, and what happened to it so far.')
  @Fails(NotFound)
  async show(@Param({ schema: ofEvent }) { context, eventId }: z.output<typeof ofEvent>): Promise<Story> {
    return presentStory(await this.events.find(context, eventId));
  }

  @Post('redrives')
  @IdempotentByItself()
  @Answers(202, redriveAnswer, 'They run again, key by key in their order, at the pace that was asked for.')
  @Answers(200, redriveAnswer, 'With `dryRun`: what would run.')
  async redrive(
    @Body({ schema: redriveWish }) wish: RedriveWish, @IdempotencyKey() idempotencyKey: string, @Res({ passthrough: true }) reply: Reply,
  ): Promise<z.input<typeof redriveAnswer>> {
    const sum = await this.events.redrive(wish, { principalId: caller().id, idempotencyKey });
    answer(reply, sum, wish.dryRun);
    return { dryRun: wish.dryRun, perSecond: wish.perSecond, ...sum.total, contexts: [...sum.contexts] };
  }

  @Post('discards')
  @IdempotentByItself()
  @Answers(202, discardAnswer, 'They are out for good, also when they are delivered again; what waited behind them runs.')
  @Answers(200, discardAnswer, 'With `dryRun`: what would go.')
  async discard(
    @Body({ schema: discardWish }) wish: DiscardWish, @IdempotencyKey() idempotencyKey: string, @Res({ passthrough: true }) reply: Reply,
  ): Promise<z.input<typeof discardAnswer>> {
    const sum = await this.events.discard(wish, { principalId: caller().id, idempotencyKey });
    answer(reply, sum, wish.dryRun);
    return { dryRun: wish.dryRun, ...sum.total, contexts: [...sum.contexts] };
  }
}

function answer(reply: Reply, { isReplay }: Pick<Sum<unknown>, 'isReplay'>, dryRun: boolean): void {
  reply.status(dryRun ? 200 : 202);
  if (isReplay) reply.header('Idempotent-Replayed', 'true');
}
