import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import type { ProfileRecord } from '../../../../src/store/profile-store.ts';
import {
  bytesOfChunks,
  drawnChunks,
  logicalContent,
  metaRows,
  profilesInChunks,
  profilesInHeads,
  seenChunks,
  sumsOf,
} from '../../../support/store-chunks.ts';
import { compactAll } from '../../../support/store-compaction.ts';
import { storeDir, writerOn } from '../../../support/store-dirs.ts';
import { at, gauge, minute } from '../../../support/store-questions.ts';
import { cpuTypes, goroutineTypes, heapTypes, recordOf } from '../../../support/store-records.ts';

/** Long after everything: all heads are sealed, and all hours and days are over. */
const endMs = at(100 * 60);

/** A store with some records, in batches, whose heads are due. */
function filled(records: readonly ProfileRecord[], options: Parameters<typeof writerOn>[1] = {}) {
  const dataDir = storeDir();
  const writer = writerOn(dataDir, { now: () => at(0), ...options });
  for (let from = 0; from < records.length; from += 50) {
    for (const outcome of writer.append(records.slice(from, from + 50))) assert.equal(outcome.kind, 'stored');
  }
  return { dataDir, writer };
}

function everyMinute(from: number, to: number, input: (minutes: number) => ProfileRecord): ProfileRecord[] {
  return Array.from({ length: to - from }, (_, index) => input(from + index));
}

test('every profile of every head is in a chunk afterwards, as it was stored', async () => {
  const kinds = [
    { kind: 'heap', types: heapTypes },
    { kind: 'cpu', types: cpuTypes },
    { kind: 'goroutine', types: goroutineTypes },
  ];
  const records = everyMinute(0, 130, (minutes) => {
    const { kind, types } = kinds[minutes % 3] ?? { kind: '', types: [] };
    return recordOf({
      kind,
      process: `pod-${minutes % 2}`,
      stampMs: at(minutes) + minutes * 7,
      spanMs: minutes * 1000,
      types,
      trimmed: minutes % 5,
      samples: {
        'main;a': [minutes, 2 ** 40 + minutes],
        'main;b{bytes=16}': [0, minutes % 4],
        [`main;n${minutes % 11}`]: [-minutes, 2n ** 60n],
      },
      header: {
        timeNanos: BigInt(at(minutes)) * 1_000_000n,
        durationNanos: BigInt(minutes),
        period: BigInt(minutes % 2),
      },
    });
  });
  const { dataDir, writer } = filled(records);
  const before = profilesInHeads(dataDir);
  assert.equal(before.length, 130);

  const report = await compactAll(writer, dataDir, endMs);

  assert.deepEqual(profilesInChunks(dataDir), before);
  assert.deepEqual(profilesInHeads(dataDir), [], 'heads are freed');
  assert.deepEqual(
    report.hours.map(({ hourMs, file, profiles }) => [(hourMs - at(0)) / minute, file, profiles]),
    [
      [0, 'head-20231114T22.db', 60],
      [60, 'head-20231114T23.db', 60],
      [120, 'head-20231115T00.db', 10],
    ],
  );
  await writer[Symbol.asyncDispose]();
});

test('what a head has become is told to the byte, however small it is', async () => {
  const { dataDir, writer } = filled([
    ...everyMinute(0, 5, (minutes) => recordOf(gauge(at(minutes), minutes))),
    ...everyMinute(60, 62, (minutes) => recordOf(gauge(at(minutes), minutes))),
  ]);
  const { hours } = await compactAll(writer, dataDir, endMs);
  assert.deepEqual(
    hours.map(({ bytesAfter }) => bytesAfter),
    bytesOfChunks(dataDir),
  );
  await writer[Symbol.asyncDispose]();
});

