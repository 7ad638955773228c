import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { CommanderError } from 'commander';
import { Client, connectionOf, table } from '../client/index.js';
import { repositoryRoot } from '../house/index.js';
import { type Finding, type Run, type Sampled, ShadowApi, type Waiver } from './api.js';
import { htmlReport } from './html.js';
import type { ExportOptions, ReportOptions, ShowOptions, WaiveOptions } from './options.js';
import { reportText } from './report-text.js';
import { showText } from './show-text.js';
import { pathOf, testFile } from './test-file.js';

/** Pairs that a page shows at most; beyond them each finding says how to see its own. */
const MOST_PAIRS = 100;

/** Runs `banyan shadow report`. @throws Error for people, as all of them here */
export async function report(context: string | undefined, { url, json, epsilon, html }: ReportOptions): Promise<void> {
  const app = api(url);
  const [runs, findings] = [await app.runs(context, epsilon), await app.findings({ context, epsilon })];
  if (html !== undefined) await writeFile(html, htmlReport(runs, findings, await samplesOf(app, findings)));
  say(json ? { runs, findings } : textOf(context, runs, findings));
  if (html !== undefined && !json) say(`\nThe page with all pairs is ${html}.`);
  if (runs.length === 0 || runs.some((it) => !it.gate.isOpen)) process.exitCode = 1;
}

/** Runs `banyan shadow show`. */
export async function show(id: string | undefined, { url, json }: ShowOptions): Promise<void> {
  const finding = await api(url).finding(id);
  say(json ? finding : showText(finding));
}

/** Runs `banyan shadow waive`. */
export async function waive(id: string | undefined, { url, json, owner, reason, expires, uncovered, end }: WaiveOptions): Promise<void> {
  const app = api(url);
  if ([end, id, uncovered].filter((it) => it !== undefined).length > 1) wrong('One after the other: a finding, something --uncovered, or --end of a waiver.');
  if (end !== undefined) {
    const ended = await app.endWaiver(end);
    return say(json ? ended : `Nobody answers for ${ended.field} any more.`);
  }
  if (id === undefined && uncovered === undefined) {
    if ((owner ?? reason ?? expires) !== undefined) wrong('Say which finding, by its id, or something --uncovered. To see them: npx banyan shadow report');
    const waivers = await app.waivers();
    return say(json ? { data: waivers } : waiversText(waivers));
  }
  if (owner === undefined || reason === undefined || expires === undefined) wrong('Say who answers for it, why, and until when: --owner … --reason "…" --expires 14d');
  const { context, endpoint, field } = uncovered === undefined ? await app.finding(id) : await neverCompared(app, uncovered);
  const given = await app.waive({ context, endpoint, field, owner, reason, expires });
  say(json ? given : `${given.owner} answers for ${given.field} of ${endpoint} until ${given.expiresAt}. It is compared and counted as before.\nTo end it before:  npx banyan shadow waive --end ${given.id}`);
}

/** Runs `banyan shadow export`. */
export async function exportTest(id: string | undefined, { url, out }: ExportOptions): Promise<void> {
  const finding = await api(url).finding(id);
  if (finding.tape === null) throw new Error(`What was there before the sample of ${finding.id} is not known yet. The next mismatch of ${finding.endpoint} brings it: try again then.`);
  const root = repositoryRoot();
  const path = resolve(out ?? pathOf(finding, root));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, testFile(finding, { path, root }));
  const name = relative(process.cwd(), path);
  say(`${name} fails until the code does what the original did.\nTo run it:  npm test -- ${name}`);
}

async function neverCompared(app: ShadowApi, endpoint: string): Promise<{ context: string; endpoint: string; field: string }> {
  const run = (await app.runs(undefined, undefined)).find((it) => it.uncovered.includes(endpoint));
  if (!run) throw new Error(`"${endpoint}" is nothing that was never compared. To see what is: npx banyan shadow report`);
  return { context: run.context, endpoint, field: 'coverage' };
}

function api(url: string | undefined): ShadowApi {
  return new ShadowApi(new Client(connectionOf(undefined, url)));
}

async function samplesOf(app: ShadowApi, findings: readonly Finding[]): Promise<Map<string, Sampled>> {
  const samples = new Map<string, Sampled>();
  for (const { id } of findings.slice(0, MOST_PAIRS)) samples.set(id, await app.finding(id));
  return samples;
}

function textOf(context: string | undefined, runs: readonly Run[], findings: readonly Finding[]): string {
  if (runs.length > 0) return runs.map((run) => reportText(run, findings.filter((it) => it.context === run.context))).join('\n\n\n');
  const name = context ?? '<context>';
  return [
    `${context ?? 'No context'} ${context === undefined ? 'has been' : 'has not been'} compared yet. To begin:`,
    `  npm run start:extracted -- ${name}                      start the app that plays`,
    `  npx banyan stage ${name} shadow --reason "the same?"    write down what ${name} does, and let it be done again`,
  ].join('\n');
}

function waiversText(waivers: readonly Waiver[]): string {
  if (waivers.length === 0) return 'Nothing is waived.';
  return table([['id', 'field', 'endpoint', 'owner', 'until', 'why'], ...waivers.map((it) => [it.id, it.field, it.endpoint ?? 'everywhere', it.owner, it.isInForce ? it.expiresAt : 'over', it.reason])]);
}

function wrong(message: string): never {
  throw new CommanderError(2, 'banyan.shadow', `error: ${message}`);
}

function say(outcome: unknown): void {
  process.stdout.write(`${typeof outcome === 'string' ? outcome : JSON.stringify(outcome, null, 2)}\n`);
}
