import { InvalidConfiguration } from '@banyan/kernel/app';
import { describe, expect, it } from '@jest/globals';
import { readConfig } from './read-config.js';

const production = {
  NODE_ENV: 'production', DATABASE_URL: 'postgres://owner:Zu8-lang-genug@db/shop', ADMIN_EMAIL: 'me@shop.example', ADMIN_PASSWORD: 'Zu8-lang-genug',
  CARD_PROCESSOR: 'test', SMTP_URL: 'smtp://mail', MAIL_FROM: 'me@shop.example',
};

describe('the settings for RabbitMQ', () => {
  it('are not needed for events in process, which know the broker all the same where it is named', () => {
    expect(readConfig({})).toMatchObject({ eventBus: 'in-process', amqpUrl: undefined });
    expect(readConfig({ AMQP_URL: 'amqp://me:word@broker' })).toMatchObject({ eventBus: 'in-process', amqpUrl: 'amqp://me:word@broker', amqpNamespace: 'banyan' });
  });

  it('name the broker with EVENT_BUS=rabbitmq', () => {
    expect(() => readConfig({ EVENT_BUS: 'rabbitmq' })).toThrow('AMQP_URL: needed with EVENT_BUS=rabbitmq.');
    expect(readConfig({ EVENT_BUS: 'rabbitmq', AMQP_URL: 'amqps://me:word@broker/shop', AMQP_NAMESPACE: 'shop-2' })).toMatchObject({ eventBus: 'rabbitmq', amqpNamespace: 'shop-2' });
  });

  it('keep events for a while and rebuild from them where that is said', () => {
    const broker = { EVENT_BUS: 'rabbitmq', AMQP_URL: 'amqp://me:word@broker' };
    expect(readConfig(broker)).toMatchObject({ eventStreamDays: undefined, rebuild: undefined });
    expect(readConfig({ ...broker, EVENT_STREAM_DAYS: '30', REBUILD: 'reporting' })).toMatchObject({ eventStreamDays: 30, rebuild: { context: 'reporting', acceptsPartial: false } });
    expect(readConfig({ ...broker, EVENT_STREAM_DAYS: '30', REBUILD: 'reporting', REBUILD_PARTIAL: 'accept' }).rebuild).toEqual({ context: 'reporting', acceptsPartial: true });
  });

  it.each([
    [{ EVENT_BUS: 'kafka' }, 'EVENT_BUS: Has to be "in-process" or "rabbitmq".'],
    [{ AMQP_URL: 'http://me:secret-word@broker' }, 'AMQP_URL: Has to look like amqp://'],
    [{ AMQP_URL: 'amqp://me:secret-word%zz@broker' }, 'AMQP_URL: Special characters'],
    [{ EVENT_STREAM_DAYS: '30' }, 'EVENT_STREAM_DAYS: the event stream is kept by RabbitMQ; set EVENT_BUS=rabbitmq too'],
    [{ EVENT_STREAM_DAYS: 'a week' }, 'EVENT_STREAM_DAYS: Has to be a number of days.'],
    [{ EVENT_STREAM_DAYS: '0' }, 'EVENT_STREAM_DAYS: Has to be at least 1.'],
    [{ REBUILD: 'reporting', EVENT_BUS: 'rabbitmq', AMQP_URL: 'amqp://me:secret-word@broker' }, 'REBUILD: needs EVENT_BUS=rabbitmq and EVENT_STREAM_DAYS'],
    [{ REBUILD: 'payments' }, 'REBUILD: Has to name a context whose tables are a read model: reporting.'],
    [{ REBUILD_PARTIAL: 'yes' }, 'REBUILD_PARTIAL: Has to be "accept", or not set.'],
    [{ REBUILD_PARTIAL: 'accept' }, 'REBUILD_PARTIAL: says how to do what REBUILD asks for'],
    [{ AMQP_NAMESPACE: 'Shop.Events' }, 'AMQP_NAMESPACE: Has to be lower-case'],
  ])('are refused when they are wrong: %j', (environment, problem) => {
    const reading = (): unknown => readConfig(environment);
    expect(reading).toThrow(InvalidConfiguration);
    expect(reading).toThrow(problem);
    expect(reading).not.toThrow('secret-word');
  });

  it.each(['amqp://banyan:change-me@broker', 'amqp://guest:guest@broker', 'amqp://broker'])('are refused in production with a password that everybody knows: %s', (url) => {
    expect(() => readConfig({ ...production, AMQP_URL: url })).toThrow('AMQP_URL: its password is a well-known default');
    expect(readConfig({ ...production, AMQP_URL: 'amqp://banyan:Zu8-lang-genug@broker' }).amqpUrl).toBeDefined();
  });
});
