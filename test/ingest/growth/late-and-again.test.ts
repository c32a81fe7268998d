import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FunctionCounters } from '../../../src/ingest/growth/function-counters.ts';
import { maxCrowdedFloors } from '../../../src/ingest/growth/settings.ts';
import type { IngestJob } from '../../../src/ingest/messages.ts';
import { FlameherdError } from '../../../src/model/errors.ts';
import { day, hour, minute, second } from '../../../src/model/units.ts';
import { MemoryGrowthStore } from '../../support/growth-memory-store.ts';
import { MemoryState } from '../../support/ingest-memory-store.ts';
import { WatchedIngest, watchedJob } from '../../support/ingest-watched.ts';

/** What comes late, comes again, or comes when it should not: no number may be wrong for it. */

const start = 1_800_000_000_000;

function process(id: string, workload = 'cart', startedMs: number | undefined = start - hour): Partial<IngestJob> {
  const labels = { namespace: 'shop', workload_kind: 'Deployment', workload, container: 'app', pod: id };
  return { labels, process: { id, slot: `shop/${id}/app`, startedMs } };
}

const heap = (stampMs: number, bytes: number, more: Partial<IngestJob> = process('p1')): IngestJob =>
  watchedJob('heap', stampMs, `shop.a ${bytes} ${bytes} 1 ${bytes}`, more);

/** A series of its own of the same process: those of one come in order. */
function ofShard(shard: string): Partial<IngestJob> {
  const of = process('p1');
  return { ...of, labels: { ...of.labels, shard } };
}

function seconds(ingest: WatchedIngest): number {
  return ingest.numbersOf().functions.reduce((sum, { cpuSecondsTotal = 0 }) => sum + cpuSecondsTotal, 0);
}

test('a level that is uploaded late does not stand in the place of a newer one', () => {
  const ingest = new WatchedIngest(start);
  for (const [at, count] of [
    [0, 10],
    [2, 30],
    [1, 20],
  ] as const) {
    const upload = { ...ofShard(String(at)), origin: 'upload', asDelta: true } as const;
    ingest.take(watchedJob('goroutine', start + at * minute, `main.main ${count}`, upload));
    ingest.take(watchedJob('goroutineleak', start + at * minute, `main.main ${count}`, upload));
    ingest.take(heap(start + at * minute, count, upload));
  }
  const { goroutines, goroutinesLeaked, heap: held } = ingest.numbersOf();
  assert.deepEqual([goroutines, goroutinesLeaked, held?.bytes], [30, 30, 30]);
});

test('a CPU profile that is uploaded late has no time counted twice', () => {
  const ingest = new WatchedIngest(start);
  const header = { durationNanos: 10_000_000_000n };
  const upload = (atMs: number, shard = '1') => {
    const more = { ...ofShard(shard), header, origin: 'upload', intervalMs: minute } as const;
    return watchedJob('cpu', start + atMs, 'main.main;shop.burn 500 5000000000', more);
  };
  ingest.take(upload(0), upload(minute), upload(2 * minute));
  const before = seconds(ingest);
  ingest.take(upload(20 * second, '2'));
  assert.equal(seconds(ingest) - before, 5, 'what it is of, and no more');
  ingest.take(upload(3 * minute));
  assert.equal(seconds(ingest) - before, 5 + 30);
});

test('a process that goes on after it was told to have ended has its numbers again', () => {
  const ingest = new WatchedIngest(start);
  ingest.take(heap(start, 100));
  ingest.pipeline.endProcess('p1', start + 10 * second);
  ingest.nowMs = start + 20 * second;
  assert.equal(ingest.numbersOf().heap, undefined);
  ingest.take(heap(start + minute, 110));
  assert.equal(ingest.numbersOf().heap, undefined, 'within an interval, as a last profile on its way would be');
  for (let at = 2; at < 20; at++) {
    ingest.take(heap(start + at * minute, 100 + 10 * at));
    ingest.observer.saveFloors();
    assert.equal(ingest.numbersOf().heap?.bytes, 100 + 10 * at);
  }
});

test('what was imported only makes room for what is live, minutes after it', () => {
  const ingest = new WatchedIngest(start);
  for (let at = 0; at < 5; at++) ingest.take(heap(start - day, 100, process(`old-${at}`, `old-${at}`, undefined)));
  ingest.take(heap(start, 100));
  assert.equal(ingest.observer.counts.processes, 6);
  ingest.nowMs = start + 6 * minute;
  assert.equal(ingest.floors('import').length, 5);
  const { workloads, processes, functions } = ingest.observer.counts;
  assert.deepEqual({ workloads, processes, functions }, { workloads: 1, processes: 1, functions: 1 });
  ingest.take(heap(start - day + minute, 50, { ...process('old-1', 'old-1', undefined) }));
  assert.equal(ingest.floors('import').find((floors) => floors.process.id === 'old-1')?.heap?.bytes, 50);
});

