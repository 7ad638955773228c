import { httpModule } from '@banyan/kernel/http';
import { observabilityModule } from '@banyan/kernel/observability';
import type { DynamicModule } from '@nestjs/common';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import type { Token } from './dependencies.js';
import type { Complaint, NestRoom } from './nest-room.js';

/** What the kernel's global modules give to everybody. Nest's own container is not among it. */
export async function globalTokens(): Promise<Set<Token>> {
  class Kernel {}
  return inNest({ module: Kernel, imports: kernelModules() }, (modules) => new Set(
    [...modules.values()].filter((it) => it.isGlobal && it.name !== 'InternalCoreModule').flatMap((it) => [...it.exports]),
  ));
}

/** After all, Nest is asked: it resolves every dependency, making nothing. */
export async function refusalOfNest(rooms: readonly NestRoom[]): Promise<Complaint | undefined> {
  class Everything {}
  class FromApp {}
  const settings = rooms.flatMap(({ fromApp }) => fromApp).map((provide) => ({ provide: provide as symbol, useValue: {} }));
  const imports = [...kernelModules(), { module: FromApp, global: true, providers: settings, exports: settings }, ...rooms.map(({ module }) => module)];
  try {
    await inNest({ module: Everything, imports }, () => undefined);
    return undefined;
  } catch (error) {
    const [problem = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return { rule: 'nest-refuses', subject: 'Nest', problem: `Nest cannot put the contexts together. ${problem}`, instead: 'Provide what is missing in the context that wants it.' };
  }
}

function kernelModules(): DynamicModule[] {
  return [observabilityModule({ service: 'verify', level: 'fatal' }), httpModule({ title: 'verify', version: '0', issuer: 'verify', audience: 'verify' })];
}

async function inNest<T>(module: DynamicModule, look: (modules: ModulesContainer) => T): Promise<T> {
  const app = await NestFactory.createApplicationContext(module, { preview: true, logger: false, abortOnError: false });
  try {
    return look(app.get(ModulesContainer));
  } finally {
    await app.close();
  }
}
