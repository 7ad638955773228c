import { afterAll, describe, expect, it } from '@jest/globals';
import type { ClientOf } from '@banyan/kernel/contract';
import { Database } from '@banyan/kernel/persistence';
import { Client } from '@banyan/kernel/rpc';
import { Clock } from '@banyan/kernel/runtime';
import { Inject, Injectable, Optional, type Provider, forwardRef } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { Items, changed, shelf, shelfContract, smallHouse, tearDownHouses, till, tillContract } from '../../testing/index.js';
import { injectionWall } from './wall.js';

afterAll(tearDownHouses);

async function complaints(doors: Record<string, Record<string, unknown>>): Promise<string[]> {
  const { violations } = await injectionWall(await smallHouse({ doors }));
  return violations.map(({ rule, subject }) => `${rule} ${subject}`);
}

const tillWith = (...providers: Provider[]) => ({ till: changed(till, { providers }) });

abstract class Settings {
  abstract readonly colour: string;
}

@Injectable()
class ByType {
  constructor(readonly items: Items) {}
}

@Injectable()
class ByToken {
  constructor(@Inject(Items) readonly items: unknown) {}
}

@Injectable()
class ByForwardReference {
  constructor(@Inject(forwardRef(() => Items)) readonly items: unknown) {}
}

@Injectable()
class ByProperty {
  @Inject(Items) readonly items: unknown;
}

@Injectable()
class AtLeisure {
  constructor(@Optional() readonly items: Items) {}
}

@Injectable()
class Heir extends ByType {}

@Injectable()
class Searcher {
  constructor(readonly modules: ModuleRef) {}
}

@Injectable()
class Caller {
  constructor(@Client(tillContract) readonly till: ClientOf<typeof tillContract>) {}
}

@Injectable()
class Honest {
  constructor(readonly database: Database, readonly clock: Clock, readonly settings: Settings, @Client(shelfContract) readonly shelf: ClientOf<typeof shelfContract>) {}
}

describe('the injection wall', () => {
  it('stands around a house that keeps the rules', async () => {
    const { seen, violations } = await injectionWall(await smallHouse());
    expect(violations).toEqual([]);
    expect(seen).toMatch(/^\d+ providers in 2 modules$/);
  });

  it.each([
    ['by its type', ByType],
    ['by a token', ByToken],
    ['by a forward reference', ByForwardReference],
    ['by a property', ByProperty],
    ['optionally', AtLeisure],
    ['by inheritance', Heir],
    ['by a factory', { provide: 'maker', useFactory: (items: Items) => items, inject: [Items] }],
    ['by a factory, optionally', { provide: 'maker', useFactory: (items?: Items) => items, inject: [{ token: Items, optional: true }] }],
    ['by another name', { provide: 'alias', useExisting: Items }],
    ['by a class under another token', { provide: 'alias', useClass: ByType }],
  ] as [string, Provider][])('catches a class that takes another context\'s class %s', async (_how, provider) => {
    expect(await complaints(tillWith(provider))).toEqual(['foreign-dependency Items']);
  });

  it('names both sides, and the place of the class', async () => {
    const house = await smallHouse({
      files: { 'libs/contexts/till/src/by-type.ts': '\nexport class ByType {}\n' }, doors: tillWith(ByType),
    });
    expect((await injectionWall(house)).violations).toEqual([expect.objectContaining({
      file: 'libs/contexts/till/src/by-type.ts', line: 2, problem: 'ByType of till wants Items in its constructor, which belongs to shelf.',
    })]);
  });

  it('catches a class that two contexts provide, under whatever token', async () => {
    expect(await complaints(tillWith(Items))).toEqual(['provided-twice Items', 'provided-twice Items']);
    expect(await complaints(tillWith({ provide: 'mine', useClass: Items }))).toEqual(['provided-twice Items', 'provided-twice mine']);
  });

  it('catches an object that two contexts share, and lets them use the same word', async () => {
    const shared = new Map();
    const both = (one: Provider, other: Provider) => ({ shelf: changed(shelf, { providers: [Items, one] }), till: changed(till, { providers: [other] }) });
    expect(await complaints(both({ provide: 'here', useValue: shared }, { provide: 'there', useValue: shared }))).toEqual(['provided-twice here', 'provided-twice there']);
    expect(await complaints(both({ provide: 'limit', useValue: 3 }, { provide: 'limit', useValue: 3 }))).toEqual([]);
  });

  it('catches a client of a contract that is not declared, and a declared one that nobody uses', async () => {
    expect(await complaints({ shelf: changed(shelf, { providers: [Items, Caller] }) })).toEqual(['client-undeclared client:till']);
    expect(await complaints({ shelf: changed(shelf, { calls: [tillContract] }) })).toEqual(['client-unused client:till']);
  });

  it('catches a class that searches Nest\'s container, which holds the classes of all contexts', async () => {
    expect(await complaints(tillWith(Searcher))).toEqual(['unknown-dependency ModuleRef']);
  });

  it('catches a provider that would work on the requests of every context', async () => {
    expect(await complaints(tillWith({ provide: 'APP_GUARD', useValue: {} }))).toEqual(['works-on-everybody APP_GUARD']);
  });

  it('catches a door that hands out what the context works with', async () => {
    expect(await complaints({ shelf: { shelf, Items } })).toEqual(['door-hands-out Items']);
  });

  it('lets a class take what the kernel, its own context and the app provide', async () => {
    expect(await complaints({ till: { ...changed(till, { providers: [Honest] }), Settings } })).toEqual([]);
  });

  it('asks Nest in the end, and says what Nest says', async () => {
    class Circular {}
    const first: Provider = { provide: 'first', useFactory: () => 1, inject: ['second'] };
    const second: Provider = { provide: 'second', useFactory: () => 1, inject: ['first'] };
    expect(await complaints(tillWith(first, second, Circular))).toEqual(['nest-refuses Nest']);
  });
});
