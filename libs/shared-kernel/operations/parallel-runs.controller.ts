import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { Answers, Roles } from '../http/index.js';
import { Findings, type ParallelRun, type RunFigures, comparedIn, judgements } from '../parallel-run/index.js';
import { runList, runsQuery } from './finding-schemas.js';

type RunEntry = z.input<typeof runList>['data'][number];

/** How far candidates were compared with what serves. */
@Controller('ops/v1/parallel-runs')
@Roles('operator')
@ApiTags('operations')
export class ParallelRunsController {
  constructor(private readonly findings: Findings) {}

  @Get()
  @Answers(200, runList, 'The latest parallel run of each context, what it has compared, and whether its gate is open.')
  async list(@Query({ schema: runsQuery }) { context, epsilon }: z.output<typeof runsQuery>): Promise<z.input<typeof runList>> {
    return { data: (await this.findings.runs(context, epsilon)).map(presented) };
  }
}

function presented({ context, shadow, control, coverage, controlled, uncovered, findings, required, epsilon, gate: { opens: isOpen, score, checks } }: ParallelRun): RunEntry {
  const counts = Object.fromEntries(judgements.map((is) => [is, findings.filter(({ judgement }) => judgement === is).length]));
  return {
    context, shadow: figures(shadow), control: control ? { ...figures(control), compared: comparedIn(controlled) } : null, coverage: coverage.map((it) => ({ ...it })), uncovered: [...uncovered],
    findings: { finding: 0, suspect: 0, noisy: 0, waived: 0, ...counts }, required, epsilon,
    gate: { isOpen, score, checks: checks.map((it) => ({ ...it, figures: { ...it.figures } })) },
  };
}

function figures({ id, state, trouble, startedAt, saidAt, behind, applied, skipped, undecided, unanswered, dropped, restarts }: RunFigures): RunEntry['shadow'] {
  return { id, state, trouble, startedAt: startedAt.toISOString(), saidAt: saidAt.toISOString(), behind, applied, skipped, undecided, unanswered, dropped, restarts };
}
