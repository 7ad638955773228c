import { Body, Controller, Delete, Get, Param, Post } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { InvalidInput, NotFound } from '../contract/index.js';
import { Facade, type FaultEntry } from '../facade/index.js';
import { Answers, Fails, IdempotencyKey, IdempotentByItself, Roles, caller } from '../http/index.js';
import { type FaultRequest, faultEntry, faultList, faultRequest, ofFault } from './fault-schemas.js';
import { KnownOperations } from './known-operations.js';

/** Faults that are looked back on at most. */
const SHOWN = 100;

/** What goes wrong on purpose, to see how the rest of the house bears it. */
@Controller('ops/v1/faults')
@Roles('operator')
@ApiTags('operations')
export class FaultsController {
  constructor(private readonly facade: Facade, private readonly operations: KnownOperations, private readonly http: HttpAdapterHost) {}

  @Get()
  @Answers(200, faultList, 'The last hundred faults that somebody asked for, the latest first, with those that are over.')
  async list(): Promise<z.input<typeof faultList>> {
    return { data: (await this.facade.faultBook.list(SHOWN)).map(presented) };
  }

  @Post()
  @IdempotentByItself()
  @Answers(201, faultEntry, 'Every process obeys within a second, until it ends by itself.')
  async add(@Body({ schema: faultRequest }) { delayMs = 0, side, ...wish }: FaultRequest, @IdempotencyKey() idempotencyKey: string): Promise<z.input<typeof faultEntry>> {
    this.requireTarget(wish.target);
    return presented(await this.facade.faultBook.add({ ...wish, delayMs, side, idempotencyKey }, caller().id));
  }

  @Delete(':id')
  @IdempotentByItself()
  @Answers(200, faultEntry, 'It is over.')
  @Fails(NotFound)
  async end(@Param({ schema: ofFault }) { id }: z.output<typeof ofFault>, @IdempotencyKey() _key: string): Promise<z.input<typeof faultEntry>> {
    const entry = await this.facade.faultBook.end(id);
    if (!entry) throw new NotFound(`There is no fault ${id}. GET /ops/v1/faults lists them.`);
    return presented(entry);
  }

  /** A fault that hits nothing would look like a house that bears everything. */
  private requireTarget(target: string): void {
    const [method, path] = target.split(' ');
    const isRoute = path !== undefined && this.http.httpAdapter.getInstance().hasRoute({ method, url: path });
    if (isRoute || this.facade.fronts.includes(target) || this.operations.names.has(target)) return;
    const message = `There is neither a context, nor an operation, nor a route "${target}" here. The contexts are ${this.facade.fronts.join(', ')}; a route is written as in the API document, with :id for {id}.`;
    throw new InvalidInput(message, {}, [{ path: '/target', message }]);
  }
}

function presented({ at, endsAt, ...entry }: FaultEntry): z.input<typeof faultEntry> {
  return { ...entry, at: at.toISOString(), endsAt: endsAt.toISOString() };
}
