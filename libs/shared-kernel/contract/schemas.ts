import { z } from 'zod';

/** Text that PostgreSQL and JSON both can hold: no NUL, no lone surrogate, no control characters. */
export const text = (min: number, max: number) =>
  z.string().min(min).max(max)
    .refine((value) => value.isWellFormed(), 'Contains half of a surrogate pair.')
    // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
    .refine((value) => !/[\u0000-\u001f\u007f]/.test(value), 'Contains control characters.');

export const idSchema = z.uuid();

/** An external article code: letters, digits, space and `.-_/&'()+#`, no space at the ends. */
export const skuSchema = z.string().min(1).max(64)
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9 ._/&'()+#-]*[A-Za-z0-9._/&'()+#-])?$/, 'A SKU has letters, digits, spaces and ._/&\'()+#- only.');

/** Integer minor units with their currency; never negative. */
export const moneySchema = z.strictObject({
  amount: z.int().min(0).max(100_000_000_000),
  currency: z.literal('GBP'),
});

/** RFC 3339 instant in UTC (`Z`). */
export const isoInstant = z.iso.datetime()
  .refine((value) => !Number.isNaN(Date.parse(value)), 'Is not an instant that exists.');

/** A calendar date in UTC, `YYYY-MM-DD`. */
export const isoDate = z.iso.date();

/** The shape of every list answer. */
export const cursorPage = <T extends z.ZodType>(item: T) =>
  z.strictObject({ data: z.array(item), nextCursor: z.string().nullable(), hasMore: z.boolean() });
