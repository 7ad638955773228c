import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import type { House } from '../house.js';
import type { InstanceOptions } from '../instance.js';
import { until } from '../until.js';
import { type App, type Placement, type PlacementName, placements } from './placements.js';

/** What a test has to play with: copies of the app, and what their contexts have heard. */
export interface Stage {
  readonly name: PlacementName;
  readonly house: House;
  app(options?: Omit<InstanceOptions, 'transport' | 'hosts'>): Promise<App>;
  /** Waits until nothing will happen by itself any more. */
  idle(app: App): Promise<void>;
  /** What a context has heard per key, in the order in which it took effect. */
  heard(context: 'left' | 'right'): Promise<Record<string, number[]>>;
  /** What it should have heard: of each key, every step that was counted. */
  counted(): Promise<Record<string, number[]>>;
}

/** Sets a stage up for the tests of a `describe`; each begins with empty tables and no app. */
export function stageFor(name: PlacementName): Stage {
  let placement: Placement | undefined;
  const apps = new Set<App>();
  const current = (): Placement => {
    if (!placement) throw new Error('The stage is set up by beforeAll.');
    return placement;
  };
  beforeAll(async () => { placement = await placements[name](); });
  beforeEach(() => emptied(current().house));
  afterEach(async () => {
    for (const app of apps) await app.stop();
    apps.clear();
  });
  afterAll(() => placement?.close());
  return {
    name,
    get house() { return current().house; },
    app: async (options) => {
      const app = await current().app(options);
      apps.add(app);
      return app;
    },
    idle: (app) => until('the bus is idle', () => app.idle().catch(() => false), 40_000),
    heard: (context) => current().house.heard(context),
    counted: async () => {
      const counters = await current().house.look<{ key: string; n: number }>('source', 'SELECT key, n FROM counter');
      return Object.fromEntries(counters.map(({ key, n }) => [key, oneTo(n)]));
    },
  };
}

export function oneTo(n: number): number[] {
  return Array.from({ length: n }, (_, at) => at + 1);
}

async function emptied(house: House): Promise<void> {
  for (const context of ['left', 'right'] as const) {
    await house.look(context, 'DELETE FROM heard');
    await house.look(context, 'DELETE FROM inbox');
  }
  await house.look('source', 'DELETE FROM counter');
}
