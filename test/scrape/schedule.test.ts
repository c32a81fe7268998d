import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { hasTurn, kindSlots, nextDue, pinnedSchedule } from '../../src/scrape/schedule.ts';
import { specOf } from '../support/scrape-targets.ts';

const minute = 60_000;

test('a source is due at the same moments after a restart', () => {
  const before = pinnedSchedule('collector', 'pod-1/6060', minute);
  const after = pinnedSchedule('collector', 'pod-1/6060', minute);
  assert.equal(nextDue(before, 1_700_000_000_000), nextDue(after, 1_700_000_000_000));
});

test('two collectors ask the same source at different moments', () => {
  const phases = [1, 2, 3, 4].map((n) => pinnedSchedule(`collector-${n}`, 'pod-1/6060', minute).phaseMs);
  assert.equal(new Set(phases).size, 4);
});

test('due moments are one interval apart, and a late scrape skips the beats it missed', () => {
  const schedule = { intervalMs: minute, phaseMs: 7_000 };
  assert.equal(nextDue(schedule, 0), 7_000);
  assert.equal(nextDue(schedule, 7_000), 67_000);
  assert.equal(nextDue(schedule, 200_000), 247_000);
});

test('the next due moment is after now, by at most one interval, whatever the clock says', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e8 }), fc.nat(1e8), fc.integer(), (intervalMs, phase, now) => {
      const due = nextDue({ intervalMs, phaseMs: phase % intervalMs }, now);
      assert.ok(due > now && due <= now + intervalMs);
    }),
  );
});

test('a thousand sources spread over the interval', () => {
  const perTenth = Array.from({ length: 10 }, () => 0);
  for (let i = 0; i < 1000; i++) {
    const tenth = Math.floor((10 * pinnedSchedule('c', `pod-${i}/6060`, minute).phaseMs) / minute);
    perTenth[tenth] = (perTenth[tenth] ?? 0) + 1;
  }
  assert.ok(Math.min(...perTenth) > 70 && Math.max(...perTenth) < 130, perTenth.join(' '));
});

test('kinds stand in fixed slots: CPU first, the snapshots after its seconds', () => {
  const slots = kindSlots(['mutex', 'goroutine', 'cpu', 'zeta', 'heap'].map((kind) => specOf(kind)));
  assert.deepEqual(
    [...slots],
    [
      ['cpu', 0],
      ['heap', 10_250],
      ['goroutine', 10_500],
      ['mutex', 10_750],
      ['zeta', 11_000],
    ],
  );
});

test('slots of an interval that is too short for them move closer together and stay inside it', () => {
  const slots = kindSlots(['cpu', 'heap'].map((kind) => specOf(kind, { intervalMs: 6_000 })));
  assert.deepEqual(
    [...slots],
    [
      ['cpu', 0],
      ['heap', 5_857],
    ],
  );
});

test('a longer interval of one kind keeps its place beside the others', () => {
  const heap = pinnedSchedule('c', 'pod-1', minute, 11_000);
  const leak = pinnedSchedule('c', 'pod-1', 10 * minute, 12_000);
  assert.equal((leak.phaseMs - heap.phaseMs + 10 * minute) % minute, 1000);
});

test('when two of five processes are profiled at a time, each has its turn twice in five rounds', () => {
  const rounds = [0, 1, 2, 3, 4].map((round) => [0, 1, 2, 3, 4].filter((rank) => hasTurn(rank, 5, 2, round)).join(''));
  assert.deepEqual(rounds, ['01', '23', '04', '12', '34']);
});

test('an interval of nothing is refused by name', () => {
  assert.throws(() => pinnedSchedule('c', 'x', 0), { message: 'interval must be above 0 ms, got 0' });
});
