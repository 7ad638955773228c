import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { command, defineContract, event, query } from '../contract/index.js';
import { Handles } from '../rpc/index.js';
import { call, defineSaga } from '../saga/index.js';
import { type ContextDeclaration, InvalidDeclaration, defineContext } from './index.js';

const nothing = z.strictObject({});
const shape = { input: nothing, output: nothing };
const tea = defineContract({
  name: 'tea', commands: { brew: command('tea.brew', shape) }, queries: { isHot: query('tea.is-hot', shape) },
  events: { brewed: event('tea.tea-brewed', { version: 1, aggregateType: 'pot', aggregateId: () => '1', payload: nothing }) },
});
const cups = defineContract({ name: 'cups', commands: { fill: command('cups.fill', shape) }, queries: {}, events: {} });

@Handles(tea.commands.brew)
class Brew { async run() { return {}; } }
@Handles(tea.queries.isHot)
class IsHot { async run() { return {}; } }
@Handles(tea.events.brewed)
class HearTea { async run() { /* only listens */ } }
@Handles(cups.commands.fill)
class Fill { async run() { return {}; } }
class Nobody {}

const whole: ContextDeclaration = {
  name: 'tea', owner: 'team-tea', contract: tea, calls: [], listensTo: [], entities: [], migrations: [], sagas: [], controllers: [], providers: [],
  handlers: [Brew, IsHot],
};

function problemsOf(change: Partial<ContextDeclaration>): readonly string[] {
  try {
    defineContext({ ...whole, ...change });
    return [];
  } catch (error) {
    if (error instanceof InvalidDeclaration) return error.problems;
    throw error;
  }
}

describe('a declaration', () => {
  it('that holds together is taken as it is', () => {
    expect(defineContext(whole)).toBe(whole);
  });

  const wrong: [string, Partial<ContextDeclaration>, RegExp][] = [
    ['names another contract', { contract: cups, handlers: [Fill] }, /offers the contract "cups"/],
    ['has a name that no schema can have', { name: 'Tea Room' }, /cannot name a schema/],
    ['promises an operation that nobody handles', { handlers: [Brew] }, /"tea.is-hot" is in the contract but no class/],
    ['handles an operation of somebody else', { handlers: [Brew, IsHot, Fill] }, /"cups.fill", which is not in its contract/],
    ['has two handlers for one operation', { handlers: [Brew, Brew, IsHot] }, /"tea.brew" has two handlers/],
    ['listens without a handler', { name: 'cups', contract: cups, handlers: [Fill], listensTo: [tea.events.brewed] }, /has no handler for it/],
    ['handles an event that it does not listen to', { name: 'cups', contract: cups, handlers: [Fill, HearTea] }, /"listensTo" does not name/],
    ['listens to itself', { handlers: [Brew, IsHot, HearTea], listensTo: [tea.events.brewed] }, /its own event/],
    ['has a saga that calls whom it does not know', {
      sagas: [defineSaga('round', 1, nothing, { steps: [call('fill', cups.commands.fill, { input: () => ({}) })] })],
    }, /sends "cups.fill", but "calls" of "tea" does not name/],
  ];
  const diary = defineContract({ name: 'tea', commands: {}, queries: {}, events: {} });
  const cup = { name: '0001-cup', sql: 'CREATE TABLE cup (id text); CREATE TABLE saucer (id text); DROP TABLE saucer;' };
  const kept: Partial<ContextDeclaration> = { contract: diary, handlers: [], migrations: [cup], readModel: ['cup'] };

  it('that names all of its tables as a read model is taken', () => {
    expect(problemsOf(kept)).toEqual([]);
  });

  it.each<[string, Partial<ContextDeclaration>, RegExp]>([
    ['takes commands', { contract: tea, handlers: [Brew, IsHot] }, /but takes commands/],
    ['announces events', { contract: tea, handlers: [Brew, IsHot] }, /but announces events/],
    ['calls others', { calls: [cups] }, /but calls others/],
    ['forgets a table', { readModel: [] }, /The table "cup" of "tea" is not in "readModel"/],
    ['names a table that is none', { readModel: ['cup', 'saucer'] }, /names "saucer", which none of its migrations creates/],
  ])('that has a read model and %s is refused', (_what, change, message) => {
    expect(problemsOf({ ...kept, ...change })).toEqual(expect.arrayContaining([expect.stringMatching(message)]));
  });

  it.each(wrong)('that %s is refused, and says what to do', (_what, change, message) => {
    expect(problemsOf(change)).toEqual(expect.arrayContaining([expect.stringMatching(message)]));
  });

  it('shows all of its problems at once', () => {
    expect(problemsOf({ name: 'Tea Room', handlers: [Fill] }).length).toBeGreaterThanOrEqual(4);
  });

  it('that lists a class which handles nothing says so', () => {
    expect(() => defineContext({ ...whole, handlers: [Brew, IsHot, Nobody] })).toThrow(/does not say what it handles/);
  });
});
