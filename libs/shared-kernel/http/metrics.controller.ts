import { Controller, Get, Header } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Metrics } from '../observability/index.js';
import { Monitoring } from './access.js';
import { Answers } from './documented.js';

/** What Prometheus asks for, every few seconds. */
@Controller('metrics')
@ApiTags('operations')
@Monitoring()
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Get()
  @ApiOperation({
    summary: 'The figures of this process, for Prometheus.',
    description: 'For operators, and for whoever holds the token for monitoring; where none is set, in development, also for whoever asks from this machine.',
  })
  @ApiProduces('text/plain')
  @Answers(200, z.string(), "Prometheus's text format, version 0.0.4.")
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  get(): Promise<string> {
    return this.metrics.text();
  }
}
