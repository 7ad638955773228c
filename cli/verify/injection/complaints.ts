import { clientToken } from '@banyan/kernel/rpc';
import { type Provided, type Token, nameOf } from './dependencies.js';
import type { Complaint, NestRoom } from './nest-room.js';

/** What Nest could look through: exports, imports, being global. */
export function openings({ declaration: { name }, module }: NestRoom): Complaint[] {
  const instead = 'A context\'s module stands alone: what others need goes through its contract.';
  return [
    ...(module.exports ?? []).map((it) => ({ rule: 'module-exports', subject: nameOf(it), problem: `The module of ${name} exports ${nameOf(it)} to other modules.`, instead })),
    ...(module.imports ?? []).map((it) => ({ rule: 'module-imports', subject: nameOf(it), problem: `The module of ${name} imports another module.`, instead })),
    ...(module.global ? [{ rule: 'module-global', subject: name, problem: `The module of ${name} is global: every other context sees into it.`, instead }] : []),
  ];
}

/** A class on the door that the context itself works with: an app could carry it into another context. */
export function handedOut({ declaration: { name }, contents, fromApp }: NestRoom): Complaint[] {
  const own = new Set(contents.flatMap(({ token, source }) => [token, source]));
  return fromApp.filter((it) => own.has(it)).map((it) => ({
    rule: 'door-hands-out', subject: nameOf(it), problem: `index.ts of ${name} hands out ${nameOf(it)}, which the context itself works with.`,
    instead: 'The door has the declaration, and what the app decides for the context. Take the class off it.',
  }));
}

/** Tokens by which a provider reaches beyond its own module. */
const globalTokenNames = /^APP_(?:GUARD|PIPE|FILTER|INTERCEPTOR)$/;

/** One object in two contexts: what one does to it, the other one sees. */
export function sharedThings({ declaration: { name }, contents }: NestRoom, rooms: readonly NestRoom[], kernel: ReadonlySet<Token>): Complaint[] {
  return contents.filter(({ token }) => !kernel.has(token)).flatMap(({ token, name: called, source }) => {
    if (globalTokenNames.test(String(token))) {
      return [{
        rule: 'works-on-everybody', subject: called, problem: `${name} provides ${called}, which works on the requests of every context.`,
        instead: 'Put @UseGuards, @UseInterceptors, @UsePipes or @UseFilters on your own controllers.',
      }];
    }
    const other = rooms.find((it) => it.declaration.name !== name && it.contents.some((thing) => isSame(thing, token, source)));
    return other ? [{
      rule: 'provided-twice', subject: called, problem: `${called} is among the providers of ${name} and of ${other.declaration.name}.`,
      instead: 'Let one context own it, and give the other one a class of its own, or a call of the owner\'s contract.',
    }] : [];
  });
}

/** The same class, the same factory, the same value; equal strings as tokens are a coincidence. */
function isSame(thing: Provided, token: Token, source: unknown): boolean {
  return (source !== undefined && thing.source === source) || (typeof token === 'function' && thing.token === token);
}

/** What Nest is to hand in and the context does not have. */
export function strangeNeeds({ declaration: { name }, contents, fromApp }: NestRoom, rooms: readonly NestRoom[], kernel: ReadonlySet<Token>, everywhere: ReadonlySet<Token>): Complaint[] {
  const own = new Set([...contents.map(({ token }) => token), ...everywhere, ...fromApp]);
  const strange = contents.filter(({ token }) => !kernel.has(token)).flatMap((it) => it.needs.filter((token) => !own.has(token)).map((token) => ({ ...it, token })));
  return strange.map(({ name: called, token }) => {
    const owner = rooms.find((it) => it.declaration.name !== name && it.contents.some((thing) => thing.token === token || thing.source === token));
    const subject = nameOf(token);
    const client = /^client:(.*)$/.exec(subject)?.[1];
    if (client) return { rule: 'client-undeclared', subject, problem: `${called} of ${name} wants a client of ${client}, which "calls" does not name.`, instead: `Add the contract of ${client} to "calls" in the declaration of ${name}.` };
    if (owner) {
      return {
        rule: 'foreign-dependency', subject, problem: `${called} of ${name} wants ${subject} in its constructor, which belongs to ${owner.declaration.name}.`,
        instead: `Call a command or query of ${owner.declaration.name}'s contract (@Client), or listen to its events.`,
      };
    }
    return {
      rule: 'unknown-dependency', subject, problem: `${called} of ${name} wants ${subject} in its constructor, which neither ${name} nor the kernel provides.`,
      instead: 'List it among the providers of the context. Nest\'s own container (ModuleRef and the like) is not for contexts: it sees all of them.',
    };
  });
}

/** Contracts that a context may call and does not: neither a class has their client, nor does a saga send their commands. */
export function callsInVain({ declaration: { name, calls, sagas }, contents }: NestRoom): Complaint[] {
  const wanted = new Set(contents.flatMap(({ needs }) => needs));
  const sent = sagas.flatMap(({ commands }) => commands.map((it) => it.name));
  return calls.filter((it) => !wanted.has(clientToken(it.name)) && !sent.some((command) => command.startsWith(`${it.name}.`))).map((it) => ({
    rule: 'client-unused', subject: clientToken(it.name),
    problem: `${name} may call ${it.name}, but no class of it has a client of ${it.name} and no saga sends its commands.`,
    instead: `Take the contract of ${it.name} out of "calls".`,
  }));
}
