import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IngestJob } from '../../../src/ingest/messages.ts';
import { FlameherdError } from '../../../src/model/errors.ts';
import { sampleWeight } from '../../../src/model/sample-weight.ts';
import { day, hour, minute, second } from '../../../src/model/units.ts';
import { MemoryGrowthStore } from '../../support/growth-memory-store.ts';
import { WatchedIngest, watchedJob } from '../../support/ingest-watched.ts';

const start = 1_800_000_000_000;
const cpuHeader = { durationNanos: 10_000_000_000n };

/** Of the pod `cart-1`, started long ago unless given. */
function process(
  id: string,
  startedMs: number | undefined = start - hour,
  slot = `shop/${id}/app`,
): Partial<IngestJob> {
  const labels = { namespace: 'shop', workload_kind: 'Deployment', workload: 'cart', container: 'app', pod: id };
  return { labels, process: { id, slot, startedMs } };
}

/** `seconds` of CPU in a profile of 10 s. */
function cpu(
  stampMs: number,
  seconds: number,
  of: Partial<IngestJob> = process('p1'),
  more: Partial<IngestJob> = {},
): IngestJob {
  const text = `main.main;shop.burn ${seconds * 100} ${seconds * 1e9}`;
  return watchedJob('cpu', stampMs, text, { header: cpuHeader, ...of, ...more });
}

const heapOf = (stampMs: number, text: string, of: Partial<IngestJob> = process('p1')): IngestJob =>
  watchedJob('heap', stampMs, text, of);
const named = (ingest: WatchedIngest, key: 'inuseBytes' | 'allocBytesTotal' | 'cpuSecondsTotal') =>
  Object.fromEntries(ingest.numbersOf().functions.map((one) => [one.name, one[key]]));

test('the rate of the CPU counter is cores, though only 10 s of 60 s are profiled', () => {
  const ingest = new WatchedIngest(start);
  ingest.take(cpu(start, 5));
  const first = named(ingest, 'cpuSecondsTotal')['shop.burn'] ?? 0;
  for (let scrape = 1; scrape <= 10; scrape++) ingest.take(cpu(start + scrape * minute, 5));
  const last = named(ingest, 'cpuSecondsTotal')['shop.burn'] ?? 0;
  assert.equal(first, 5, 'of the time before ours nothing is counted');
  assert.ok(Math.abs((last - first) / 600 - 0.5) < 1e-9, `${(last - first) / 600} cores`);
});

test('a process that started under our eyes counts from its start, one that was silent for hours 2.5 intervals', () => {
  const ingest = new WatchedIngest(start);
  ingest.take(cpu(start + 50 * second, 10, process('p1', start + 20 * second)));
  assert.equal(named(ingest, 'cpuSecondsTotal')['shop.burn'], 40);
  ingest.take(cpu(start + 5 * hour, 10, process('p1', start + 20 * second)));
  assert.equal(named(ingest, 'cpuSecondsTotal')['shop.burn'], 40 + 150);
});

test('a profile that covers all the time counts as it is', () => {
  const ingest = new WatchedIngest(start);
  const header = { durationNanos: 60_000_000_000n };
  const text = 'main.main;shop.burn 100 30000000000';
  for (let at = 0; at < 4; at++)
    ingest.take(watchedJob('cpu', start + at * minute, text, { header, ...process('p1') }));
  assert.ok(Math.abs((named(ingest, 'cpuSecondsTotal')['shop.burn'] ?? 0) - 4 * 30) < 1e-9);
});

test('where one of three pods is profiled at a time, it speaks for those that had no turn yet', () => {
  const heap = 'main.main 0 0 1 1';
  const ingest = new WatchedIngest(start, { samplesReplicas: true });
  const pods = ['p1', 'p2', 'p3'].map((id) => process(id));
  for (let at = 0; at <= 60; at++) {
    const stampMs = start + at * minute;
    for (const [index, pod] of pods.entries()) ingest.take(heapOf(stampMs + index, heap, pod));
    ingest.take(cpu(stampMs + 20 * second, 5, pods[at % 3], { intervalMs: 3 * minute }));
    const cores = (named(ingest, 'cpuSecondsTotal')['shop.burn'] ?? 0) / ((stampMs + 30 * second - start) / second);
    // A pod that waits for its next turn is counted with it, so that it may be up to three minutes behind.
    const behind = (3 * minute) / (stampMs + 30 * second - start);
    assert.ok(cores <= 1.5 + 1e-9 && cores >= 1.5 * (1 - behind) - 1e-9, `${cores} cores after ${at} min`);
  }
});

