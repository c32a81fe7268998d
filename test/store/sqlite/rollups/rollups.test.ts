import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  type Arbitrary,
  array,
  bigInt,
  boolean,
  constantFrom,
  assert as fcAssert,
  integer,
  nat,
  oneof,
  property,
  record,
  tuple,
  uniqueArray,
} from 'fast-check';
import { day as dayMs } from '../../../../src/model/units.ts';
import type { StoredType } from '../../../../src/store/profile-store.ts';
import { DetailReader, DetailWriter } from '../../../../src/store/sqlite/chunks/detail-file.ts';
import { openForReading } from '../../../../src/store/sqlite/files/database.ts';
import { WeightedSums } from '../../../../src/store/sqlite/read/weighted-sums.ts';
import { rollUpDay } from '../../../../src/store/sqlite/rollups/day-builder.ts';
import { type HourSeries, rollUpHour } from '../../../../src/store/sqlite/rollups/hour-builder.ts';
import type { RollInput } from '../../../../src/store/sqlite/rollups/roll.ts';
import { RollReader } from '../../../../src/store/sqlite/rollups/roll-reader.ts';
import { RollWriter } from '../../../../src/store/sqlite/rollups/roll-writer.ts';
import { storeDir } from '../../../support/store-dirs.ts';
import { cpuTypes, heapTypes } from '../../../support/store-records.ts';
import {
  byKey,
  chunkInputOf,
  chunkOf,
  expectedRolls,
  type FakeChunk,
  type FakeProfile,
  viewOfRoll,
} from './fake-chunks.ts';

const day = Date.UTC(2026, 6, 15) / dayMs;
const firstHour = 24 * day;
const otherTypes: readonly StoredType[] = [{ type: 'inuse_space', unit: 'bytes', temporality: 'gauge' }];

/** Kinds of one process share its labels; a process may have series in several groups. */
const series: readonly HourSeries[] = [
  { id: 3, labels: { namespace: 'shop', workload: 'cart', pod: 'a', node: 'n1' }, kind: 'heap', process: 11 },
  { id: 5, labels: { namespace: 'shop', workload: 'cart', pod: 'b', node: 'n2' }, kind: 'heap', process: 12 },
  { id: 6, labels: { namespace: 'shop', workload: 'cart', pod: 'b', version: 'v2' }, kind: 'heap', process: 12 },
  { id: 7, labels: { namespace: 'shop', workload: 'cart', pod: 'a', node: 'n1' }, kind: 'cpu', process: 11 },
  { id: 9, labels: { namespace: 'shop', workload: 'pay', pod: 'c', region: '' }, kind: 'cpu', process: 40 },
];

const value = oneof(
  { arbitrary: bigInt({ min: 0n, max: 300n }), weight: 6 },
  { arbitrary: bigInt({ min: 0n, max: 2n ** 40n }), weight: 2 },
  { arbitrary: bigInt({ min: -9n, max: 2n ** 54n }), weight: 1 },
  { arbitrary: bigInt({ min: -(2n ** 58n), max: 2n ** 58n }), weight: 1 },
);

const profile: Arbitrary<FakeProfile> = record({
  atMs: nat(3_599_999),
  spanMs: nat(120_000),
  comment: constantFrom('', 'late', 'built with go1.26'),
  samples: uniqueArray(tuple(nat(40), array(value, { minLength: 2, maxLength: 2 })), {
    maxLength: 5,
    selector: ([stack]) => stack,
  }),
  standingSeconds: nat(3600),
  trimmed: nat(3),
  timeNanos: oneof(constantFrom(0n), bigInt({ min: 1n, max: 2n ** 62n })),
  durationNanos: bigInt({ min: 0n, max: 2n ** 50n }),
});

const range = tuple(nat(3599), integer({ min: 1, max: 3600 })).map(([from, length]) => {
  return { from, to: Math.min(3600, from + length) };
});

function chunkIn(hours: Arbitrary<number>): Arbitrary<FakeChunk> {
  return record({
    series: constantFrom(...series),
    hour: hours,
    partition: constantFrom(1, 2),
    carried: boolean(),
    types: constantFrom(cpuTypes, heapTypes, otherTypes),
    profiles: array(profile, { minLength: 1, maxLength: 4 }),
    observed: array(range, { maxLength: 3 }),
  }).map((chunk) => {
    const profiles = chunk.profiles.toSorted((a, b) => a.atMs - b.atMs);
    return { ...chunk, profiles: chunk.carried ? profiles.slice(0, 1) : profiles };
  });
}

