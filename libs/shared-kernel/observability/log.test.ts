import { describe, it, expect, beforeEach } from '@jest/globals';
import { runInput } from '../runtime/index.js';
import { configureLog, logger } from './log.js';

describe('a line of the log', () => {
  const written: string[] = [];
  beforeEach(() => {
    written.length = 0;
    configureLog({ service: 'shop', level: 'info', destination: { write: (line) => written.push(line) } });
  });
  const lines = (): Record<string, unknown>[] => written.map((line) => JSON.parse(line) as Record<string, unknown>);

  it('is one JSON object that says when, how bad, who, and for which request', () => {
    runInput({ context: 'payments', correlationId: 'c-1', traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' }, () => {
      logger('messaging').warn({ eventId: 'e-1' }, 'Parked.\nReally.');
    });
    expect(written).toHaveLength(1);
    expect(written[0]).toMatch(/^\{[^\n]*\}\n$/);
    expect(lines()[0]).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/), level: 'warn', service: 'shop', context: 'payments', correlationId: 'c-1',
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: expect.any(String), logger: 'messaging', eventId: 'e-1', msg: 'Parked.\nReally.',
    });
  });

  it('belongs to the process when no request is under way: the same correlation for all of its life', () => {
    logger('start').info({}, 'One.');
    logger('start').info({}, 'Two.');
    const [one, two] = lines();
    expect(one).toMatchObject({ context: 'app', traceId: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect([two?.['correlationId'], two?.['traceId']]).toEqual([one?.['correlationId'], one?.['traceId']]);
  });

  it('never holds a secret, at the top or below', () => {
    logger('x').info({ password: 'hunter2', user: { id: 'u', refreshToken: 'hunter2', deep: { apiKey: 'hunter2' } }, headers: { authorization: 'hunter2', 'set-cookie': 'hunter2' } }, 'Hidden.');
    expect(written.join()).not.toContain('hunter2');
    expect(lines()[0]).toMatchObject({ password: '[redacted]', user: { id: 'u', refreshToken: '[redacted]' } });
  });

  it('has of an error what helps to find it, and nothing that hangs on it', () => {
    const driver = Object.assign(new Error('duplicate key'), { code: '23505', detail: 'Key (email)=(ada@shop.test) already exists.' });
    const error = Object.assign(new Error('insert failed', { cause: driver }), { parameters: ['ada@shop.test'] });
    logger('x').error({ err: error }, 'Failed.');
    expect(written.join()).not.toContain('ada@shop.test');
    expect(lines()[0]).toMatchObject({ level: 'error', err: { type: 'Error', message: 'insert failed', stack: expect.any(String), cause: { code: '23505', message: 'duplicate key' } } });
  });

  it('holds what is no error as text', () => {
    logger('x').error({ err: 'just text' }, 'Failed.');
    expect(lines()[0]).toMatchObject({ err: { type: 'string', message: 'just text' } });
  });

  it('is not written below the level', () => {
    logger('x').debug({}, 'Not now.');
    configureLog({ level: 'error' });
    logger('x').warn({}, 'Nor this.');
    expect(written).toEqual([]);
  });
});
