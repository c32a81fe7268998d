import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as check, integer, nat, option, property, tuple } from 'fast-check';
import type { SecondRange } from '../../src/store/profile-store.ts';
import { intersect, processEnds, secondsOfUnion, standingOf, unionOf } from '../../src/store/standing.ts';

const minute = 60_000;
const at = (stampMs: number, nextMs?: number, endMs?: number): string => {
  const { from, to } = standingOf({ stampMs, intervalMs: minute, nextMs, endMs });
  return `${from}..${to}`;
};

test('a snapshot stands until the next one, at most 2.5 intervals, or one interval when it is the last', () => {
  assert.equal(at(60_000, 120_000), '60..120');
  assert.equal(at(60_000, 180_000), '60..180', 'one scrape failed');
  assert.equal(at(60_000, 9_000_000), '60..210', 'a long outage');
  assert.equal(at(60_000), '60..120', 'nothing came after it');
});

test('the end of its process cuts a snapshot short, down to nothing', () => {
  assert.equal(at(60_000, 120_000, 90_000), '60..90');
  assert.equal(at(60_000, undefined, 60_500), '60..60');
  assert.equal(at(60_000, undefined, 30_000), '60..60');
});

test('borders are whole seconds, so neighbours meet and never overlap', () => {
  assert.equal(at(60_999, 121_001), '60..121');
  assert.equal(at(121_001, 181_999), '121..181');
});

test('a process is over when it ended or the next one in its slot starts', () => {
  const ends = processEnds([
    { slot: 'pod/app', firstMs: 100, endedMs: undefined },
    { slot: 'pod/app', firstMs: 300, endedMs: undefined },
    { slot: 'pod/app', firstMs: 200, endedMs: 250 },
    { slot: 'other', firstMs: 250, endedMs: undefined },
    { slot: '', firstMs: 1, endedMs: undefined },
    { slot: '', firstMs: 2, endedMs: 9 },
  ]);
  assert.deepEqual(ends, [200, undefined, 250, undefined, undefined, 9]);
});

test('two processes that started in one slot at the same moment do not end each other', () => {
  const process = { slot: 'pod/app', firstMs: 100, endedMs: undefined };
  assert.deepEqual(processEnds([process, process, { ...process, firstMs: 400 }]), [400, 400, undefined]);
});

const someRanges = array(
  tuple(nat(60), nat(20)).map(([from, length]): SecondRange => ({ from, to: from + length })),
  { maxLength: 12 },
);

test('a union covers exactly the seconds that any of its ranges covers', () => {
  check(
    property(someRanges, someRanges, (ranges, windows) => {
      const covered = secondsOf(ranges);
      assert.deepEqual(secondsOf(unionOf(ranges)), covered);
      assert.equal(secondsOfUnion(ranges), covered.length);
      for (const [index, range] of unionOf(ranges).entries()) {
        const next = unionOf(ranges)[index + 1];
        assert.ok(range.from < range.to && (!next || range.to < next.from), 'in order, apart, none empty');
      }
      for (const window of windows) {
        for (const range of ranges) {
          const both = secondsOf([range]).filter((second) => window.from <= second && second < window.to);
          assert.deepEqual(secondsOf([intersect(range, window)]), both);
        }
      }
    }),
  );
});

test('snapshots of one series cover every second at most once, and each second by the latest that may', () => {
  const gaps = array(integer({ min: 1, max: 400_000 }), { minLength: 1, maxLength: 12 });
  check(
    property(gaps, integer({ min: 1000, max: 120_000 }), option(nat(1_000_000)), (steps, intervalMs, end) => {
      let stampMs = 0;
      const stamps = steps.map((step) => (stampMs += step));
      for (let second = 0; second < 1500; second++) {
        const standing = stamps.filter((stamp, index) => {
          const { from, to } = standingOf({
            stampMs: stamp,
            intervalMs,
            nextMs: stamps[index + 1],
            endMs: end ?? undefined,
          });
          return from <= second && second < to;
        });
        assert.deepEqual(standing, expectedAt(second, stamps, intervalMs, end ?? Infinity));
      }
    }),
    { numRuns: 50 },
  );
});

/** The rule read second by second: the last snapshot begun, if it is still good. */
function expectedAt(second: number, stamps: readonly number[], intervalMs: number, endMs: number): number[] {
  const begun = stamps.filter((stamp) => Math.floor(stamp / 1000) <= second);
  const last = begun.at(-1);
  if (last === undefined) return [];
  const goodForMs = last === stamps.at(-1) ? intervalMs : 2.5 * intervalMs;
  const untilSecond = Math.floor(Math.min(last + goodForMs, endMs) / 1000);
  return second < untilSecond ? [last] : [];
}

function secondsOf(ranges: readonly SecondRange[]): number[] {
  const seconds = new Set<number>();
  for (const { from, to } of ranges) for (let second = from; second < to; second++) seconds.add(second);
  return [...seconds].sort((a, b) => a - b);
}
