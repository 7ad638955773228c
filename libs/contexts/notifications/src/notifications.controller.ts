import { cursorPage, idSchema, isoInstant } from '@banyan/kernel/contract';
import { Answers, SignedIn, caller, page, pageQuery, readCursor } from '@banyan/kernel/http';
import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { write } from './letter.js';
import { type Notification, newsSchema, notificationStatuses } from './notification.js';
import { NotificationRepository } from './notification.repository.js';

const notificationSchema = z.strictObject({
  id: idSchema,
  kind: z.enum(newsSchema.options.map((it) => it.shape.is.value)),
  orderId: idSchema,
  subject: z.string(),
  text: z.string(),
  status: z.enum(notificationStatuses).describe('Of the mail. `no-address`: it goes out when you have one.'),
  notedAt: isoInstant,
  sentAt: isoInstant.nullable(),
});

@Controller('v1/notifications')
@ApiTags('notifications')
export class NotificationsController {
  constructor(private readonly notifications: NotificationRepository) {}

  @Get()
  @SignedIn()
  @Answers(200, cursorPage(notificationSchema), 'What you were told, newest first; everybody sees their own.')
  async list(@Query({ schema: pageQuery }) { limit, cursor }: z.output<typeof pageQuery>) {
    const found = await this.notifications.list({ customerId: caller().id, before: readCursor(cursor, idSchema), limit: limit + 1 });
    const { data, ...rest } = page(found, limit, (it) => it.id);
    return { data: data.map(present), ...rest };
  }
}

function present(notification: Notification): z.output<typeof notificationSchema> {
  const { id, orderId, news, status, notedAt, sentAt } = notification;
  return {
    id, kind: news.is, orderId, ...write(notification), status,
    notedAt: notedAt.toISOString(), sentAt: sentAt?.toISOString() ?? null,
  };
}
