import { openFacade } from './facade-of.mjs';
import { openNestApp } from './nest-app.mjs';

/** Ours as it is shipped: what every request of an app passes through comes before the facade. */
export async function contend() {
  let app;
  let facade;
  return {
    async open({ database, upstream }) {
      facade = await openFacade({ database, upstream });
      app = await openNestApp(database, facade);
      return { url: app.url };
    },
    async close() {
      await app?.close();
      await facade?.stop();
      app = undefined;
      facade = undefined;
    },
  };
}