test('what is left open of a pod that ended is counted with the next profile of its workload', () => {
  const ingest = new WatchedIngest(start, { samplesReplicas: true });
  const turn = { intervalMs: 2 * minute };
  ingest.take(heapOf(start, 'main.main 0 0 1 1'), heapOf(start, 'main.main 0 0 1 1', process('p2')));
  ingest.take(cpu(start + 50 * second, 10, process('p1'), turn));
  ingest.take(cpu(start + 50 * second, 10, process('p2'), turn));
  assert.equal(named(ingest, 'cpuSecondsTotal')['shop.burn'], 120);
  ingest.pipeline.endProcess('p2', start + 2 * minute);
  ingest.take(cpu(start + 110 * second, 10, process('p1'), turn));
  assert.equal(named(ingest, 'cpuSecondsTotal')['shop.burn'], 180);
  ingest.nowMs = start + 10 * minute;
  ingest.observer.saveFloors();
  ingest.take(cpu(ingest.nowMs, 10, process('p1'), turn));
  assert.equal(
    named(ingest, 'cpuSecondsTotal')['shop.burn'],
    180 + 300 + 60,
    'its own, 2.5 turns at most, and the last minute of p2',
  );
});

test('a gauge stands 2.5 intervals, and no longer than its process or until the next one in its place', () => {
  const ingest = new WatchedIngest(start);
  ingest.take(heapOf(start, 'shop.a 0 0 1 100'), heapOf(start, 'shop.a 0 0 1 30', process('p2')));
  assert.deepEqual(ingest.numbersOf().heap, { bytes: 130, objects: 2, largestBytes: 100 });
  ingest.pipeline.endProcess('p2', start + 20 * second);
  ingest.nowMs = start + 20 * second;
  assert.deepEqual(ingest.numbersOf().heap, { bytes: 100, objects: 1, largestBytes: 100 });

  ingest.take(heapOf(start + minute, 'shop.b 0 0 1 7', process('p3', start + 30 * second, 'shop/p1/app')));
  assert.deepEqual(named(ingest, 'inuseBytes'), { 'shop.a': 0, 'shop.b': 7, '(other)': 0 });
  ingest.nowMs = start + minute + 149 * second;
  assert.equal(ingest.numbersOf().heap?.bytes, 7);
  ingest.nowMs = start + minute + 150 * second;
  assert.equal(ingest.numbersOf().heap, undefined, 'nothing is known, which is not 0');
});

test('goroutines, and those that are leaked, are counts', () => {
  const ingest = new WatchedIngest(start);
  ingest.take(
    watchedJob('goroutine', start, 'main.main 2\nmain.main;shop.wait 40', process('p1')),
    watchedJob('goroutineleak', start + 1, 'main.main;shop.wait 3', process('p1')),
    watchedJob('goroutine', start + 2, 'main.main 5', process('p2')),
  );
  const { goroutines, goroutinesLeaked, heap } = ingest.numbersOf();
  assert.deepEqual({ goroutines, goroutinesLeaked, heap }, { goroutines: 47, goroutinesLeaked: 3, heap: undefined });
  ingest.take(watchedJob('goroutine', start + minute, 'main.main 9', process('p1')));
  assert.deepEqual(
    ingest.floors().map((floors) => [floors.process.id, floors.goroutines, floors.heap]),
    [
      ['p1', 9, undefined],
      ['p2', 5, undefined],
    ],
  );
});

test('after an outage an increase counts as much as 2.5 intervals would have seen, and whole in the floors', () => {
  const ingest = new WatchedIngest(start);
  ingest.take(heapOf(start, 'shop.a 10 1000 1 1'));
  assert.equal(ingest.numbersOf().allocBytesTotal, 0, 'the first look at a process only sets a base');
  ingest.take(heapOf(start + 250 * minute, 'shop.a 20 101000 1 1'));
  assert.equal(ingest.numbersOf().allocBytesTotal, 1000);
  assert.equal(ingest.numbersOf().allocObjectsTotal, 0.1);
  const [, floors] = ingest.floors();
  assert.deepEqual([floors?.heap?.allocBytes, floors?.heap?.allocMs], [100_000, 250 * minute]);
});

