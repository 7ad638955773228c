import { BanyanError, type EventDefinition, readPayload } from '@banyan/kernel/contract';
import { examplesOf } from './diff/examples.js';
import type { BrokenPromise, Findings } from './finding.js';
import type { EventSnapshot } from './snapshot.js';

const WHO = 'whoever reads messages that were written before';

/** Every older version of which messages may be about must be lifted to the current one; the lift is tried out. */
export function checkUpcasters(context: string, definition: EventDefinition, { payloads }: EventSnapshot): Findings {
  const older = Object.entries(payloads).map(([version, schema]) => ({ version: Number(version), schema })).filter(({ version }) => version < definition.version);
  const broken = older.flatMap(({ version, schema }): BrokenPromise[] => {
    const missing = stepsFrom(version, definition.version).find((it) => !definition.upcast?.[it]);
    const about = { context, promise: `${definition.type} v${version}`, path: '', who: WHO };
    if (missing !== undefined) {
      return [{
        ...about, rule: 'upcaster-missing', what: `nothing lifts version ${missing} to ${missing + 1}`, why: `messages of version ${version} would be parked`,
        instead: `Declare upcast: { ${missing}: (older) => … }. If no message of version ${version} is left anywhere, retire it: npx banyan contracts release --retire ${definition.type}@${version}`,
      }];
    }
    const failure = failureOf(definition, version, examplesOf(schema));
    return failure === undefined ? [] : [{
      ...about, rule: 'upcaster-fails', what: `version ${version} is lifted to something that version ${definition.version} does not let through: ${failure}`,
      why: `messages of version ${version} would be parked`, instead: `Let upcast[${version}] and those after it make a payload of version ${definition.version} out of every payload that version ${version} let through.`,
    }];
  });
  return { broken, notes: [] };
}

function stepsFrom(version: number, current: number): number[] {
  return Array.from({ length: current - version }, (_, step) => version + step);
}

function failureOf(definition: EventDefinition, version: number, examples: readonly unknown[]): string | undefined {
  for (const example of examples) {
    try {
      readPayload(definition, version, structuredClone(example));
    } catch (error) {
      return `${reasonOf(error)} It was tried with ${JSON.stringify(example)}.`;
    }
  }
  return undefined;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof BanyanError)) return error instanceof Error ? error.message : String(error);
  return `${error.fields.map(({ path, message }) => `${path} ${message}`).join('; ')}.`;
}
