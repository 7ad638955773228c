import type { ContextDeclaration } from '@banyan/kernel/context';
import type { DynamicModule } from '@nestjs/common';
import type { ContextOnDisk } from '../../house/index.js';
import { type Provided, type Token, contentsOf } from './dependencies.js';
import { dormantModule } from './dormant.js';

/** What one context has in Nest. */
export interface NestRoom {
  readonly declaration: ContextDeclaration;
  readonly module: DynamicModule;
  readonly contents: readonly Provided[];
  /** Classes on its door: the app provides them, such as settings. */
  readonly fromApp: readonly Token[];
}

/** What is wrong with it. */
export interface Complaint {
  readonly rule: string;
  readonly subject: string;
  readonly problem: string;
  readonly instead: string;
}

export function furnish({ door }: ContextOnDisk, declaration: ContextDeclaration): NestRoom {
  const module = dormantModule(declaration);
  return { declaration, module, contents: contentsOf(module), fromApp: Object.values(door).filter((it) => typeof it === 'function') };
}