test('sums are those of increases as they are and of gauges for the seconds that they stand in the hour', async () => {
  const { dataDir, writer } = filled([
    recordOf({ stampMs: at(10), samples: { a: [5, 100], b: [1, 0] } }),
    recordOf({ stampMs: at(11), samples: { a: [7, 10] } }),
    recordOf({ stampMs: at(59) + 30_000, samples: { a: [1, 3], b: [2, 4] } }),
  ]);
  await compactAll(writer, dataDir, endMs);
  assert.deepEqual(drawnChunks(dataDir), [
    '1 +0h of +0h: 10m00…59m30 stands 240 s in [600, 810) [3570, 3600)',
    '1 +1h of +0h: 59m30 stands 30 s in [0, 30), carried',
  ]);
  const [own, carried] = seenChunks(dataDir, (chunk) => [sumsOf(chunk, 0), sumsOf(chunk, 1)]);
  assert.deepEqual(own, [
    { 0: '13', 1: '3' },
    { 0: String(100 * 60 + 10 * 150 + 3 * 30), 1: String(4 * 30) },
  ]);
  assert.deepEqual(carried?.[1], { 0: '90', 1: '120' }, 'value·seconds of what stands on');
  await writer[Symbol.asyncDispose]();
});

test('a new epoch of the partition and changed sample types begin a new part', async () => {
  const records = [
    recordOf({ stampMs: at(1), samples: { 'main;a': [1, 1] } }),
    recordOf({ stampMs: at(2), samples: { 'main;b': [1, 1] } }),
    recordOf({ stampMs: at(3), types: goroutineTypes, samples: { 'main;b': [4] } }),
    recordOf({ stampMs: at(4), samples: { 'main;b': [1, 1], 'main;c': [2, 2], 'main;d': [3, 3] } }),
    recordOf({ stampMs: at(5), samples: { 'main;e': [1, 1] } }),
    recordOf({ stampMs: at(6), types: goroutineTypes, samples: { 'main;e': [4] } }),
  ];
  const { dataDir, writer } = filled([], { maxPartitionSize: 5 });
  for (const record of records) writer.append([record]);
  const before = profilesInHeads(dataDir);
  assert.deepEqual(
    before.map(({ partition, types }) => `${partition}:${types.length}`),
    ['1:2', '1:2', '1:1', '1:2', '2:2', '2:1'],
  );
  await compactAll(writer, dataDir, endMs);
  assert.deepEqual(profilesInChunks(dataDir), before);
  assert.deepEqual(drawnChunks(dataDir), [
    '1 +0h of +0h: 1m00…4m00 stands 180 s in [60, 180) [240, 300)',
    '1 +0h of +0h part 1: 3m00 stands 60 s in [180, 240)',
    '1 +0h of +0h part 2: 5m00 stands 60 s in [300, 360)',
    '1 +0h of +0h part 3: 6m00 stands 60 s in [360, 420)',
  ]);
  await writer[Symbol.asyncDispose]();
});

