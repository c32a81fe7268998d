import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { diffPath, diffWindows } from '../../src/http/growth/links.ts';
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
