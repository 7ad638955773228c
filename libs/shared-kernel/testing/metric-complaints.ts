import type { ReadMetrics, Sample } from '../observability/index.js';

/** What `promtool check metrics` would say of names and types, as far as it concerns counters and histograms. */
export function complaintsAbout({ families }: ReadMetrics): string[] {
  return [...families.values()].flatMap(({ name, type, help, samples }) => [
    ...(help === '' ? [`${name} does not say what it is`] : []),
    ...(!['counter', 'gauge', 'histogram', 'summary'].includes(type) ? [`${name} has the type "${type}"`] : []),
    ...((type === 'counter') !== name.endsWith('_total') ? [`${name}: counters and nothing else end with _total`] : []),
    ...(/_(?:ms|milliseconds|minutes|kb|percent)(?:_|$)/.test(name) ? [`${name} has no base unit`] : []),
    ...(type === 'histogram' ? unevenBuckets(samples).map((it) => `${name}: ${it}`) : []),
  ]);
}

function unevenBuckets(samples: readonly Sample[]): string[] {
  const series = Map.groupBy(samples.filter((it) => it.name.endsWith('_bucket')), ({ labels: { le: _le, ...rest } }) => JSON.stringify(rest));
  return [...series].flatMap(([labels, buckets]) => {
    const last = buckets.at(-1);
    const count = samples.find((it) => it.name.endsWith('_count') && JSON.stringify(it.labels) === labels);
    const grows = buckets.every((it, index) => it.value >= (buckets[index - 1]?.value ?? 0));
    return grows && last?.labels['le'] === '+Inf' && last.value === count?.value ? [] : [`the buckets of ${labels} do not add up`];
  });
}
