import { Injectable, type LoggerService } from '@nestjs/common';
import { Logger } from 'nestjs-pino';

/** Nest's own loggers that tell of every class and route at every start: at debug level they are still there for who wants them. */
const CHATTY = new Set<unknown>(['NestFactory', 'NestApplication', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer']);

/** What an app gives to `useLogger`. */
@Injectable()
export class NestLog implements LoggerService {
  constructor(private readonly lines: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    if (CHATTY.has(rest.at(-1))) this.lines.debug(message, ...rest);
    else this.lines.log(message, ...rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.lines.debug(message, ...rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.lines.warn(message, ...rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.lines.error(message, ...rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.lines.fatal(message, ...rest);
  }
}
