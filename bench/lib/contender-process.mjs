// The process of one contender: node contender-process.mjs MODULE [ADAPTER]. MODULE exports `contend(adapter)`, which
// answers with the methods that the bench may ask for. It ends when the bench does.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Profiler } from './profiler.mjs';

const load = (path) => import(pathToFileURL(resolve(import.meta.dirname, '..', path)).href);
const profiler = new Profiler();
const CUT_OFF = '57P01';
let methods;
let underWay = 0;

process.on('message', async ({ id, method, input }) => {
  underWay += 1;
  try {
    methods ??= await prepare();
    process.send?.({ id, value: await methods[method](input) });
  } catch (error) {
    process.send?.({ id, failure: error instanceof Error ? explain(error) : String(error) });
  } finally {
    underWay -= 1;
  }
});

// Some leave a connection behind when they stop; it is cut when its database is dropped, and nobody hears of it.
process.on('uncaughtException', (error) => {
  if (underWay === 0 && error.code === CUT_OFF) return;
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
process.once('disconnect', () => process.exit(0));
process.on('SIGINT', () => undefined); // the terminal tells everyone; the bench decides

async function prepare() {
  const [modulePath, adapterPath] = process.argv.slice(2);
  const { contend } = await load(modulePath);
  const adapter = adapterPath === undefined ? undefined : await load(adapterPath);
  return { profile: (input) => profiler.toggle(input), ...(await contend(adapter)) };
}

/** What a user should know in one line; a defect of the bench shows where it is. */
function explain(error) {
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  if (process.env.BENCH_STACKS) process.stderr.write(`${error.stack}\n`);
  return `${error.message || error.code || error.name}${cause}`;
}
