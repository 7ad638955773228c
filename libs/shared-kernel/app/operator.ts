import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const credentialsSchema = z.strictObject({ email: z.email(), password: z.string().min(10) });

export interface Operator {
  readonly email: string;
  readonly password: string;
  /** True the one time that it was made up. */
  readonly isNew: boolean;
}

/**
 * The first operator of a development shop: made up once and kept in `operator.json` under the data folder,
 * readable by its owner alone, where the command-line tools find it.
 * @throws Error when the file is there but cannot be read
 */
export async function developmentOperator(dataDir: string): Promise<Operator> {
  const file = join(dataDir, 'operator.json');
  const kept = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new Error(`The operator's credentials in ${file} cannot be read (${error.code}). Correct the file's permissions, or set ADMIN_EMAIL and ADMIN_PASSWORD.`);
  });
  if (kept !== undefined) return { ...parseCredentials(kept, file), isNew: false };
  const made = { email: 'operator@shop.example', password: randomBytes(18).toString('base64url') };
  await mkdir(dataDir, { recursive: true });
  await writeFile(file, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600 });
  return { ...made, isNew: true };
}

function parseCredentials(content: string, file: string): z.output<typeof credentialsSchema> {
  try {
    return credentialsSchema.parse(JSON.parse(content));
  } catch {
    throw new Error(`${file} does not hold { "email", "password" }. Delete it together with the data folder, or set ADMIN_EMAIL and ADMIN_PASSWORD to what the shop knows.`);
  }
}
