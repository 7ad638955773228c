import { type ContextDeclaration, contextModule, defineContext } from '@banyan/kernel/context';
import type { Contract } from '@banyan/kernel/contract';
import { MessageBus } from '@banyan/kernel/messaging';
import { Database } from '@banyan/kernel/persistence';
import { Dispatcher } from '@banyan/kernel/rpc';
import { Sagas } from '@banyan/kernel/saga';
import type { DynamicModule } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** The Nest module of a context exactly as an app gets it, except that its database was never opened. */
export function dormantModule(declaration: ContextDeclaration): DynamicModule {
  const { name, contract } = declaration;
  const database = new Database(name, new DataSource({ type: 'postgres' }));
  const messaging = new MessageBus().join({ database, contract });
  const nobody = new Dispatcher();
  return contextModule({ declaration, database, messaging, sagas: new Sagas(database) }, { handlers: nobody, calls: nobody }, () => undefined);
}

/** The module of a context that has nothing: whatever is in it comes from the kernel. */
export function emptyModule(): DynamicModule {
  const contract: Contract = { name: 'nothing', commands: {}, queries: {}, events: {} };
  return dormantModule(defineContext({
    name: 'nothing', owner: 'nobody', contract, calls: [], listensTo: [], entities: [], migrations: [], handlers: [], sagas: [], controllers: [], providers: [],
  }));
}
