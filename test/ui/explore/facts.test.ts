import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Meta } from '../../../src/ui/api/answers.ts';
import { factsOf, foldedFact, isGauge } from '../../../src/ui/explore/facts.ts';

const meta: Meta = {
  profiles: 180,
  processes: 6,
  observedSeconds: 3600,
  profiledSeconds: 1800,
  processSeconds: 10_800,
  profiledShare: 0.1667,
  from: '',
  fromMs: 0,
  to: '',
  toMs: 1,
  resolution: 'detail',
  aggregation: 'sum',
  foldedShare: 0,
  trimmed: 0,
  warnings: [],
  partial: false,
};
const texts = (changed: Partial<Meta>, unit = 'nanoseconds') =>
  factsOf({ ...meta, ...changed }, 900e9, unit).map(({ text }) => text);

test('a sum says of how many it is, and how much of the time it saw', () => {
  assert.deepEqual(texts({}), [
    '0.5 cores a process',
    '180 profiles',
    '6 processes',
    '16.7 % of the time profiled',
    'from single profiles',
  ]);
});

test('roll-ups and trimmed samples are said', () => {
  const { profiledShare: _, ...gauge } = meta;
  const facts = factsOf({ ...gauge, aggregation: 'avg', resolution: '1h', trimmed: 3 }, 1, 'bytes');
  assert.deepEqual(
    facts.map(({ text }) => text),
    ['180 profiles', '6 processes', 'from roll-ups of an hour', '3 samples trimmed'],
  );
});

test('what was folded is said where it is more than rounding', () => {
  assert.equal(foldedFact({ ...meta, foldedShare: 0.001 }), undefined);
  assert.equal(foldedFact({ ...meta, foldedShare: 0.84 })?.text, '84 % folded');
});

test('levels have an average, a last and a peak; sums have not', () => {
  assert.ok(isGauge({ ...meta, aggregation: 'peak' }));
  assert.ok(!isGauge(meta));
  assert.ok(!isGauge({ ...meta, aggregation: null }));
});
