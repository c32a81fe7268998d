import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FailureReason } from '../../src/scrape/failure.ts';
import { KindState } from '../../src/scrape/kind-state.ts';
import { specOf } from '../support/scrape-targets.ts';

const minute = 60_000;
const pinned = { intervalMs: minute, phaseMs: 0 };

function cpuAt(nowMs: number): KindState {
  return new KindState(specOf('cpu'), pinned, nowMs);
}

function fail(kind: KindState, reason: FailureReason, nowMs: number, sourceAnswers = true): number {
  kind.failed({ reason, message: `it was ${reason}` }, nowMs, sourceAnswers);
  return kind.dueMs;
}

function succeed(kind: KindState, endMs: number): number {
  kind.succeeded({ endMs, durationMs: 10, bytes: 500, samples: 3, warnings: [] });
  return kind.dueMs;
}

test('a failure waits for the next beat, and a success clears it', () => {
  const kind = cpuAt(1);
  assert.equal(fail(kind, 'timeout', minute), 2 * minute);
  assert.deepEqual([kind.status().health, kind.status().lastError], ['down', 'it was timeout']);
  assert.equal(succeed(kind, 2 * minute + 10_000), 3 * minute);
  assert.deepEqual([kind.status().health, kind.status().lastError], ['up', '']);
});

test('the third busy answer in a row stands back for ten minutes and names the reason', () => {
  const kind = cpuAt(1);
  assert.equal(fail(kind, 'busy', minute), 2 * minute);
  assert.equal(fail(kind, 'busy', 2 * minute), 3 * minute);
  assert.equal(fail(kind, 'busy', 3 * minute), 13 * minute);
  assert.match(
    kind.status().lastError,
    /^another profiler is attached \(asked 3 times, asked again in 10 min\): it was busy/,
  );
  succeed(kind, 13 * minute);
  assert.equal(fail(kind, 'busy', 14 * minute), 15 * minute);
});

test('WriteTimeout halves the seconds down to one, and they stay so', () => {
  const kind = cpuAt(1);
  const asked = [1, 2, 3, 4, 5].map((n) => {
    fail(kind, 'write_timeout', n * minute);
    return kind.seconds;
  });
  assert.deepEqual(asked, [5, 2, 1, 1, 1]);
  succeed(kind, 7 * minute);
  kind.configure(specOf('cpu', { intervalMs: 2 * minute }), { intervalMs: 2 * minute, phaseMs: 0 }, 7 * minute);
  assert.equal(kind.seconds, 1);
});

test('a kind that is not found twice is asked once an hour, and is not down for it', () => {
  const kind = new KindState(specOf('mutex'), pinned, 1);
  assert.equal(fail(kind, 'unsupported', minute), 2 * minute);
  assert.equal(kind.status().health, 'down');
  assert.equal(fail(kind, 'unsupported', 2 * minute), 62 * minute);
  assert.deepEqual(
    [kind.status().health, kind.status().lastError],
    ['unknown', 'not offered by this process: it was unsupported'],
  );
});

test('while nothing of a source has answered, what was not found is asked every five minutes', () => {
  const kind = new KindState(specOf('heap'), pinned, 1);
  fail(kind, 'unsupported', minute, false);
  assert.equal(fail(kind, 'unsupported', 2 * minute, false), 7 * minute);
});

test('a new path forgets what the old one taught', () => {
  const kind = new KindState(specOf('heap'), pinned, 1);
  fail(kind, 'unsupported', minute);
  fail(kind, 'unsupported', 2 * minute);
  kind.configure(specOf('heap', { path: '/other/pprof/heap' }), pinned, 2 * minute);
  assert.deepEqual([kind.dueMs, kind.unsupported, kind.status().lastError], [3 * minute, false, '']);
});

test('after a first scrape off the beat the next one is at least half an interval away', () => {
  const kind = cpuAt(0);
  kind.beginAt(50_000);
  assert.equal(kind.dueMs, 50_000);
  assert.equal(succeed(kind, 55_000), 2 * minute);
  assert.equal(succeed(kind, 2 * minute + 10), 3 * minute);
});

test('a full queue or a replaced pod says nothing about the health of a target', () => {
  const kind = cpuAt(1);
  succeed(kind, minute);
  fail(kind, 'dropped', 2 * minute);
  fail(kind, 'replaced', 3 * minute);
  assert.deepEqual([kind.status().health, kind.status().lastError], ['up', 'it was replaced']);
});

test('a clock that is set back by a day takes the schedule up anew; stamps still go on', () => {
  const day = 86_400_000;
  const kind = cpuAt(2 * day);
  assert.equal(kind.stampAt(2 * day), 2 * day);
  kind.followClock(2 * day);
  kind.followClock(day);
  assert.equal(kind.dueMs, day + minute);
  assert.equal(kind.stampAt(day), 2 * day + 1);
});
