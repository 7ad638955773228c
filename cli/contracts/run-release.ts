import { openHouse } from '../house/index.js';
import { type ContractReport, type ContractsOnDisk, checkContracts } from './check.js';
import { nextRelease, unretirable } from './release.js';
import { releasedFile, textOf, writeReleased } from './released.js';
import { readable } from './report.js';

export interface ReleaseRun {
  /** All when empty. */
  readonly contexts: readonly string[];
  readonly reason: string | undefined;
  readonly retired: readonly string[];
  readonly isDry: boolean;
  readonly json: boolean;
}

/**
 * Runs `banyan contracts release`: prints what it did and sets the exit code.
 * @throws Error when a context or a version that was named is not there
 */
export async function runRelease({ contexts, reason, retired, isDry, json }: ReleaseRun, on?: ContractsOnDisk): Promise<void> {
  const house = on ?? await openHouse();
  const reports = chosen(await checkContracts(house), contexts);
  requireRetirable(reports, retired);
  const broken = reports.flatMap((it) => it.broken).filter(({ promise }) => !retired.includes(promise.replace(' v', '@')));
  const isRefused = broken.length > 0 && reason === undefined;
  const changed = isRefused ? [] : reports.flatMap((report) => {
    const next = nextRelease(report.released, report.declaration.contract, broken.filter((it) => it.context === report.context), { reason, retired });
    return report.released && textOf(report.released) === textOf(next) ? [] : [next];
  });
  if (!isDry) await Promise.all(changed.map((it) => writeReleased(house.root, it)));
  const files = changed.map(({ contract }) => releasedFile(contract));
  const text = json ? JSON.stringify({ ok: !isRefused, isDry, files, broken }, null, 2) : isRefused ? readable(reports) : said(files, isDry);
  process.stdout.write(`${text}\n`);
  process.exitCode = isRefused ? 1 : 0;
}

function said(files: readonly string[], isDry: boolean): string {
  if (files.length === 0) return 'Nothing to release: the contracts say what they said.';
  return [...files, `${files.length} ${files.length === 1 ? 'contract' : 'contracts'} ${isDry ? 'would be' : 'were'} released${isDry ? '.' : '. Commit the files.'}`].join('\n');
}

function chosen(reports: readonly ContractReport[], contexts: readonly string[]): readonly ContractReport[] {
  const unknown = contexts.filter((name) => !reports.some(({ context }) => context === name));
  if (unknown.length > 0) throw new Error(`There is no context ${unknown.join(', ')}. There are: ${reports.map(({ context }) => context).join(', ')}.`);
  return contexts.length === 0 ? reports : reports.filter(({ context }) => contexts.includes(context));
}

function requireRetirable(reports: readonly ContractReport[], retired: readonly string[]): void {
  const wrong = unretirable(reports.flatMap(({ released }) => released ?? []), reports.map(({ declaration }) => declaration.contract), retired);
  if (wrong.length === 0) return;
  throw new Error(`${wrong.join(', ')}: only an older version of an event that was released can be retired, written as ordering.order-placed@1. The current version ends with its event.`);
}
