import type { z } from 'zod';
import type { ErrorClass } from './errors.js';

interface OperationShape<Input extends z.ZodType, Output extends z.ZodType> {
  readonly input: Input;
  readonly output: Output;
  /** Catalogued errors the caller must expect; they cross the wire as themselves. */
  readonly errors?: readonly ErrorClass[];
}

/** Changes something; safe to send twice with the same key. */
export interface CommandDefinition<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> extends OperationShape<Input, Output> {
  readonly kind: 'command';
  /** Stable wire name: `<context>.<verb-noun>`. */
  readonly name: string;
}

/** Changes nothing. */
export interface QueryDefinition<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> extends OperationShape<Input, Output> {
  readonly kind: 'query';
  readonly name: string;
}

export type Operation = CommandDefinition | QueryDefinition;
export type InputOf<O extends { input: z.ZodType }> = z.output<O['input']>;
export type OutputOf<O extends { output: z.ZodType }> = z.output<O['output']>;

/** Declares a command of a contract, named `<context>.<verb-noun>`. */
export function command<I extends z.ZodType, O extends z.ZodType>(name: string, shape: OperationShape<I, O>): CommandDefinition<I, O> {
  return { kind: 'command', name, ...shape };
}

/** Declares a query of a contract, named `<context>.<noun>`. */
export function query<I extends z.ZodType, O extends z.ZodType>(name: string, shape: OperationShape<I, O>): QueryDefinition<I, O> {
  return { kind: 'query', name, ...shape };
}
