import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { createMetrics } from '../../src/observe/metrics.ts';
import { familyText, lasting } from '../../src/observe/metrics-text.ts';
import { parseMetrics } from '../support/metrics-page.ts';

test('a family is its help, its type and a line a sample', () => {
  const family = { name: 'herd_bytes', type: 'gauge', help: 'Of "all"\nin C:\\' };
  const samples = [
    { labels: { workload: 'checkout', container: '' }, value: 12 },
    { labels: { workload: 'a "b"\n\\c' }, value: Number.POSITIVE_INFINITY },
    { labels: {}, value: -0.5 },
    { metricName: 'herd_bytes_bucket', labels: { le: 0.1 }, value: Number.NaN },
  ];
  assert.deepEqual(familyText(family, samples).split('\n'), [
    String.raw`# HELP herd_bytes Of "all"\nin C:\\`,
    '# TYPE herd_bytes gauge',
    'herd_bytes{workload="checkout",container=""} 12',
    String.raw`herd_bytes{workload="a \"b\"\n\\c"} +Inf`,
    'herd_bytes -0.5',
    'herd_bytes_bucket{le="0.1"} NaN',
    '',
  ]);
});

test('whatever a label says, what is read is what was written', () => {
  const value = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => text.isWellFormed());
  const labels = fc.record({ a: value, b: value }, { noNullPrototype: true });
  fc.assert(
    fc.property(labels, fc.double({ noNaN: true }), (drawn, number) => {
      const text = familyText({ name: 'drawn', type: 'gauge', help: 'x' }, [{ labels: drawn, value: number }]);
      const [sample] = parseMetrics(text).samples('drawn');
      assert.deepEqual(sample, { name: 'drawn', labels: drawn, value: number + 0 });
    }),
  );
});

test('counters begin at what they counted, and what is not known is not told', async () => {
  const metrics = createMetrics();
  const counted = metrics.counter('herd_seen_total', 'Seen.', ['kind']);
  metrics.gauge('herd_unknown', 'Not known yet.', [], () => []);
  metrics.histogram('herd_seconds', 'How long.', ['kind'], [1, 5]).observe({ kind: 'heap' }, 3);
  counted.add({ kind: 'heap' });
  counted.add({ kind: 'heap' }, 2);
  const { body } = await metrics.text();
  const lines = body.split('\n').filter((line) => line.startsWith('herd'));
  assert.deepEqual(lines, [
    'herd_seen_total{kind="heap"} 3',
    'herd_seconds_bucket{le="1",kind="heap"} 0',
    'herd_seconds_bucket{le="5",kind="heap"} 1',
    'herd_seconds_bucket{le="+Inf",kind="heap"} 1',
    'herd_seconds_sum{kind="heap"} 3',
    'herd_seconds_count{kind="heap"} 1',
  ]);
  assert.throws(() => metrics.counter('herd_seen_total', 'Again.'), /herd_seen_total is registered twice/);
});

test('labels that last are written as others are, and are no less themselves', () => {
  const labels = { a: 'x', b: '"' };
  const kept = lasting({ ...labels });
  const family = { name: 'herd', type: 'gauge', help: 'x' };
  assert.equal(familyText(family, [{ labels: kept, value: 1 }]), familyText(family, [{ labels, value: 1 }]));
  assert.deepEqual(kept, labels);
  const more = { ...kept, c: 'y' };
  assert.match(familyText(family, [{ labels: more, value: 1 }]), /herd\{a="x",b="\\"",c="y"\} 1/);
});