test('the same profile again, and one that is refused, count nothing', () => {
  const ingest = new WatchedIngest(start);
  ingest.take(heapOf(start, 'shop.a 10 1000 1 1'));
  ingest.take(heapOf(start + minute, 'shop.a 20 2000 1 5'));
  ingest.take(heapOf(start + minute, 'shop.a 20 2000 1 5'));
  ingest.writer.failure = new FlameherdError('storage_full', 'full', {});
  ingest.pipeline.ingest([heapOf(start + 2 * minute, 'shop.a 20 9000 1 90')]);
  assert.deepEqual([ingest.numbersOf().allocBytesTotal, ingest.numbersOf().heap?.bytes], [1000, 5]);
  ingest.writer.failure = undefined;
  ingest.take(heapOf(start + 3 * minute, 'shop.a 20 9000 1 90'));
  assert.deepEqual([ingest.numbersOf().allocBytesTotal, ingest.numbersOf().heap?.bytes], [8000, 90]);
});

test('imports fill floors of their own, and touch nothing that is live', () => {
  const ingest = new WatchedIngest(start);
  const old = start - day;
  ingest.take(heapOf(old, 'shop.a 10 1000 1 50'), heapOf(old + minute, 'shop.a 20 3000 1 40'));
  assert.deepEqual(ingest.numbers(), []);
  assert.equal(ingest.observer.saveFloors(), undefined, 'no live bucket was saved');
  assert.deepEqual(ingest.floors('live'), []);
  assert.deepEqual(
    ingest.floors('import').map(({ heap }) => [heap?.bytes, heap?.allocBytes]),
    [[40, 2000]],
  );
});

test('uploads of increases count as they are; what is negative counts nothing, and no floor is below 0', () => {
  const ingest = new WatchedIngest(start);
  const upload = { ...process('p1'), origin: 'upload', asDelta: true } as const;
  ingest.take(watchedJob('heap', start, 'shop.a 1 100 1 -5\nshop.b 1 -70 1 2', upload));
  ingest.take(watchedJob('heap', start + minute, 'shop.a 1 50 1 10', upload));
  assert.equal(ingest.numbersOf().allocBytesTotal, 150);
  assert.deepEqual(named(ingest, 'allocBytesTotal'), { 'shop.a': 150, '(other)': 0 });
  assert.equal(ingest.floors()[0]?.heap?.bytes, 0);
});

test('a heap of Node.js has levels and no counters; one that counts objects only has no floor', () => {
  const ingest = new WatchedIngest(start);
  ingest.take(watchedJob('heap', start, 'shop.a 3 300', { ...process('p1'), types: 'objects/count space/bytes' }));
  const { heap, allocBytesTotal, functions } = ingest.numbersOf();
  assert.deepEqual([heap, allocBytesTotal], [{ bytes: 300, objects: 3, largestBytes: 300 }, undefined]);
  assert.deepEqual(
    functions.map(({ name, inuseBytes, allocBytesTotal: allocated }) => [name, inuseBytes, allocated]),
    [
      ['shop.a', 300, undefined],
      ['(other)', 0, undefined],
    ],
  );
  ingest.take(watchedJob('heap', start, 'shop.a 3', { ...process('p2'), types: 'objects/count' }));
  assert.equal(ingest.numbersOf().heap?.bytes, 300);
  assert.deepEqual(
    ingest.floors().map((floors) => floors.process.id),
    ['p1'],
  );
});

test('the weight of a heap is that of its functions, by what they hold', () => {
  const ingest = new WatchedIngest(start);
  const header = { periodType: { type: 'space', unit: 'bytes' }, period: 1024n };
  ingest.take(watchedJob('heap', start, 'shop.a 0 0 100 6400\nshop.b 0 0 2 20000', { ...process('p1'), header }));
  const heap = ingest.floors()[0]?.heap;
  const mean = (6400 * sampleWeight(6400, 100, 1024) + 20_000 * sampleWeight(20_000, 2, 1024)) / 26_400;
  assert.deepEqual([heap?.period, heap?.weight], [1024, Math.round(mean)]);
});

