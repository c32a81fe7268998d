import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  baselineText,
  failedGate,
  functionText,
  highestTier,
  levelText,
  slopeText,
} from '../../src/model/growth-words.ts';
import { leaking, still } from '../support/growth-http.ts';

const mib = 2 ** 20;

test('slopes are said by the hour, rates of allocation by the second, both with their sign', () => {
  assert.deepEqual(
    [
      slopeText('heap', (12 * mib) / 3600),
      slopeText('heap', (-0.5 * mib) / 3600),
      slopeText('goroutines', 0.25),
      slopeText('allocations', 2 * mib),
      levelText('allocations', 3 * mib),
      levelText('goroutines', 12_345),
    ],
    ['+12 MiB/h', '-512 KiB/h', '+900/h', '+2 MiB/s', '3 MiB/s', '12,345'],
  );
});

test('each baseline has its words, with the level and the revision where they are known', () => {
  assert.deepEqual(
    [
      baselineText('heap', { kind: 'none' }),
      baselineText('heap', { kind: 'earlier', level: 40 * mib }),
      baselineText('goroutines', { kind: 'yesterday', level: 120 }),
      baselineText('heap', { kind: 'plateau', level: 40 * mib, revision: 'r1' }),
      baselineText('heap', { kind: 'plateau' }),
      baselineText('allocations', { kind: 'revision', level: 2 * mib, revision: 'r1' }),
    ],
    [
      'growing since start, no baseline yet',
      'above all it held before (40 MiB)',
      'above the same time yesterday (120)',
      'above the plateau of revision r1 (40 MiB)',
      'above the plateau of an earlier revision',
      'above revision r1 (2 MiB/s)',
    ],
  );
});

test('the highest tier is that of any signal, and why not is the first gate that was not passed', () => {
  const suspected = leaking('goroutines', { tier: 'suspected' });
  assert.equal(highestTier({ signals: [still(), suspected] }), 'suspected');
  assert.equal(highestTier({ signals: [suspected, leaking()] }), 'likely');
  assert.equal(highestTier({ signals: [still()] }), undefined);
  assert.equal(failedGate(still())?.name, 'rise');
  assert.equal(failedGate(leaking()), undefined);
});

test('growth that no function shows by itself has a name of its own for each signal', () => {
  assert.equal(functionText('heap', ''), 'the whole heap');
  assert.equal(functionText('goroutines', ''), 'all goroutines');
  assert.equal(functionText('heap', 'main.leak'), 'main.leak');
});
