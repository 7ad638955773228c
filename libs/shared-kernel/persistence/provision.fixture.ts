// A process of its own that provisions a context, for the test that lets five of them race.
import { z } from 'zod';
import { provisionContext } from './index.js';

const [adminUrl, list] = z.tuple([z.string(), z.string()]).parse(process.argv.slice(2));
const migrations = z.array(z.object({ name: z.string(), sql: z.string() })).parse(JSON.parse(list));
await provisionContext({ adminUrl, name: 'raced', migrations });