test('a program that began anew under the same URL is another process to its floors, also after a start of ours', () => {
  const ingest = new WatchedIngest(start);
  const url = { ...process('static:x'), process: { id: 'static:x', slot: 'static/x', startedMs: undefined } };
  ingest.take(heapOf(start, 'shop.a 100 1000 1 500', url), heapOf(start + minute, 'shop.a 110 1100 1 600', url));
  ingest.take(heapOf(start + 2 * minute, 'shop.a 3 30 1 20', url));
  assert.equal(ingest.numbersOf().heap?.bytes, 20);
  assert.equal(ingest.numbersOf().allocBytesTotal, 130);
  const ids = ingest.floors().map((floors) => [floors.process.id, floors.process.startedMs, floors.heap?.bytes]);
  const begun = start + 2 * minute;
  assert.deepEqual(ids, [
    ['static:x', undefined, 500],
    [`static:x#${begun}`, begun, 20],
  ]);
  const again = new WatchedIngest(begun, {}, { state: ingest.state, floors: ingest.floorStore });
  again.take(heapOf(start + 3 * minute, 'shop.a 4 40 1 10', url));
  assert.equal(again.floors()[1]?.heap?.bytes, 10);
});

test('two ports of one container are two processes, and neither ends the other', () => {
  const ingest = new WatchedIngest(start);
  const at = (port: string): Partial<IngestJob> => {
    const of = process('p1');
    return { ...of, labels: { ...of.labels, port } };
  };
  ingest.take(heapOf(start, 'shop.a 0 0 1 5', at('6060')), heapOf(start + second, 'shop.a 0 0 1 7', at('6061')));
  assert.deepEqual(ingest.numbersOf().heap, { bytes: 12, objects: 2, largestBytes: 7 });
  assert.deepEqual(
    ingest.floors().map((floors) => floors.process.id),
    ['p1:6060', 'p1:6061'],
  );
});

test('what cannot be saved is saved with the next call, and nothing twice', () => {
  class FullStore extends MemoryGrowthStore {
    isFull = true;
    override saveFloors(...given: Parameters<MemoryGrowthStore['saveFloors']>): void {
      if (this.isFull) throw new FlameherdError('storage_full', 'full', {});
      super.saveFloors(...given);
    }
  }
  const floors = new FullStore();
  const ingest = new WatchedIngest(start, {}, { floors });
  for (let at = 0; at < 25; at++) {
    ingest.take(heapOf(start + at * minute, `shop.a ${at} ${100 * at} 1 ${500 - at}`));
    floors.isFull = at % 3 !== 2;
    if (floors.isFull) assert.throws(() => ingest.observer.saveFloors(), { code: 'storage_full' });
    else ingest.observer.saveFloors();
  }
  assert.equal(ingest.observer.counts.floorSaveFailures, 17, 'of 25');
  floors.isFull = false;
  const saved = ingest.floors();
  assert.equal(
    saved.reduce((sum, { heap }) => sum + (heap?.allocBytes ?? 0), 0),
    2400,
  );
  assert.deepEqual(
    saved.map(({ functions }) => functions[0]?.bytes),
    saved.map(({ heap }) => heap?.bytes),
  );
});

test('a workload with nothing for a day is forgotten, and begins at 0 when it comes again', () => {
  const ingest = new WatchedIngest(start);
  ingest.take(heapOf(start, 'shop.a 10 1000 1 1'), heapOf(start + minute, 'shop.a 20 2000 1 1'));
  assert.equal(ingest.numbersOf().allocBytesTotal, 1000);
  ingest.nowMs = start + 2 * day;
  ingest.observer.saveFloors();
  assert.deepEqual(ingest.numbers(), []);
  assert.deepEqual(
    { ...ingest.observer.counts, seriesLeftOut: 0 },
    {
      workloads: 0,
      processes: 0,
      functions: 0,
      series: 0,
      seriesLeftOut: 0,
      profilesLeftOut: 0,
      floorsLost: 0,
      floorSaveFailures: 0,
    },
  );
  ingest.take(heapOf(start + 2 * day, 'shop.a 30 3000 1 1'));
  assert.equal(ingest.observer.counts.functions, 1);
  assert.ok((ingest.numbersOf().allocBytesTotal ?? 0) <= 1000);
});

