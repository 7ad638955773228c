import { type DynamicModule, Module } from '@nestjs/common';
import type { Parking } from '../messaging/index.js';
import { ParkedController } from './parked.controller.js';
import { ParkedEvents } from './parked-events.js';

/** What operators look after in one app. */
export interface OperationsParts {
  /** Of every context that the app hosts. */
  readonly parking: readonly Parking[];
}

@Module({})
class OperationsModule {}

/**
 * `/ops/v1`: what operators see and do, for all contexts of an app at once. It keeps nothing of its own: what it
 * changes, and who changed it and why, is stored in the context's schema and leaves with it.
 */
export function operationsModule({ parking }: OperationsParts): DynamicModule {
  return {
    module: OperationsModule,
    controllers: [ParkedController],
    providers: [{ provide: ParkedEvents, useValue: new ParkedEvents(parking) }],
  };
}