function rollUp(hour: number, chunks: readonly FakeChunk[], writer: RollWriter): void {
  const ofHour = chunks.filter((chunk) => chunk.hour === hour);
  const chunksOf = (id: number) => ofHour.filter((chunk) => chunk.series.id === id).map(chunkOf);
  Array.from(rollUpHour({ hour, series: series.filter(({ id }) => chunksOf(id).length > 0), chunksOf }, writer));
}

function hourFile(dir: string): string {
  return join(dir, 'roll1h-202607.db');
}

function countIn(path: string, table: string): unknown {
  const connection = openForReading(path, 'roll');
  const count = connection.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
  connection.close();
  return count;
}

test('the roll-ups of an hour are what its chunks add up to, and rolling up again leaves nothing behind', () => {
  const chunks = array(chunkIn(constantFrom(firstHour)), { maxLength: 12 });
  const path = hourFile(storeDir());
  const writer = new RollWriter(path, 'normal');
  const reader = new RollReader(path);
  fcAssert(
    property(chunks, (chunks) => {
      rollUp(firstHour, chunks, writer);
      const found = reader.rollsOfBucket(firstHour);
      assert.deepEqual(found.map(viewOfRoll).sort(byKey), expectedRolls(firstHour, chunks).toSorted(byKey));
      const types = found.map((roll) => roll.shapes[0]?.types.length ?? 0);
      assert.equal(
        countIn(path, 'roll_sum'),
        types.reduce((sum, count) => sum + count, 0),
      );
    }),
    { numRuns: 150 },
  );
  reader.close();
  writer.close();
});

test('the roll-ups of an hour are the same from chunks that lie in a file', () => {
  const dir = storeDir();
  const path = join(dir, 'detail-20260715.db');
  const detailWriter = new DetailWriter(path, 'normal');
  const detail = new DetailReader(path);
  const writer = new RollWriter(hourFile(dir), 'normal');
  const reader = new RollReader(hourFile(dir));
  fcAssert(
    property(array(chunkIn(constantFrom(firstHour)), { maxLength: 8 }), (chunks) => {
      detailWriter.begin();
      detailWriter.removeHead(1);
      chunks.forEach((chunk, at) => detailWriter.replace(chunkInputOf(chunk, at)));
      detailWriter.commit();
      const chunksOf = (id: number) => detail.chunks(JSON.stringify([id]), firstHour, firstHour + 1);
      Array.from(rollUpHour({ hour: firstHour, series, chunksOf }, writer));
      const stored = series.flatMap(({ id }) => chunksOf(id)).flatMap(({ key }) => chunks[key.part] ?? []);
      assert.deepEqual(
        reader.rollsOfBucket(firstHour).map(viewOfRoll).sort(byKey),
        expectedRolls(firstHour, stored).sort(byKey),
      );
      assert.equal(stored.length, chunks.length);
    }),
    { numRuns: 100 },
  );
  for (const file of [detailWriter, detail, writer, reader]) file.close();
});

test('the roll-ups of a day are what the chunks of its hours add up to', () => {
  const hours = oneof(
    constantFrom(firstHour, firstHour + 23),
    nat(23).map((hour) => firstHour + hour),
  );
  const dir = storeDir();
  const hourWriter = new RollWriter(hourFile(dir), 'normal');
  const hourReader = new RollReader(hourFile(dir));
  const dayWriter = new RollWriter(join(dir, 'roll1d-2026.db'), 'normal');
  const dayReader = new RollReader(join(dir, 'roll1d-2026.db'));
  fcAssert(
    property(array(chunkIn(hours), { maxLength: 20 }), (chunks) => {
      // The hours beside the day must not come in.
      const beside = [firstHour - 1, firstHour + 24].flatMap((hour) =>
        chunks.slice(0, 1).map((one) => ({ ...one, hour })),
      );
      for (let hour = firstHour - 1; hour <= firstHour + 24; hour++) rollUp(hour, [...beside, ...chunks], hourWriter);
      Array.from(rollUpDay(day, hourReader, dayWriter));
      const found = dayReader.rollsOfBucket(day).map(viewOfRoll);
      assert.deepEqual(found.sort(byKey), expectedRolls(day, chunks).sort(byKey));
    }),
    { numRuns: 60 },
  );
  for (const file of [hourWriter, hourReader, dayWriter, dayReader]) file.close();
});

