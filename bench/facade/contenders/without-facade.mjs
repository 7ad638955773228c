import { openNestApp } from './nest-app.mjs';

/** The same app, without the hook. */
export async function contend() {
  let app;
  return {
    async open({ database }) {
      app = await openNestApp(database);
      return { url: app.url };
    },
    async close() {
      await app?.close();
      app = undefined;
    },
  };
}
