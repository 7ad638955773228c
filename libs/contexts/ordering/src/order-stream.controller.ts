import { InvalidInput, NotFound, idSchema } from '@banyan/kernel/contract';
import { Fails, type Request, SignedIn, caller } from '@banyan/kernel/http';
import { type CanActivate, Controller, type ExecutionContext, Headers, Injectable, type MessageEvent, Param, Sse, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { type Observable, map } from 'rxjs';
import { z } from 'zod';
import { GetOrder } from './get-order.js';
import { OrderStream } from './order-stream.js';

const orderId = z.strictObject({ id: idSchema });

/** Nest sends 200 and the headers of a stream before its handler runs, so whatever can be refused is refused here. */
@Injectable()
class MayFollowOrder implements CanActivate {
  constructor(private readonly getOrder: GetOrder) {}

  /** @throws InvalidInput, NotFound */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { params, headers } = context.switchToHttp().getRequest<Request>();
    const id = orderId.safeParse(params);
    if (!id.success) throw new InvalidInput('This is not the id of an order.', {}, [{ path: '{id}', message: 'Has to be a UUID.' }]);
    readEventId(headers['last-event-id']);
    await this.getOrder.run(id.data.id, caller());
    return true;
  }
}

@Controller('v1/orders')
@ApiTags('ordering')
export class OrderStreamController {
  constructor(private readonly stream: OrderStream) {}

  @Sse(':id/events')
  @SignedIn()
  @UseGuards(MayFollowOrder)
  @ApiOkResponse({
    description: 'The stations of the order as server-sent events, from `Last-Event-ID` on; the stream ends with the order.',
    content: { 'text/event-stream': { schema: { type: 'string' } } },
  })
  @Fails(NotFound)
  events(@Param({ schema: orderId }) { id }: z.output<typeof orderId>, @Headers('last-event-id') lastEventId?: string): Observable<MessageEvent> {
    return this.stream.follow(id, readEventId(lastEventId)).pipe(
      map(({ number, entry }) => ({ id: String(number), type: entry.status, data: entry })),
    );
  }
}

/** @throws InvalidInput when it is not one of our event ids */
function readEventId(header: unknown): number {
  if (header === undefined || header === '') return 0;
  if (typeof header !== 'string' || !/^\d{1,9}$/.test(header)) {
    throw new InvalidInput('Last-Event-ID is not the id of an event of this stream.', {}, [{ path: 'header:Last-Event-ID', message: 'Has to be the id of the last event you received.' }]);
  }
  return Number(header);
}
