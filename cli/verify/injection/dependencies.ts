import type { DynamicModule, Provider, Type } from '@nestjs/common';
import { OPTIONAL_DEPS_METADATA, PARAMTYPES_METADATA, PROPERTY_DEPS_METADATA, SELF_DECLARED_DEPS_METADATA } from '@nestjs/common/constants.js';

/** What Nest finds a provider by: a class, a string, a symbol. */
export type Token = unknown;

/** Something that a module provides, or a controller of it. */
export interface Provided {
  readonly token: Token;
  /** How people call it. */
  readonly name: string;
  /** What Nest has to hand in. */
  readonly needs: readonly Token[];
  /** What makes or is the instance: a class, a factory, a value that others could share. */
  readonly source: unknown;
}

/** Everything in a module that Nest makes, with what it needs, as Nest itself reads it off decorators and types. */
export function contentsOf({ providers = [], controllers = [] }: DynamicModule): Provided[] {
  return [...providers.map(providedBy), ...controllers.map((it) => providedBy(it))];
}

export function nameOf(token: Token): string {
  return typeof token === 'function' ? token.name || 'a class without a name' : String(token);
}

function providedBy(provider: Provider): Provided {
  if (typeof provider === 'function') return { token: provider, name: provider.name, needs: needsOf(provider as Type), source: provider };
  const token: Token = provider.provide;
  const name = nameOf(token);
  if ('useClass' in provider) return { token, name, needs: needsOf(provider.useClass), source: provider.useClass };
  if ('useExisting' in provider) return { token, name, needs: [provider.useExisting], source: undefined };
  if ('useFactory' in provider) return { token, name, needs: (provider.inject ?? []).map(tokenOf), source: provider.useFactory };
  return { token, name, needs: [], source: 'useValue' in provider && isShareable(provider.useValue) ? provider.useValue : undefined };
}

/** Constructor parameters, where `@Inject` goes before the type, and properties with `@Inject`. Optional ones count: what is optional elsewhere is given here. */
function needsOf(target: Type): Token[] {
  const types = (Reflect.getMetadata(PARAMTYPES_METADATA, target) as Token[] | undefined) ?? [];
  const marked = (Reflect.getMetadata(SELF_DECLARED_DEPS_METADATA, target) as { index: number; param: Token }[] | undefined) ?? [];
  const properties = (Reflect.getMetadata(PROPERTY_DEPS_METADATA, target) as { type: Token }[] | undefined) ?? [];
  const optional = new Set(Reflect.getMetadata(OPTIONAL_DEPS_METADATA, target) as number[] | undefined);
  const parameters = [...types];
  for (const { index, param } of marked) parameters[index] = param;
  const wanted = [...parameters].filter((it, index) => !(optional.has(index) && isNoToken(it)));
  return [...wanted, ...properties.map(({ type }) => type)].map(tokenOf);
}

/** What TypeScript writes for a parameter whose type is no class. */
function isNoToken(type: Token): boolean {
  return type === undefined || type === Object || type === String || type === Number || type === Boolean || type === Array;
}

function tokenOf(given: Token): Token {
  if (typeof given !== 'object' || given === null) return given;
  if ('forwardRef' in given && typeof given.forwardRef === 'function') return tokenOf(given.forwardRef());
  return 'token' in given ? given.token : given;
}

/** Two modules that hold the same object share it; the same number or text is nobody's. */
function isShareable(value: unknown): boolean {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
