import type { DynamicModule } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import { configureLog, rootLog, type LogDestination, type LogLevel } from './log.js';

/** How a process logs. */
export interface LoggingSettings {
  /** Name of the process in every line, for example `monolith` or `payments`. */
  readonly service: string;
  readonly level?: LogLevel;
  /** Where lines go; standard output when left out. */
  readonly destination?: LogDestination;
}

/**
 * Sends all that Nest and its `Logger` say to the process's one JSON log, the name of Nest's logger as
 * `logger`. The line per request is written by the http room, which knows route, status and input.
 */
export function loggingModule(settings: LoggingSettings): DynamicModule {
  configureLog(settings);
  return LoggerModule.forRoot({
    pinoHttp: { logger: rootLog, autoLogging: false },
    renameContext: 'logger',
    // No middleware: it would hang the whole request, headers and all, on every line.
    forRoutes: [],
  });
}
