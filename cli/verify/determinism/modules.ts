import type { Arrow } from '../../house/index.js';
import type { HiddenInput, Spotted } from './hidden-inputs.js';

/** Built-in modules that only compute. */
const harmlessBuiltins: ReadonlySet<string> = new Set(['assert', 'buffer', 'crypto', 'events', 'querystring', 'stream', 'string_decoder', 'url', 'util', 'zlib']);

const builtinInputs: Readonly<Record<string, HiddenInput>> = {
  timers: 'timer', 'timers/promises': 'timer', perf_hooks: 'time',
  os: 'machine', process: 'machine', fs: 'machine', 'fs/promises': 'machine', path: 'machine', module: 'unreadable', vm: 'unreadable',
};

/** What of node:crypto follows from its arguments alone. Whatever else it has, now or later, counts as chance. */
const computedCrypto = /^(?:create(?:Hash|Hmac|PublicKey|PrivateKey|SecretKey|Cipheriv|Decipheriv)|hash|timingSafeEqual|sign|verify|hkdf(?:Sync)?|scrypt(?:Sync)?|pbkdf2(?:Sync)?|KeyObject|[A-Z]\w*)$/;

const rxjsTimers = /^(?:timer|interval|delay|delayWhen|debounceTime|throttleTime|auditTime|sampleTime|bufferTime|windowTime|timeout|timeoutWith|timestamp|timeInterval|asyncScheduler|asapScheduler|animationFrame\w*)$/;

/** Names of libraries that are hidden inputs; the other names of these libraries are harmless. */
const libraryInputs: Readonly<Record<string, readonly [RegExp, HiddenInput]>> = {
  rxjs: [rxjsTimers, 'timer'],
  typeorm: [/^(?:CreateDateColumn|UpdateDateColumn|DeleteDateColumn)$/, 'time'],
  uuid: [/^(?!parse|stringify|validate|version|v3$|v5$)/, 'ids'],
};

/** Libraries that are nothing but a hidden input. */
const wholeLibraries: Readonly<Record<string, HiddenInput>> = {
  nanoid: 'ids', ulid: 'ids', cuid: 'ids', '@paralleldrive/cuid2': 'ids', undici: 'outside', axios: 'outside', got: 'outside', 'node-fetch': 'outside', pg: 'outside', amqplib: 'outside',
};

/** Doors of the kernel that have the machine's clock, or start an input, for apps. */
const kernelInputs: Readonly<Record<string, HiddenInput>> = { wallClock: 'time', runInput: 'timer', newTrace: 'ids' };

/** Imports that bring hidden inputs in. Types bring nothing. */
export function hiddenImports(arrow: Arrow): Spotted[] {
  if (arrow.isTypeOnly) return [];
  const { target, names, line } = arrow;
  if (target.is === 'builtin') return inBuiltin(target.name, names).map((it) => ({ ...it, line }));
  if (target.is === 'package') return inLibrary(target.name, names).map((it) => ({ ...it, line }));
  if (target.is !== 'file' || target.room?.id !== 'kernel/runtime') return [];
  return names.flatMap((subject) => (kernelInputs[subject] ? [{ input: kernelInputs[subject], subject, line }] : []));
}

type Found = Omit<Spotted, 'line'>;

function inBuiltin(name: string, names: readonly string[]): Found[] {
  if (!harmlessBuiltins.has(name)) return [{ input: builtinInputs[name] ?? 'outside', subject: `node:${name}` }];
  if (name !== 'crypto') return [];
  return names.filter((it) => it === 'default' || !computedCrypto.test(it)).map((it) => ({ input: 'chance', subject: `node:crypto ${it}` }));
}

function inLibrary(name: string, names: readonly string[]): Found[] {
  if (wholeLibraries[name]) return [{ input: wholeLibraries[name], subject: name }];
  const known = libraryInputs[name];
  if (!known) return [];
  const [hidden, input] = known;
  const isWhole = (it: string): boolean => it === '*' || it === 'default';
  return names.filter((it) => isWhole(it) || hidden.test(it)).map((it) => ({ input, subject: isWhole(it) ? `all of ${name}` : it }));
}
