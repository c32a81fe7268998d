import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { IngestJob } from '../../../src/ingest/messages.ts';
import { minute, second } from '../../../src/model/units.ts';
import { type MemoryProfile, MemoryState } from '../../support/ingest-memory-store.ts';
import { WatchedIngest, watchedJob } from '../../support/ingest-watched.ts';

/**
 * Against brute force over what is stored: gauges, counters and floors of drawn heaps of three processes, two of one workload,
 * some of them restarted, late, after an outage or imported; with saves, starts of ours and trimming in between.
 */

const startMs = 1_800_000_000_000;
const stacks = [
  'main.main;shop.a;runtime.mallocgc',
  'main.main;shop.b',
  'shop.a',
  'shop.c;fmt.Sprint',
  'runtime.main',
  'shop.d',
];
const ownerOf = ['shop.a', 'shop.b', 'shop.a', 'shop.c', 'runtime.main', 'shop.d'];
const processes = [
  { workload: 'cart', id: 'p1' },
  { workload: 'cart', id: 'p2' },
  { workload: 'pay', id: 'p3' },
] as const;

interface Drawn {
  readonly process: number;
  readonly gapMs: number;
  readonly inuse: readonly number[];
  readonly allocated: readonly number[];
  readonly isRestart: boolean;
  readonly saves: boolean;
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  process: fc.nat(2),
  gapMs: fc.constantFrom(7 * second, minute, 4 * minute, 11 * minute, 95 * minute),
  inuse: fc.array(fc.oneof(fc.constant(0), fc.nat(1000)), { minLength: 6, maxLength: 6 }),
  allocated: fc.array(fc.nat(500), { minLength: 6, maxLength: 6 }),
  isRestart: fc.nat(4).map((one) => one === 0),
  saves: fc.boolean(),
});

/** Jobs of what was drawn, with counters that run since the start of each process. */
function jobsOf(all: readonly Drawn[]): (IngestJob & { readonly saves: boolean })[] {
  const counters = processes.map(() => [0, 0, 0, 0, 0, 0]);
  const runs = processes.map(() => 0);
  let stampMs = startMs;
  return all.map(({ process, gapMs, inuse, allocated, isRestart, saves }) => {
    stampMs += gapMs;
    if (isRestart) {
      counters[process] = [0, 0, 0, 0, 0, 0];
      runs[process] = (runs[process] ?? 0) + 1;
    }
    const sums = (counters[process] ?? []).map((sum, at) => sum + (allocated[at] ?? 0));
    counters[process] = sums;
    const lines = stacks.map(
      (stack, at) => `${stack} ${sums[at]} ${3 * (sums[at] ?? 0)} ${inuse[at]} ${2 * (inuse[at] ?? 0)}`,
    );
    const { workload, id } = processes[process] ?? processes[0];
    const labels = { namespace: 'shop', workload_kind: 'Deployment', workload, container: 'app', pod: id };
    const run = `${id}/${runs[process]}`;
    const of = { labels, process: { id: run, slot: `shop/${id}/app`, startedMs: stampMs - 1 } };
    return { ...watchedJob('heap', stampMs, lines.join('\n'), of), saves };
  });
}

/** Sums of one type of a stored profile, by owner. */
function byOwner(ingest: WatchedIngest, profile: MemoryProfile, type: string): Map<string, number> {
  const at = profile.types.findIndex((one) => one.type === type);
  const sums = new Map<string, number>();
  for (const { high, low, values } of profile.rows) {
    const frames = ingest.writer.stacks.get(`${high},${low}`)?.frames.map((frame) => frame.function?.name ?? '') ?? [];
    const stack = stacks.indexOf(frames.join(';'));
    const owner = ownerOf[stack] ?? frames.join(';');
    sums.set(owner, (sums.get(owner) ?? 0) + Number(values[at] ?? 0n));
  }
  return sums;
}

const sumOf = (values: Iterable<number | undefined>): number =>
  [...values].reduce<number>((sum, one) => sum + (one ?? 0), 0);
const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * (1 + Math.abs(b));

test('what is live adds up: functions and the rest to the whole, counters to the increases that were stored', () => {
  fc.assert(
    fc.property(
      fc.array(drawn, { minLength: 1, maxLength: 25 }),
      fc.nat(5),
      fc.boolean(),
      (all, metricFunctions, trims) => {
        const trim = { stacks: trims ? 2 : 100, depth: 100, text: 1000 };
        const ingest = new WatchedIngest(startMs, { metricFunctions }, { limits: { trim } });
        for (const job of jobsOf(all)) {
          ingest.take(job);
          if (job.saves) ingest.observer.saveFloors();
        }
        for (const numbers of ingest.numbers()) {
          const { workload, functions, heap, allocBytesTotal } = numbers;
          const stored = ingest.writer.profiles.filter(({ series }) => series.labels['workload'] === workload.workload);
          const counted = stored.map((profile) => {
            const share = Math.min(1, (2.5 * profile.intervalMs) / profile.spanMs);
            return (profile.spanMs === 0 ? 0 : share) * sumOf(byOwner(ingest, profile, 'alloc_space').values());
          });
          assert.ok(isNear(allocBytesTotal ?? 0, sumOf(counted)), `${allocBytesTotal} of ${sumOf(counted)}`);
          if (metricFunctions === 0) assert.deepEqual(functions, []);
          else {
            if (heap) assert.equal(sumOf(functions.map(({ inuseBytes }) => inuseBytes)), heap.bytes);
            assert.ok(functions.filter(({ inuseBytes }) => inuseBytes !== undefined).length <= metricFunctions + 1);
            assert.equal(new Set(functions.map(({ id }) => id)).size, functions.length);
          }
          assert.equal(heap?.bytes, standing(ingest, stored));
        }
      },
    ),
  );
});