test('a snapshot is carried into each hour that it stands into, where no head is, too', async () => {
  const slow = { intervalMs: 100 * minute };
  const { dataDir, writer } = filled([
    recordOf(gauge(at(30), 5, slow)),
    // 2.5 intervals later, to the minute: the hours from +1h to +3h have no head.
    recordOf(gauge(at(280), 7, slow)),
  ]);
  assert.deepEqual(
    readdirSync(dataDir).filter((name) => /^head.*db$/.test(name)),
    ['head-20231114T22.db', 'head-20231115T02.db'],
  );
  await compactAll(writer, dataDir, endMs);
  assert.deepEqual(drawnChunks(dataDir), [
    '1 +0h of +0h: 30m00 stands 1800 s in [1800, 3600)',
    '1 +1h of +0h: 30m00 stands 3600 s in [0, 3600), carried',
    '1 +2h of +0h: 30m00 stands 3600 s in [0, 3600), carried',
    '1 +3h of +0h: 30m00 stands 3600 s in [0, 3600), carried',
    '1 +4h of +0h: 30m00 stands 2400 s in [0, 2400), carried',
    '1 +4h of +4h: 280m00 stands 1200 s in [2400, 3600)',
    '1 +5h of +4h: 280m00 stands 3600 s in [0, 3600), carried',
    '1 +6h of +4h: 280m00 stands 1200 s in [0, 1200), carried',
  ]);
  const { hours, days, rolls } = logicalContent(dataDir);
  assert.deepEqual(
    hours.map(({ rolled }) => rolled),
    [1, 1, 1, 1, 1, 1, 1],
  );
  assert.deepEqual(
    days.map(({ rolled }) => rolled),
    [1, 1],
    'midnight lies between +1h and +2h',
  );
  assert.deepEqual(
    rolls[0]?.map(({ processes }) => processes.map(({ profiles, totals }) => [profiles, ...totals])),
    [
      [[1, 0n, 5n * 1800n]],
      [[0, 0n, 5n * 3600n]],
      [[0, 0n, 5n * 3600n]],
      [[0, 0n, 5n * 3600n]],
      [[1, 0n, 5n * 2400n + 7n * 1200n]],
      [[0, 0n, 7n * 3600n]],
      [[0, 0n, 7n * 1200n]],
    ],
  );
  await writer[Symbol.asyncDispose]();
});

test('nothing is carried once the process is over or the next one stands in its slot', async () => {
  const { dataDir, writer } = filled([
    recordOf(gauge(at(59), 5, { process: 'ended', slot: '', intervalMs: 10 * minute })),
    recordOf(gauge(at(59), 5, { process: 'replaced', slot: 'one', intervalMs: 10 * minute })),
    recordOf(gauge(at(59.5), 5, { process: 'next', slot: 'one', intervalMs: 10 * minute })),
  ]);
  writer.endProcess('ended', at(60));
  await compactAll(writer, dataDir, endMs);
  assert.deepEqual(drawnChunks(dataDir), [
    '1 +0h of +0h: 59m00 stands 60 s in [3540, 3600)',
    '2 +0h of +0h: 59m00 stands 30 s in [3540, 3570)',
    '3 +0h of +0h: 59m30 stands 30 s in [3570, 3600)',
    '3 +1h of +0h: 59m30 stands 570 s in [0, 570), carried',
  ]);
  await writer[Symbol.asyncDispose]();
});

test('late profiles of a compacted hour come as chunks of their own, and both count', async () => {
  const { dataDir, writer } = filled(everyMinute(0, 30, (minutes) => recordOf(gauge(at(minutes), minutes))));
  await compactAll(writer, dataDir, endMs);
  const late = everyMinute(31, 35, (minutes) => recordOf(gauge(at(minutes), minutes)));
  const other = recordOf(gauge(at(20), 9, { process: 'other' }));
  for (const outcome of writer.append([...late, other])) assert.equal(outcome.kind, 'stored');
  assert.deepEqual(metaRows(dataDir, 'SELECT rolled FROM hour'), [{ rolled: 0 }], 'the roll-up counts no more');

  await compactAll(writer, dataDir, endMs + 20 * minute);

  assert.equal(profilesInChunks(dataDir).length, 35);
  const [, ...lateChunks] = drawnChunks(dataDir);
  assert.deepEqual(lateChunks, [
    '1 +0h of +0h late 1: 31m00…34m00 stands 240 s in [1860, 2100)',
    '2 +0h of +0h late 1: 20m00 stands 60 s in [1200, 1260)',
  ]);
  const { hours, days, rolls } = logicalContent(dataDir);
  assert.deepEqual([hours[0]?.['rolled'], days[0]?.['rolled']], [1, 1]);
  assert.deepEqual(
    rolls[0]?.map(({ processes }) => processes.map(({ profiles }) => profiles)),
    [[34, 1]],
  );
  await writer[Symbol.asyncDispose]();
});

