// A process of its own that uses the embedded database of the given folder: prints its URL, and stops it when told to end.
import { z } from 'zod';
import { startEmbeddedDatabase } from './embedded-database.js';

const [dataDir] = z.tuple([z.string()]).parse(process.argv.slice(2));
const database = await startEmbeddedDatabase({ dataDir, durable: false });
process.once('SIGTERM', () => { void database.stop().then(() => process.exit()); });
process.stdin.resume().once('end', () => process.exit()); // the test that started it is gone
console.log(database.url);