/** The heaps that stand: the newest of each process, for 2.5 intervals, unless the next process came in its place. */
function standing(ingest: WatchedIngest, stored: readonly MemoryProfile[]): number | undefined {
  const newest = new Map(stored.map((profile) => [profile.series.process.slot, profile]));
  const stands = [...newest.values()].filter(
    ({ stampMs, intervalMs }) => 1000 * Math.floor((stampMs + 2.5 * intervalMs) / 1000) > ingest.nowMs,
  );
  if (stands.length === 0) return undefined;
  return sumOf(stands.map((profile) => sumOf(byOwner(ingest, profile, 'inuse_space').values())));
}

test('floors are the least of each bucket, and all that was allocated in it, however often they are saved', () => {
  fc.assert(
    fc.property(fc.array(drawn, { minLength: 1, maxLength: 25 }), fc.nat(3), (all, lateHours) => {
      const ingest = new WatchedIngest(startMs + lateHours * 60 * minute);
      for (const job of jobsOf(all)) {
        ingest.take(job);
        if (job.saves) ingest.observer.saveFloors();
      }
      const found = ingest.floors();
      const buckets = Map.groupBy(
        ingest.writer.profiles,
        ({ series, stampMs }) => `${series.process.id} ${Math.floor(stampMs / ingest.bucketMs)}`,
      );
      assert.deepEqual(new Set(found.map(({ process, bucket }) => `${process.id} ${bucket}`)), new Set(buckets.keys()));
      for (const floors of found) {
        const profiles = buckets.get(`${floors.process.id} ${floors.bucket}`) ?? [];
        const levels = profiles.map((profile) => byOwner(ingest, profile, 'inuse_space'));
        const allocations = profiles.map((profile) => byOwner(ingest, profile, 'alloc_space'));
        const least = Math.min(...levels.map((level) => sumOf(level.values())));
        assert.equal(floors.heap?.bytes, least);
        assert.equal(floors.heap.objects, least / 2, 'of the same moment');
        assert.equal(floors.heap.allocBytes, sumOf(allocations.map((one) => sumOf(one.values()))));
        assert.equal(floors.heap.allocMs, sumOf(profiles.map(({ spanMs }) => spanMs)));
        for (const { name, bytes, objects, allocBytes } of floors.functions) {
          assert.equal(bytes, Math.min(...levels.map((level) => level.get(name) ?? 0)));
          assert.equal(objects, bytes / 2);
          assert.equal(allocBytes, sumOf(allocations.map((one) => one.get(name))));
        }
        const followed = new Set(floors.functions.map(({ name }) => name));
        for (const [name, bytes] of levels[0] ?? [])
          assert.ok(bytes === 0 || followed.has(name), `${name} is followed`);
      }
    }),
  );
});

test('a start of ours loses no floor that was saved, and every counter begins at 0', () => {
  fc.assert(
    fc.property(fc.array(drawn, { minLength: 2, maxLength: 12 }), fc.nat(11), (all, killedAfter) => {
      const jobs = jobsOf(all);
      const one = new WatchedIngest(startMs);
      for (const job of jobs) one.take(job);
      const expected = one.floors().map(({ process, bucket, heap }) => [process.id, bucket, heap?.bytes]);

      const state = new MemoryState();
      const before = new WatchedIngest(startMs, {}, { state });
      for (const job of jobsOf(all).slice(0, killedAfter)) before.take(job);
      before.observer.saveFloors();
      const after = new WatchedIngest(before.nowMs, {}, { state, floors: before.floorStore });
      for (const profile of before.writer.profiles) after.writer.profiles.push(profile);
      for (const [key, stack] of before.writer.stacks) after.writer.stacks.set(key, stack);
      assert.deepEqual(after.numbers(), []);
      for (const job of jobsOf(all).slice(killedAfter)) after.take(job);
      assert.deepEqual(
        after.floors().map(({ process, bucket, heap }) => [process.id, bucket, heap?.bytes]),
        expected,
      );
      const counted = sumOf(after.numbers().map(({ allocBytesTotal }) => allocBytesTotal));
      const stored = after.writer.profiles.slice(before.writer.profiles.length).map((profile) => {
        const share = profile.spanMs === 0 ? 0 : Math.min(1, (2.5 * profile.intervalMs) / profile.spanMs);
        return share * sumOf(byOwner(after, profile, 'alloc_space').values());
      });
      assert.ok(isNear(counted, sumOf(stored)));
    }),
    { numRuns: 40 },
  );
});