test('a head stays as it is while its hour is open, and the hour after it is not rolled up before', async () => {
  const { dataDir, writer } = filled(everyMinute(0, 90, (minutes) => recordOf(gauge(at(minutes) + 1000, 1))));
  const report = await compactAll(writer, dataDir, at(70));
  assert.deepEqual(
    report.hours.map(({ profiles }) => profiles),
    [60],
  );
  assert.deepEqual([report.rolledHours, report.hoursToRoll], [1, 1]);
  assert.deepEqual(metaRows(dataDir, 'SELECT rolled FROM hour ORDER BY hour'), [{ rolled: 1 }, { rolled: 0 }]);
  assert.equal(profilesInHeads(dataDir).length, 30);
  const later = await compactAll(writer, dataDir, endMs);
  assert.deepEqual(
    later.hours.map(({ profiles }) => profiles),
    [30],
  );
  assert.deepEqual([later.rolledHours, later.rolledDays, later.hoursToRoll], [1, 1, 0]);
  await writer[Symbol.asyncDispose]();
});

test('detail files are as long as the cap allows, whatever their hours', async () => {
  const { dataDir, writer } = filled(
    everyMinute(0, 9 * 60, (minutes) => recordOf(gauge(at(minutes), minutes, { intervalMs: minute }))),
  );
  await compactAll(writer, dataDir, endMs, { maxBytes: 1_000_000 });
  const names = readdirSync(dataDir).filter((name) => name.startsWith('detail'));
  assert.deepEqual(names, ['detail-20231114T18-6h.db', 'detail-20231115T00-6h.db', 'detail-20231115T06-6h.db']);
  assert.equal(profilesInChunks(dataDir).length, 9 * 60);
  await writer[Symbol.asyncDispose]();
});

test('when all is done nothing waits: not the hour nor the day under way, nor a mark of what is damaged', async () => {
  const { dataDir, writer } = filled(everyMinute(0, 70, (minutes) => recordOf(gauge(at(minutes + 0.5), 1))));
  await compactAll(writer, dataDir, at(70));
  assert.deepEqual(metaRows(dataDir, 'SELECT rolled FROM hour ORDER BY hour'), [{ rolled: 1 }, { rolled: 0 }]);
  assert.deepEqual(metaRows(dataDir, 'SELECT rolled FROM day'), [{ rolled: 0 }]);
  assert.equal(writer.seal(at(71)), false, 'a snapshot stands into the hour under way');
  assert.equal(writer.seal(endMs), true);
  await compactAll(writer, dataDir, endMs);

  writer.quarantine(at(60), 'its page 7 is broken');
  writer.endProcess(recordOf(gauge(0, 1)).series.process.id, at(69) + 30_000);
  await compactAll(writer, dataDir, endMs);
  assert.deepEqual(metaRows(dataDir, 'SELECT hour FROM stale'), [{ hour: at(60) / (60 * minute) }]);
  assert.equal(writer.seal(endMs), false, 'what is damaged cannot be restated');
  await writer[Symbol.asyncDispose]();
});

test('a run that finds nothing to do leaves everything as it is', async () => {
  const { dataDir, writer } = filled(everyMinute(0, 5, (minutes) => recordOf(gauge(at(minutes), 1))));
  await compactAll(writer, dataDir, endMs);
  const before = logicalContent(dataDir);
  const layout = metaRows(dataDir, 'SELECT value FROM setting');
  const report = await compactAll(writer, dataDir, endMs + minute);
  assert.deepEqual(
    { ...report, cpuMs: 0 },
    {
      hours: [],
      restated: 0,
      rolledHours: 0,
      rolledDays: 0,
      hoursToRoll: 0,
      cpuMs: 0,
      failures: [],
      isUnfinished: false,
    },
  );
  assert.deepEqual(logicalContent(dataDir), before);
  assert.deepEqual(metaRows(dataDir, 'SELECT value FROM setting'), layout, 'no reader has to begin anew');
  await writer[Symbol.asyncDispose]();
});
