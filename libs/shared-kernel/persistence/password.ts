import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

const ITERATIONS = 4096;
const KEY_BYTES = 32;

/**
 * The password of a context's role, derived from the administrator's: nothing more has to be kept, and every process
 * that may administrate comes to the same.
 */
export function derivedPassword(adminPassword: string, role: string): string {
  return createHmac('sha256', adminPassword).update(role).digest('hex');
}

/** 32 bytes that every process comes to which may administrate this server, and nobody else. @param name what they are for */
export function derivedKey(adminUrl: string, name: string): Buffer {
  return createHmac('sha256', decodeURIComponent(new URL(adminUrl).password)).update(name).digest();
}

/**
 * The form in which PostgreSQL stores a password (SCRAM-SHA-256, RFC 5802 and RFC 7677). Sent instead of the password,
 * which thus shows up in no server log.
 * @param password ASCII only: SASLprep is not applied
 */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16)): string {
  const salted = pbkdf2Sync(password, salt, ITERATIONS, KEY_BYTES, 'sha256');
  const keyed = (text: string): Buffer => createHmac('sha256', salted).update(text).digest();
  const stored = createHash('sha256').update(keyed('Client Key')).digest();
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${stored.toString('base64')}:${keyed('Server Key').toString('base64')}`;
}
