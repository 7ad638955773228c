import { type House, declarationsOf, roomOf } from '../../house/index.js';
import type { Violation } from '../violation.js';
import { type EventCall, type Topics, eventCalls } from './event-calls.js';
import { placeOf } from './places.js';

/** Every event is announced by its owner, and by nobody else. */
export function announcementViolations(house: House): Violation[] {
  const declarations = declarationsOf(house);
  const topics: Topics = new Map(declarations.map(({ name, contract }) => [name, new Set(Object.keys(contract.events))]));
  const calls = allCalls(house, topics);
  const silent = declarations.flatMap(({ name, contract }) => Object.entries(contract.events).flatMap(([key, { type }]): Violation[] => {
    if (calls.some((it) => it.owner === name && it.key === key && it.speaker === name)) return [];
    return [{
      wall: 'events', rule: 'event-never-announced', ...placeOf(house, name, type), subject: type,
      problem: `The contract of ${name} promises "${type}", but no file of ${name} announces it.`,
      instead: `Announce it where it happens, events.announce(${name}Contract.events.${key}({ … })), or take it out of the contract.`,
    }];
  }));
  return [...silent, ...calls.filter(({ speaker, owner }) => speaker !== owner).map(spokenForOthers)];
}

type SpokenCall = EventCall & { readonly speaker: string; readonly file: string };

/** Calls of events in the whole product; a contract only describes them, and tests may make up what they need. */
function allCalls({ files, arrows }: House, topics: Topics): SpokenCall[] {
  return files.flatMap((file) => {
    const room = roomOf(file.path);
    if (!room || room.isTest || room.kind === 'contract') return [];
    const speaker = room.kind === 'context' ? room.name : room.id;
    return eventCalls(file, arrows.filter(({ from }) => from === file), topics).map((call) => ({ ...call, speaker, file: file.path }));
  });
}

function spokenForOthers({ speaker, owner, key, file, line }: SpokenCall): Violation {
  return {
    wall: 'events', rule: 'announced-by-stranger', file, line, subject: `${owner}.${key}`,
    problem: `${speaker} makes an announcement of "${key}", an event that belongs to ${owner}.`,
    instead: `Only ${owner} says what happened to it. Send it a command, or announce an event of your own.`,
  };
}
