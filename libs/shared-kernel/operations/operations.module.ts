import { type DynamicModule, Module } from '@nestjs/common';
import type { Contract } from '../contract/index.js';
import { Facade } from '../facade/index.js';
import type { Parking } from '../messaging/index.js';
import { Findings } from '../parallel-run/index.js';
import { FaultsController } from './faults.controller.js';
import { FindingsController } from './findings.controller.js';
import { KnownOperations } from './known-operations.js';
import { ParallelRunsController } from './parallel-runs.controller.js';
import { ParkedController } from './parked.controller.js';
import { ParkedEvents } from './parked-events.js';
import { StagesController } from './stages.controller.js';
import { WaiversController } from './waivers.controller.js';

/** What operators look after in one app. */
export interface OperationsParts {
  /** Of every context that the app hosts. */
  readonly parking: readonly Parking[];
  /** Where contexts are moved from; undefined in apps that only follow. */
  readonly facade?: Facade | undefined;
  /** What parallel runs have found; undefined in apps that only follow. */
  readonly findings?: Findings | undefined;
  /** Of every context of the house. */
  readonly contracts: readonly Contract[];
}

@Module({})
class OperationsModule {}

/**
 * `/ops/v1`: what operators see and do, for all contexts of an app at once. It keeps nothing of its own: what it
 * changes, and who changed it and why, is stored in the schema of the context, or of the facade.
 */
export function operationsModule({ parking, facade, findings, contracts }: OperationsParts): DynamicModule {
  return {
    module: OperationsModule,
    controllers: [ParkedController, ...(facade ? [StagesController, FaultsController] : []), ...(findings ? [WaiversController, FindingsController, ParallelRunsController] : [])],
    providers: [{ provide: ParkedEvents, useValue: new ParkedEvents(parking) }, ...(findings ? [{ provide: Findings, useValue: findings }] : []), ...(facade ? [{ provide: Facade, useValue: facade }, { provide: KnownOperations, useValue: new KnownOperations(contracts) }] : [])],
  };
}
