import assert from 'node:assert/strict';
import { test } from 'node:test';
import { factorText, perProcess } from '../../../src/ui/diff/per-process.ts';
import { pprofPair } from '../../../src/ui/diff/pprof-pair.ts';
import { utcWindow, verdictOf } from '../../../src/ui/diff/verdict.ts';
import { diffMeta, diffTop, rolledOut, row, sideMeta } from './answers.ts';

const query = 'cpu{namespace="shop",workload="checkout"}';
const moved = [
  row('regexp.Compile', { base: 3, compare: 150, spread: 0.02 }),
  row('runtime.mallocgc', { base: 30, compare: 90, spread: 0.01 }),
  row('json.Marshal', { base: 60, compare: 60, spread: 0.5 }),
  row('gone.Away', { base: 12, compare: 0, spread: 0.001 }),
  row('small.Change', { base: 3, compare: 12, spread: 0.001 }),
];

test('a verdict is five lines: the whole, the three that surely moved most, and what was compared', () => {
  const text = verdictOf({ query, rollout: 'latest' }, diffTop(moved, { rollout: rolledOut() }), {
    measure: 'self',
    link: 'http://localhost:4280/diff?rollout=latest',
  });
  assert.equal(
    text,
    [
      '**`checkout cpu`, `r1` → `r2`: 0.5 cores → 1 cores per process (+100 %)**',
      '- `regexp.Compile` +24 points ± 2 points: 1 % → 25 %',
      '- `runtime.mallocgc` +5 points ± 1 points: 10 % → 15 %',
      '- `gone.Away` -4 points ± 0.1 points: 4 % → 0 %',
      'Compared: 2026-11-22 12:00–12:30Z (60 profiles of 3 processes) with 2026-11-22 11:30–12:00Z (58 profiles of 3 processes); functions by themselves, as shares of each side; 99 % sure. [Diff](http://localhost:4280/diff?rollout=latest)',
      '',
    ].join('\n'),
  );
});

test('where less is sure, it says so instead of naming what may be chance', () => {
  const lines = (rows: typeof moved) =>
    verdictOf({ query }, diffTop(rows), { measure: 'total', link: 'http://x/' }).split('\n').slice(1, -2);
  assert.deepEqual(lines(moved.slice(2, 3)), ['- No function changed by more than scrapes differ anyway']);
  const rare = row('rare', { base: 3, compare: 12, spread: null });
  assert.deepEqual(lines([rare]), ['- There are too few scrapes to tell which changes are sure']);
  assert.deepEqual(lines(moved.slice(2, 4)), [
    '- `gone.Away` -4 points ± 0.1 points: 4 % → 0 %',
    '- No other function changed by more than scrapes differ anyway',
  ]);
});

test('a name from a profile cannot leave its code', () => {
  const rows = [row('a`[x](http://evil)`\nb', { base: 0, compare: 60, spread: 0.001 })];
  const line = verdictOf({ query }, diffTop(rows), { measure: 'self', link: 'http://x/' }).split('\n')[1];
  assert.equal(line, '- `` a`[x](http://evil)` b `` +10 points ± 0.1 points: 0 % → 10 %');
});

test('windows are told in UTC, the day once where it is the same', () => {
  const from = Date.parse('2026-11-22T23:30:05Z');
  assert.equal(utcWindow({ fromMs: from, toMs: from + 60_000 }), '2026-11-22 23:30:05–23:31:05Z');
  assert.equal(utcWindow({ fromMs: from, toMs: from + 3_600_000 }), '2026-11-22 23:30:05 – 2026-11-23 00:30:05Z');
});

test('per process: sums by the time that was profiled, gauges by how many there were', () => {
  assert.deepEqual(perProcess(query, diffTop([])), { base: 0.5, compare: 1, unit: 'cores' });
  assert.deepEqual(perProcess('allocs', { ...diffTop([]), unit: 'bytes' }), {
    base: 500e6,
    compare: 1e9,
    unit: 'bytes/s',
  });
  const gauge = { aggregation: 'avg', processSeconds: 5400, observedSeconds: 1800 };
  const meta = { ...diffMeta(gauge), base: sideMeta({ ...gauge, processSeconds: 3600 }) };
  assert.deepEqual(perProcess('heap', { unit: 'bytes', total: 600, baseTotal: 300, meta }), {
    base: 150,
    compare: 200,
    unit: 'bytes',
  });
});

test('the factors of each way to compare are said', () => {
  assert.equal(factorText(diffTop([])), 'Each side is 100 %: base 5 min, compare 10 min, so the base is weighed × 2');
  assert.equal(
    factorText(diffTop([], { normalize: 'process', factor: 1 / 600e9, baseFactor: 1 / 600e9 })),
    'Per process and second: base ÷ 600 process-seconds, compare ÷ 600 process-seconds',
  );
  assert.equal(
    factorText(diffTop([], { normalize: 'none', factor: 1, baseFactor: 1 })),
    'As measured, not normalised: base 30 min of 3 processes, compare 30 min of 3 processes',
  );
});

test('both sides are there as pprof, with the command that compares them', () => {
  const pair = pprofPair(
    { query, rollout: 'latest', hide: "it's" },
    diffMeta({ rollout: rolledOut() }),
    'http://localhost:4280',
  );
  const compare = new URL(pair.compare, 'http://localhost:4280');
  assert.equal(compare.pathname, '/api/v1/merge');
  assert.deepEqual(Object.fromEntries(compare.searchParams), {
    query: 'cpu{namespace="shop",revision="r2",workload="checkout"}',
    from: '2026-11-22T12:00:00Z',
    to: '2026-11-22T12:30:00Z',
    hide: "it's",
    format: 'pprof',
  });
  assert.equal(
    pair.command,
    `go tool pprof -http=: -normalize -diff_base 'http://localhost:4280${pair.base}' 'http://localhost:4280${pair.compare}'`,
  );
  assert.ok(!pair.base.includes("'"), 'a quote would end the argument');
});
