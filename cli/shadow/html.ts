import type { Finding, Run, Sampled } from './api.js';
import { paired } from './pair.js';
import { NOT_COMPARED, controlText, count, percent } from './report-text.js';

const STYLE = `
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem; color: #1c2b22; background: #fff; }
  h1, h2, h3 { line-height: 1.2; } h2 { margin-top: 2.5rem; } h3 { margin: 2rem 0 .25rem; font-size: 1rem; }
  table { border-collapse: collapse; } th, td { text-align: left; padding: .2rem .9rem .2rem 0; border-bottom: 1px solid #dde5e0; vertical-align: top; }
  td.n { text-align: right; font-variant-numeric: tabular-nums; }
  .open { color: #14692f; } .closed, .finding { color: #a3161c; } .suspect { color: #8a5a00; } .noisy, .waived { color: #555; }
  code, pre, .pair td { font: 12px/1.45 ui-monospace, monospace; } .pair { width: 100%; table-layout: fixed; } .pair td { white-space: pre-wrap; overflow-wrap: anywhere; border: 0; padding: 0 .5rem; }
  .pair th { font-weight: 600; } .pair tr.differs td { background: #fde8e8; } .pair tr.differs td + td { background: #fff4d6; }
  summary { cursor: pointer; } p.why { margin: 0; color: #555; }
`;

/** The reports as one page that needs nothing from elsewhere. What came from inputs is text in it and never markup. */
export function htmlReport(runs: readonly Run[], findings: readonly Finding[], samples: ReadonlyMap<string, Sampled>): string {
  const parts = runs.map((run) => runPart(run, findings.filter((it) => it.context === run.context), samples));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>Parallel run: ${escaped(runs.map((it) => it.context).join(', '))}</title>
<style>${STYLE}</style>
</head>
<body>
${parts.join('\n')}
</body>
</html>
`;
}

function runPart(run: Run, findings: readonly Finding[], samples: ReadonlyMap<string, Sampled>): string {
  const { context, shadow, control, gate: { isOpen, score, checks }, coverage, uncovered, required } = run;
  const skipped = Object.entries(NOT_COMPARED).filter(([name]) => Number(shadow[name] ?? 0) > 0).map(([name, why]) => `<li>${escaped(shadow[name])} ${escaped(why)}</li>`);
  const cells = coverage.map((it) => [
    text(it.endpoint), text(it.outcome), number(it.compared), number(it.equal), text(it.wrote === 0 ? 'it only reads' : it.compared >= required ? 'enough' : `${required - it.compared} more needed`)].join(''));
  return `<h1>${escaped(context)}: the gate is <span class="${isOpen ? 'open' : 'closed'}">${isOpen ? 'open' : 'closed'}</span></h1>
<p>Score ${percent(score)}. The shadow is ${escaped(shadow.state)} since ${escaped(shadow.startedAt)}, ${count(shadow.behind, 'entry', 'entries')} of the tape behind. ${escaped(shadow.trouble ?? '')} ${control ? escaped(controlText(control)) : 'No control runs beside it.'}</p>
<h2>The gate</h2>
<table>${checks.map((it) => `<tr><td class="${it.ok ? 'open' : 'closed'}">${it.ok ? '✔' : '✖'} ${escaped(it.name)}</td><td>${escaped(it.explanation)}</td></tr>`).join('\n')}</table>
<h2>What was compared</h2>
<table><tr><th>endpoint</th><th>outcome</th><th>compared</th><th>the same</th><th></th></tr>
${cells.map((it) => `<tr>${it}</tr>`).join('\n')}</table>
${uncovered.length > 0 ? `<p>Never compared: ${escaped(uncovered.join(', '))}.</p>` : ''}
${skipped.length > 0 ? `<h2>What was not compared, and why</h2><ul>${skipped.join('')}</ul>` : ''}
<h2>What was done differently</h2>
${findings.length === 0 ? '<p>Nothing.</p>' : findings.map((it) => findingPart(it, samples.get(it.id))).join('\n')}`;
}

function findingPart(finding: Finding, sample: Sampled | undefined): string {
  const { id, endpoint, field, kind, judgement, because, firstSeen, lastSeen } = finding;
  return `<h3 id="${escaped(id)}"><span class="${escaped(judgement)}">${escaped(judgement)}</span> <code>${escaped(field)}</code> of ${escaped(endpoint)} (${escaped(kind)}), ${count(finding.count, 'time', 'times')}</h3>
<p class="why">${escaped(because)}. First ${escaped(firstSeen)}, last ${escaped(lastSeen)}. <code>npx banyan shadow show ${escaped(id)}</code></p>
${sample ? samplePart(sample) : ''}`;
}

function samplePart({ input, primary, candidate, differences }: Sampled): string {
  const places = differences.map((it) => `<tr>${text(it.field)}${text(it.kind)}<td><code>${escaped(json(it.primary))}</code></td><td><code>${escaped(json(it.candidate))}</code></td></tr>`);
  const lines = paired(primary, candidate).map((it) => `<tr${it.isSame ? '' : ' class="differs"'}><td>${escaped(it.primary ?? '')}</td><td>${escaped(it.candidate ?? '')}</td></tr>`);
  return `<table><tr><th>field</th><th>kind</th><th>the original</th><th>the candidate</th></tr>${places.join('\n')}</table>
<details><summary>What came in</summary><pre>${escaped(json(input, 2))}</pre></details>
<details open><summary>Side by side</summary><table class="pair"><tr><th>the original</th><th>the candidate</th></tr>${lines.join('\n')}</table></details>`;
}

function text(value: string): string {
  return `<td>${escaped(value)}</td>`;
}

function number(value: number): string {
  return `<td class="n">${value}</td>`;
}

function json(value: unknown, indent?: number): string {
  return value === undefined || value === null ? 'nothing' : JSON.stringify(value, null, indent);
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escaped(value: unknown): string {
  return String(value).replaceAll(/[&<>"']/g, (it) => ENTITIES[it] ?? '');
}