test('an interval of years keeps no process for years', () => {
  const ingest = new WatchedIngest(start);
  ingest.take(heap(start, 100, { ...process('p1'), intervalMs: 9999 * day }));
  ingest.nowMs = start + 3 * day + minute;
  ingest.observer.saveFloors();
  assert.equal(ingest.observer.counts.processes, 0);
});

test('a reset that cannot be noted now refuses nothing that is stored, and is noted with the next floors', () => {
  class FullState extends MemoryState {
    isFull = false;
    override set(...given: Parameters<MemoryState['set']>): void {
      if (this.isFull) throw new FlameherdError('storage_full', 'full', {});
      super.set(...given);
    }
  }
  const state = new FullState();
  const ingest = new WatchedIngest(start, {}, { state });
  const url = (stampMs: number, bytes: number) => {
    const of = { ...process('static:x'), process: { id: 'static:x', slot: 'static/x', startedMs: undefined } };
    return heap(stampMs, bytes, of);
  };
  ingest.take(url(start, 1000));
  state.isFull = true;
  ingest.take(heap(start + minute, 7), url(start + minute, 20), heap(start + minute + 1, 9));
  assert.equal(ingest.pipeline.counts.refused, 0);
  assert.equal(ingest.numbersOf().allocBytesTotal, 22, 'each was counted: 20 after the reset, and 2 of the other');
  state.isFull = false;
  ingest.observer.saveFloors();
  const again = new WatchedIngest(start + 2 * minute, {}, { state, floors: ingest.floorStore });
  again.take(url(start + 2 * minute, 10));
  const ids = again.floors().map((floors) => floors.process.id);
  assert.deepEqual(
    ids.filter((id) => id.startsWith('static')),
    ['static:x', `static:x#${start + minute}`],
  );
});

test('where the clock goes back, the largest functions are found as before', () => {
  const counters = new FunctionCounters(1);
  const count = (number: number, amount: number, nowMs: number) =>
    counters.add(Int32Array.of(number), Float64Array.of(amount), 1, 4, nowMs);
  const wrongMs = start + 5000 * day;
  count(2, 5, wrongMs);
  for (let at = 0; at < 120; at++) count(3, 100, start + at * minute);
  assert.deepEqual([...counters.totals().keys()], [3]);
  assert.equal(counters.total, 12_005);
});

test('an import that comes faster than floors are saved in time holds few of them, and loses none', () => {
  class CountingStore extends MemoryGrowthStore {
    saves: number[] = [];
    isFull = false;
    override saveFloors(...given: Parameters<MemoryGrowthStore['saveFloors']>): void {
      if (this.isFull) throw new FlameherdError('storage_full', 'full', {});
      this.saves.push(given[2].length);
      super.saveFloors(...given);
    }
  }
  const floors = new CountingStore();
  const ingest = new WatchedIngest(start, { bucketMs: minute }, { floors });
  const profiles = 3500;
  const { labels = {}, process: p1 = { id: '', slot: '', startedMs: undefined } } = process('p1');
  const series = { labels, kind: 'goroutine', process: p1 };
  for (let at = 0; at < profiles; at++) {
    floors.isFull = at >= 1900 && at < 2100;
    const when = { stampMs: start - 5 * day + at * minute, intervalMs: minute, spanMs: 0, isReset: false };
    ingest.observer.stored({ kind: 'goroutine', partition: 'cart', series, ...when, total: at + 1 });
    ingest.observer.endBatch();
  }
  const saved = floors.saves.reduce((sum, count) => sum + count, 0);
  assert.ok(saved >= profiles - maxCrowdedFloors, `${saved} of ${profiles} before anybody asked`);
  assert.ok(floors.saves.length < profiles / 100, 'many at once');
  assert.equal(ingest.observer.counts.floorsLost, 0);
  assert.equal(ingest.observer.counts.floorSaveFailures, 1, 'not with every profile');
  const counts = ingest.floors('import').map(({ goroutines }) => goroutines);
  assert.deepEqual(
    counts.sort((a = 0, b = 0) => a - b),
    Array.from({ length: profiles }, (_, at) => at + 1),
  );
});
