import { openHouse } from '../house/index.js';
import { type ContractReport, type ContractsOnDisk, checkContracts } from './check.js';
import { readable } from './report.js';

/** Runs `banyan contracts check`: prints what it found and sets the exit code. */
export async function runCheck(json: boolean, house?: ContractsOnDisk): Promise<void> {
  const reports = await checkContracts(house ?? await openHouse());
  process.stdout.write(`${json ? asJson(reports) : readable(reports)}\n`);
  process.exitCode = reports.some(({ broken }) => broken.length > 0) ? 1 : 0;
}

function asJson(reports: readonly ContractReport[]): string {
  const contracts = reports.map(({ context, released, hasUnreleased }) => ({ context, isReleased: released !== undefined, hasUnreleased }));
  const broken = reports.flatMap((it) => it.broken);
  return JSON.stringify({ ok: broken.length === 0, contracts, broken, notes: reports.flatMap((it) => it.notes) }, null, 2);
}