test('when a workload has had more functions than are told apart, those of no use make room after an hour', () => {
  const ingest = new WatchedIngest(start);
  const heap = (from: number, to: number, more = ''): string =>
    Array.from({ length: to - from }, (_, at) => `shop.f${from + at} 0 ${10 * (from + at)} 1 2`).join('\n') + more;
  const check = (bytes: number, large: readonly string[]): void => {
    const { heap: whole, functions } = ingest.numbersOf();
    assert.equal(whole?.bytes, bytes);
    assert.equal(
      functions.reduce((sum, { inuseBytes = 0 }) => sum + inuseBytes, 0),
      bytes,
    );
    const found = functions.filter(({ inuseBytes = 0, name }) => inuseBytes > 2 && name !== '(other)');
    assert.deepEqual(found.map(({ name }) => name).sort(), large);
  };
  ingest.take(heapOf(start, heap(0, 8190, '\nshop.large 0 0 1 100')));
  check(2 * 8190 + 100, ['shop.large']);
  ingest.take(heapOf(start + minute, heap(9000, 9100, '\nshop.large 0 0 1 90\nshop.new 0 0 1 300')));
  check(200 + 90 + 300, ['shop.large']);
  assert.deepEqual(
    ingest
      .floors()
      .flatMap(({ functions }) => functions.filter(({ bytes }) => bytes > 2))
      .map(({ name, bytes }) => [name, bytes]),
    [['shop.large', 90]],
  );
  ingest.nowMs += 2 * hour;
  ingest.take(heapOf(ingest.nowMs, heap(9000, 9100, '\nshop.large 0 0 1 80\nshop.new 0 0 1 300')));
  ingest.take(heapOf(ingest.nowMs + minute, heap(9000, 9100, '\nshop.large 0 0 1 70\nshop.new 0 0 1 300')));
  check(200 + 70 + 300, ['shop.large', 'shop.new']);
  assert.ok(ingest.observer.counts.functions < 300);
});

test('no more functions are followed than fit, and those that do not are counted', () => {
  const ingest = new WatchedIngest(start, { functions: 3, maxSeries: 4 });
  const heap = 'shop.a 0 0 1 9\nshop.b 0 0 1 8\nshop.c 0 0 1 7\nshop.d 0 0 1 6';
  ingest.take(heapOf(start, heap), heapOf(start, heap, process('p2')));
  assert.deepEqual(
    ingest.floors().map(({ functions }) => functions.map(({ name }) => name).sort()),
    [['shop.a', 'shop.b', 'shop.c'], ['shop.a']],
  );
  const { series, seriesLeftOut } = ingest.observer.counts;
  assert.deepEqual({ series, seriesLeftOut }, { series: 4, seriesLeftOut: 2 });
});

test('the function that allocates most is followed, though it holds nothing', () => {
  const ingest = new WatchedIngest(start, { functions: 4 });
  const held = ['a', 'b', 'c', 'd', 'e'].map((one, at) => `shop.${one} 0 0 1 ${90 - at}`).join('\n');
  const counted = (bytes: number): string => `${held}\nshop.parse ${bytes / 10} ${bytes} 0 0\nshop.log 1 10 0 0`;
  ingest.take(heapOf(start, counted(0)), heapOf(start + 10 * minute, counted(5000)));
  assert.deepEqual(
    ingest
      .floors()
      .at(-1)
      ?.functions.map(({ name }) => name)
      .sort(),
    ['shop.a', 'shop.b', 'shop.c', 'shop.d', 'shop.parse'],
  );
});

test('a function is followed until it was small for six buckets, and to the end of the bucket', () => {
  const ingest = new WatchedIngest(start, { functions: 1 });
  const large = (name: string): string =>
    ['a', 'b', 'c'].map((one) => `shop.${one} 0 0 1 ${one === name ? 90 : one === 'b' ? 50 : 5}`).join('\n');
  const followed: string[] = [];
  for (let bucket = 0; bucket < 9; bucket++) {
    ingest.take(heapOf(start + bucket * 10 * minute, large(bucket === 0 ? 'a' : 'c')));
    ingest.take(heapOf(start + bucket * 10 * minute + minute, large('b')));
    const floors = ingest.floors().at(-1);
    followed.push(
      floors?.functions
        .map(({ name }) => name.slice(5))
        .sort()
        .join('') ?? '',
    );
  }
  assert.deepEqual(followed, ['a', 'ac', 'ac', 'ac', 'ac', 'ac', 'c', 'c', 'c']);
});
