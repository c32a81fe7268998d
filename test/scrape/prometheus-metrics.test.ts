import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partitionLabels } from '../../src/model/labels.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import type { ScrapeSnapshot } from '../../src/scrape/metrics.ts';
import { registerScrapeMetrics, type TargetsBy } from '../../src/scrape/prometheus-metrics.ts';
import { type MetricsPage, parseMetrics } from '../support/metrics-page.ts';

const checkout = { namespace: 'shop', workload_kind: 'Deployment', workload: 'checkout', container: 'app' };
const cost = { seconds: 0, bytes: 1000, durationMs: 20 };

/** What a page tells of two pods of `checkout`, the second of which is down. */
async function pageOf(by: TargetsBy | undefined): Promise<MetricsPage> {
  const registry = createMetrics();
  const snapshot = (labels: readonly string[]): ScrapeSnapshot => ({
    groups: labels.includes('pod')
      ? [
          { labels: { ...checkout, pod: 'a' }, targets: { up: 1, down: 0, unknown: 0 } },
          { labels: { ...checkout, pod: 'b' }, targets: { up: 0, down: 1, unknown: 0 } },
        ]
      : labels.length === 0
        ? []
        : [{ labels: checkout, targets: { up: 1, down: 1, unknown: 0 } }],
    inFlight: 3,
    waiting: 0,
    inFlightBytes: 0,
    overCap: 0,
    failuresForgotten: 0,
  });
  const scrapes = registerScrapeMetrics(registry, snapshot, by);
  scrapes.scraped(checkout, 'heap', cost);
  scrapes.scraped(checkout, 'cpu', { ...cost, seconds: 10 });
  scrapes.failed(checkout, 'cpu', 'busy');
  return parseMetrics((await registry.text()).body);
}

const drawn = (page: MetricsPage, name: string) =>
  page
    .samples(name)
    .map(({ labels: { workload, pod = '-', health = '' }, value }) => `${workload} ${pod} ${health} ${value}`);

test('targets are told by workload, and by pod where that is asked for, or not at all', async () => {
  const usual = await pageOf(undefined);
  assert.deepEqual(drawn(usual, 'flameherd_target_up'), ['checkout -  1']);
  assert.deepEqual(drawn(usual, 'flameherd_targets'), ['checkout - up 1', 'checkout - down 1']);

  const pods = await pageOf('pod');
  assert.deepEqual(drawn(pods, 'flameherd_target_up'), ['checkout a  1', 'checkout b  0']);
  assert.deepEqual(drawn(pods, 'flameherd_targets'), [
    'checkout a up 1',
    'checkout a down 0',
    'checkout b up 0',
    'checkout b down 1',
  ]);

  const none = await pageOf('none');
  assert.deepEqual([none.samples('flameherd_target_up'), none.samples('flameherd_targets')], [[], []]);
  assert.equal(none.value('flameherd_scrapes_in_flight'), 3);
});

test('scrapes are counted by workload, and only their failures by kind', async () => {
  const page = await pageOf('workload');
  const [sample, ...rest] = page.samples('flameherd_scrapes_total');
  assert.deepEqual([Object.keys(sample?.labels ?? {}), rest], [[...partitionLabels], []]);
  assert.equal(page.value('flameherd_scrapes_total'), 3);
  assert.equal(page.value('flameherd_scrape_body_bytes_sum', { kind: 'heap' }), 1000);
  assert.equal(page.value('flameherd_target_profiling_seconds_total'), 10);
  assert.equal(page.value('flameherd_scrape_failures_total', { kind: 'cpu', reason: 'busy' }), 1);
  assert.equal(page.value('flameherd_scrape_duration_seconds_count', { kind: 'heap' }), 1);
});

test('one look serves all metrics of a page, and the next page is of a new one', async () => {
  const registry = createMetrics();
  let looks = 0;
  const look = registry.oncePerPage(() => ++looks);
  for (const name of ['herd_a', 'herd_b']) registry.gauge(name, 'x', [], () => [{ labels: {}, value: look() }]);
  const read = async () => {
    const page = parseMetrics((await registry.text()).body);
    return [page.value('herd_a'), page.value('herd_b')];
  };
  assert.deepEqual(
    [await read(), await read()],
    [
      [1, 1],
      [2, 2],
    ],
  );
});
