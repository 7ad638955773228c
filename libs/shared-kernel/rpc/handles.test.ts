import { describe, expect, it } from '@jest/globals';
import { Inject, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { z } from 'zod';
import { type ClientOf, command, defineContract, event, query } from '../contract/index.js';
import { Client, clientToken } from './client-token.js';
import { type CommandMeta, Handles, handledBy } from './handles.js';

const bookRoom = command('hotels.book-room', { input: z.strictObject({ nights: z.int() }), output: z.strictObject({ room: z.string() }) });
const freeRooms = query('hotels.free-rooms', { input: z.strictObject({}), output: z.strictObject({ count: z.int() }) });
const roomBooked = event('hotels.room-booked', {
  version: 1, aggregateType: 'room', aggregateId: (it) => it.room, payload: z.strictObject({ room: z.string() }),
});
const hotels = defineContract({ name: 'hotels', commands: { bookRoom }, queries: { freeRooms }, events: { roomBooked } });

describe('@Handles', () => {
  it('tells what a class handles, and how', () => {
    @Handles(bookRoom)
    class BookRoom {
      async run(input: { nights: number }, meta: CommandMeta): Promise<{ room: string }> {
        return { room: `${input.nights} ${meta.idempotencyKey}` };
      }
    }
    @Handles(bookRoom, { transaction: 'own' })
    class BookElsewhere {
      async run(): Promise<{ room: string }> {
        return { room: 'elsewhere' };
      }
    }
    @Handles(roomBooked)
    class CountRooms {
      async run(payload: { room: string }): Promise<void> {
        expect(payload.room).toBeDefined();
      }
    }
    expect(handledBy(BookRoom)).toEqual({ definition: bookRoom, transaction: 'handler' });
    expect(handledBy(BookElsewhere)).toEqual({ definition: bookRoom, transaction: 'own' });
    expect(handledBy(CountRooms)).toEqual({ definition: roomBooked, transaction: 'handler' });
  });

  it('refuses a class that does not fit, when it is compiled', () => {
    // @ts-expect-error -- the answer has no room
    @Handles(bookRoom)
    class Forgetful {
      async run(input: { nights: number }): Promise<{ nights: number }> {
        return input;
      }
    }
    // @ts-expect-error -- the query has no such input
    @Handles(freeRooms)
    class Curious {
      async run(input: { stars: number }): Promise<{ count: number }> {
        return { count: input.stars };
      }
    }
    expect([Forgetful, Curious]).toHaveLength(2);
  });

  it('says so when a class carries no mark', () => {
    class Unmarked {}
    expect(() => handledBy(Unmarked)).toThrow('Unmarked is listed as a handler but does not say what it handles');
  });
});

describe('@Client', () => {
  @Handles(freeRooms)
  class FreeRooms {
    constructor(@Client(hotels) readonly client: ClientOf<typeof hotels>, @Inject('stars') readonly stars: number) {}

    async run(): Promise<{ count: number }> {
      return { count: this.stars };
    }
  }

  it('is found by Nest under the name of the contract, together with what else the class needs', async () => {
    const client = { name: 'a client' };
    @Module({ providers: [FreeRooms, { provide: clientToken('hotels'), useValue: client }, { provide: 'stars', useValue: 5 }] })
    class App {}
    const app = await NestFactory.createApplicationContext(App, { logger: false });
    expect(app.get(FreeRooms).client).toBe(client);
    expect(app.get(FreeRooms).stars).toBe(5);
    await app.close();
  });

  it('does not start where the call is not declared', async () => {
    @Module({ providers: [FreeRooms, { provide: 'stars', useValue: 5 }] })
    class App {}
    await expect(NestFactory.createApplicationContext(App, { logger: false, abortOnError: false })).rejects.toThrow('client:hotels');
  });
});
