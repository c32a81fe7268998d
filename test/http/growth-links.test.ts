import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { diffPagePath, diffPath, diffWindows, explorePagePath } from '../../src/http/growth/links.ts';
import { parseSelector } from '../../src/model/matcher.ts';
import { workloadNamed } from '../support/growth-http.ts';

const finding = fc
  .record({
    startMs: fc.integer({ min: 0, max: 4e12 }),
    lengthMs: fc.integer({ min: 2, max: 40 * 86_400_000 }),
    bucketMs: fc.integer({ min: 1000, max: 3_600_000 }),
  })
  .map(({ startMs, lengthMs, ...rest }) => ({ startMs, endMs: startMs + lengthMs, ...rest }));

test('the sides of a diff never meet, and lie around the beginning and at the end of what grows', () => {
  fc.assert(
    fc.property(finding, (drawn) => {
      const { base, compare } = diffWindows(drawn);
      assert.ok(base.fromMs < base.toMs && compare.fromMs < compare.toMs);
      assert.ok(base.toMs <= compare.fromMs);
      assert.equal(compare.toMs, drawn.endMs);
      assert.ok(base.fromMs <= drawn.startMs && base.toMs > drawn.startMs);
    }),
  );
});

test('the query of a link selects the workload by exactly its labels, whatever they are', () => {
  const label = fc.string({ unit: 'grapheme', maxLength: 12 });
  fc.assert(
    fc.property(label, label, label, (namespace, workload, container) => {
      const named = workloadNamed(workload, { namespace, container });
      const windows = { base: { fromMs: 0, toMs: 1 }, compare: { fromMs: 1, toMs: 2 } };
      const url = new URL(diffPath({ workload: named, signal: 'goroutines' }, windows, 'pprof'), 'http://x');
      const { type, matchers } = parseSelector(url.searchParams.get('query') ?? '');
      assert.equal(type.name, 'goroutine');
      assert.deepEqual(Object.fromEntries(matchers.map(({ name, operator, value }) => [`${name}${operator}`, value])), {
        'namespace=': namespace,
        'workload_kind=': 'Deployment',
        'workload=': workload,
        'container=': container,
      });
    }),
  );
});

test('a page asks exactly what the link of the API beside it asks', () => {
  const workload = workloadNamed('checkout');
  const windows = { base: { fromMs: 1_000, toMs: 2_000 }, compare: { fromMs: 3_000, toMs: 4_000 } };
  const parametersOf = (link: string) => Object.fromEntries(new URL(link, 'http://x').searchParams);
  const { format, ...asked } = parametersOf(diffPath({ workload, signal: 'heap' }, windows, 'pprof'));
  assert.equal(format, 'pprof');
  assert.deepEqual(parametersOf(diffPagePath({ workload, signal: 'heap' }, windows)), asked);
});

test('the page of a function over time begins some time before its growth does', () => {
  const hour = 3_600_000;
  const drawn = { workload: workloadNamed('a&b'), signal: 'heap', bucketMs: 600_000 } as const;
  const link = explorePagePath({ ...drawn, startMs: 10 * hour, endMs: 14 * hour }, 'main.(*cache[…]).put');
  assert.deepEqual(Object.fromEntries(new URL(link, 'http://x').searchParams), {
    query: 'heap{namespace="shop",workload_kind="Deployment",workload="a&b",container="app"}',
    from: '1970-01-01T09:00:00.000Z',
    to: '1970-01-01T14:00:00.000Z',
    function: 'main.(*cache[…]).put',
  });
  assert.match(
    explorePagePath({ ...drawn, startMs: 0, endMs: 0 }),
    /^\/explore\?query=[^&]*&from=1970-01-01T00%3A00%3A00.000Z&to=1970-01-01T00%3A01/,
  );
});
