import { beforeEach, describe, expect, it } from '@jest/globals';
import { complaintsAbout } from '../testing/index.js';
import { Metrics, readMetrics } from './index.js';

let metrics: Metrics;
beforeEach(() => { metrics = new Metrics(); });

const read = async () => readMetrics(await metrics.text());

describe('the metrics of an app', () => {
  it('are text that Prometheus takes, the process itself included', async () => {
    metrics.counter('banyan_cups_total', 'Cups with a "quote", a \\ and a\nline.', ['colour']).inc({ colour: 'a "b" \\ c\nd' }, 2);
    metrics.histogram('banyan_sip_duration_seconds', 'Sips.', ['colour']).observe({ colour: 'red' }, 0.02);
    const scrape = await read();
    expect(complaintsAbout(scrape)).toEqual([]);
    expect(scrape.sum('banyan_cups_total', { colour: 'a "b" \\ c\nd' })).toBe(2);
    expect(scrape.sum('banyan_sip_duration_seconds_bucket', { colour: 'red', le: '0.025' })).toBe(1);
    expect(scrape.sum('process_resident_memory_bytes')).toBeGreaterThan(1_000_000);
    expect(scrape.sum('process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(scrape.families.has('nodejs_eventloop_lag_p99_seconds')).toBe(true);
  });

  it('are the same for everybody who asks by the same name, and not for another kind', async () => {
    metrics.counter('banyan_cups_total', 'Cups.', ['colour']).inc({ colour: 'red' });
    metrics.counter('banyan_cups_total', 'Cups.', ['colour']).inc({ colour: 'red' });
    expect((await read()).sum('banyan_cups_total')).toBe(2);
    expect(() => metrics.gauge('banyan_cups_total', 'Cups.', ['colour'])).toThrow('banyan_cups_total is there already');
  });

  it('belong to one app, and not to another one in the same process', async () => {
    metrics.counter('banyan_cups_total', 'Cups.', []).inc();
    expect(await new Metrics().text()).not.toContain('banyan_cups_total');
  });

  it('are set by their sources at every scrape; a source that fails costs the others nothing', async () => {
    const level = metrics.gauge('banyan_kettle_level_ratio', 'How full it is.', []);
    const levels = [0.5, 0.25];
    metrics.onScrape(() => Promise.reject(new Error('The database is away.')));
    metrics.onScrape(() => { throw new Error('At once.'); });
    metrics.onScrape(async () => { level.set(levels.shift() ?? 0); });
    expect((await read()).sum('banyan_kettle_level_ratio')).toBe(0.5);
    expect((await read()).sum('banyan_kettle_level_ratio')).toBe(0.25);
  });

  it('are collected once for all who ask at the same time', async () => {
    let asked = 0;
    metrics.onScrape(() => { asked += 1; });
    const texts = await Promise.all(Array.from({ length: 20 }, () => metrics.text()));
    expect([asked, new Set(texts).size]).toEqual([1, 1]);
    await metrics.text();
    expect(asked).toBe(2);
  });
});

describe('the reader of metrics', () => {
  it.each([
    ['a line that does not end', '# HELP a x\n# TYPE a gauge\na 1', 'The last line does not end'],
    ['a sample of nobody', '# HELP a x\n# TYPE a gauge\nb 1\n', 'Not a sample of a: b 1'],
    ['a sample without a head', 'a 1\n', 'Not a sample of anything'],
    ['a metric that is there twice', '# HELP a x\n# TYPE a gauge\na 1\n# HELP a x\n# TYPE a gauge\n', 'a is there twice'],
    ['a series that is there twice', '# HELP a x\n# TYPE a gauge\na{b="1"} 1\na{b="1"} 2\n', 'A series is there twice'],
    ['a label with an open end', '# HELP a x\n# TYPE a gauge\na{b="1} 1\n', 'Labels that nobody can read'],
    ['a value that is no number', '# HELP a x\n# TYPE a gauge\na many\n', 'Not a sample of a: a many'],
  ])('takes no text with %s', (_what, text, message) => {
    expect(() => readMetrics(text)).toThrow(message);
  });

  it.each([
    ['a counter without its ending', '# HELP a x\n# TYPE a counter\na 1\n'],
    ['a gauge that looks like a counter', '# HELP a_total x\n# TYPE a_total gauge\na_total 1\n'],
    ['milliseconds', '# HELP a_ms x\n# TYPE a_ms gauge\na_ms 1\n'],
    ['a histogram that does not add up', '# HELP a x\n# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n'],
  ])('complains about %s', (_what, text) => {
    expect(complaintsAbout(readMetrics(text))).toHaveLength(1);
  });
});
