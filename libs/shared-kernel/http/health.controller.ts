import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { HealthChecks, Lifecycle } from '../observability/index.js';
import { Public } from './access.js';
import { Answers, Fails } from './documented.js';
import { NotReady } from './errors.js';

const aliveSchema = z.strictObject({ status: z.literal('ok') });

const checkSchema = z.object({ status: z.enum(['up', 'degraded', 'down']), message: z.string().optional() });

const readySchema = z.strictObject({
  status: z.enum(['ok', 'degraded']).describe('Degraded: a part is out of order, requests are served nevertheless.'),
  checks: z.record(z.string(), checkSchema),
});

/** What an orchestrator asks: is it alive, has it started, may it get requests? */
@Controller('health')
@ApiTags('operations')
@Public()
export class HealthController {
  constructor(private readonly checks: HealthChecks, private readonly lifecycle: Lifecycle) {}

  @Get('live')
  @ApiOperation({ summary: 'Does the process run? When not: restart it.' })
  @Answers(200, aliveSchema, 'The event loop turns.')
  live(): z.output<typeof aliveSchema> {
    return { status: 'ok' };
  }

  @Get('startup')
  @ApiOperation({ summary: 'Has the process finished starting?' })
  @Answers(200, aliveSchema, 'It has; ask for readiness from now on.')
  @Fails(NotReady)
  startup(): z.output<typeof aliveSchema> {
    if (this.lifecycle.state === 'starting') throw new NotReady('The process is still starting.');
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({ summary: 'May the process get requests?' })
  @Answers(200, readySchema, 'It may.')
  @Fails(NotReady)
  async ready(): Promise<z.output<typeof readySchema>> {
    const { status, checks } = await this.checks.readiness();
    if (status === 'error') throw new NotReady(`The process cannot serve requests: ${reasons(checks)}.`, { checks });
    return { status, checks };
  }
}

function reasons(checks: Readonly<Record<string, { status: string; message?: unknown }>>): string {
  return Object.entries(checks)
    .filter(([, { status }]) => status === 'down')
    .map(([name, { message }]) => `${name} ${String(message)}`)
    .join('; ');
}