test('roll-ups are found by groups, kind and buckets, and lists by their first and last stamps', () => {
  const hours = nat(4).map((hour) => firstHour + hour);
  const path = hourFile(storeDir());
  const writer = new RollWriter(path, 'normal');
  const reader = new RollReader(path);
  fcAssert(
    property(array(chunkIn(hours), { maxLength: 25 }), nat(5), nat(5), (chunks, start, length) => {
      for (let hour = firstHour; hour < firstHour + 5; hour++) rollUp(hour, chunks, writer);
      const [from, to] = [firstHour + start, firstHour + start + length];
      const inside = chunks.filter(({ hour }) => hour >= from && hour < to);
      const expected = [...Map.groupBy(inside, ({ hour }) => hour)].flatMap(([hour, ofHour]) =>
        expectedRolls(hour, ofHour),
      );
      const ids = reader.groups().map(({ id }) => id);
      assert.deepEqual(reader.rolls(ids, undefined, from, to).map(viewOfRoll).sort(byKey), expected.toSorted(byKey));
      for (const kind of ['heap', 'cpu']) {
        for (const group of reader.groups()) {
          const ofGroup = expected.filter(({ key }) => key.startsWith(`${JSON.stringify(group.labels)} ${kind} `));
          const found = reader.rolls([group.id], kind, from, to);
          assert.deepEqual(found.map(viewOfRoll).sort(byKey), ofGroup.toSorted(byKey));
          const stamps = ofGroup.flatMap((roll) => (roll.stamps ? [roll.stamps.firstMs, roll.stamps.lastMs] : []));
          const extent = reader.extents(kind, from, to).find((one) => one.group.id === group.id);
          assert.equal(extent?.firstMs, stamps.length > 0 ? Math.min(...stamps) : undefined);
          assert.equal(extent?.lastMs, stamps.length > 0 ? Math.max(...stamps) : undefined);
        }
      }
      assert.deepEqual(
        reader.buckets(),
        [...new Set(chunks.map(({ hour }) => hour))].sort((a, b) => a - b),
      );
    }),
    { numRuns: 60 },
  );
  reader.close();
  writer.close();
});

test('a bucket of another file is refused', () => {
  const writer = new RollWriter(hourFile(storeDir()), 'normal');
  assert.throws(
    () => writer.replaceBucket(firstHour + 24 * 31, []).next(),
    /roll1h-202607.db does not cover the bucket/,
  );
  writer.close();
});

test('sums of several roll-ups may be read by turns', () => {
  const { path, views } = writeSome(storeDir());
  const reader = new RollReader(path);
  const rolls = reader.rollsOfBucket(firstHour);
  for (const type of [1, 0, 1]) {
    rolls.forEach((roll, at) => {
      const sums = new WeightedSums(0);
      roll.addSum(type, sums);
      const expected = views[at]?.sums[type] ?? [];
      assert.deepEqual(
        expected.map(([stack]) => BigInt(sums.at(stack))),
        expected.map(([, sum]) => sum),
      );
    });
  }
  reader.close();
});

test('giving up half-way leaves the roll-ups that were there', () => {
  const { path, views } = writeSome(storeDir());
  const writer = new RollWriter(path, 'normal');
  const chunks: FakeChunk[] = series.map((one) => ({ ...someChunk(one), partition: 2 }));
  const chunksOf = (id: number) => chunks.filter((chunk) => chunk.series.id === id).map(chunkOf);
  const work = rollUpHour({ hour: firstHour, series, chunksOf }, writer);
  work.next();
  work.return();
  assert.throws(() => writer.replaceBucket(firstHour, failing()).next(), /no such luck/);
  const reader = new RollReader(path);
  assert.deepEqual(reader.rollsOfBucket(firstHour).map(viewOfRoll), views);
  rollUp(firstHour, [], writer);
  assert.deepEqual(reader.rollsOfBucket(firstHour), []);
  reader.close();
  writer.close();
});

function failing(): Iterable<RollInput> {
  return {
    [Symbol.iterator]: () => {
      throw new Error('no such luck');
    },
  };
}

function someChunk(one: HourSeries): FakeChunk {
  const samples = [
    [2, [5n, 70n]],
    [30, [1n, 2n ** 60n]],
  ] as const;
  const about = { spanMs: 10_000, comment: '', trimmed: 1, timeNanos: 7n, durationNanos: 10n ** 10n };
  return {
    series: one,
    hour: firstHour,
    partition: 1,
    carried: false,
    types: heapTypes,
    profiles: [{ ...about, atMs: 1000 * one.id, samples, standingSeconds: 3000 }],
    observed: [{ from: one.id, to: one.id + 3000 }],
  };
}

function writeSome(dir: string) {
  const path = hourFile(dir);
  const writer = new RollWriter(path, 'normal');
  rollUp(firstHour, series.map(someChunk), writer);
  writer.checkpoint();
  writer.close();
  const reader = new RollReader(path);
  const views = reader.rollsOfBucket(firstHour).map(viewOfRoll);
  reader.close();
  return { path, views };
}
