import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as check, constantFrom, integer, property, record } from 'fast-check';
import type { Matcher } from '../../../../src/model/selector.ts';
import type {
  GaugeAggregation,
  ProfileReader,
  ProfileRecord,
  ProfileWriter,
} from '../../../../src/store/profile-store.ts';
import { openSqliteReader } from '../../../../src/store/sqlite/reader.ts';
import { compactAll } from '../../../support/store-compaction.ts';
import { storeDir, writerOn } from '../../../support/store-dirs.ts';
import { at, minute } from '../../../support/store-questions.ts';
import { recordOf, valuesByStack } from '../../../support/store-records.ts';

/**
 * Three hours with a profile each minute: enough for sums less what lies outside, and for hours that are whole, cut, stale and
 * open at once. One store is compacted on the way, the other never.
 *
 *     hour            0         1         2         3
 *     steady     ─────────────────────────────────────        the last hour is open
 *     replaced   ──────────────┤                              ended at 1:31, which is told late: stale
 *     late       ──────────────────── ─ ─ ─                   its last half-hour comes when the hour is compacted
 */
const lastMinute = 200;
const lateFrom = 110;
const steadyMinutes = minutes(0, lastMinute);

test('hours that are whole, cut, stale, late and open at once are answered as single profiles are', async () => {
  const [plainDir, compactedDir] = [storeDir(), storeDir()];
  await using plain = writerOn(plainDir);
  await using compacted = writerOn(compactedDir);
  const first = [
    ...steadyMinutes.filter((one) => one < 180).map((one) => profile('steady', one)),
    ...minutes(0, 92).map((one) => profile('replaced', one)),
    ...minutes(0, lateFrom).map((one) => profile('late', one)),
  ];
  const then = [
    ...steadyMinutes.filter((one) => one >= 180).map((one) => profile('steady', one)),
    ...minutes(lateFrom, 140).map((one) => profile('late', one)),
  ];
  append(plain, [...first, ...then]);
  append(compacted, first);
  await compactAll(compacted, compactedDir, at(185));
  append(compacted, then);
  for (const writer of [plain, compacted]) writer.endProcess('replaced', at(91.2));

  await using single = openSqliteReader({ dataDir: plainDir });
  await using mixed = openSqliteReader({ dataDir: compactedDir });
  assert.ok(mixed.stats().byKind.detail.files > 0 && mixed.stats().byKind.roll1h.files > 0);
  compareAll(mixed, single);
  await compactAll(compacted, compactedDir, at(1000));
  compareAll(mixed, single);
});

function compareAll(reader: ProfileReader, single: ProfileReader): void {
  const someQuestion = record({
    fromMs: integer({ min: -5 * minute, max: 205 * minute }),
    lengthMs: integer({ min: 1, max: 150 * minute }),
    gridMs: constantFrom(1, 1000, 10 * minute, 60 * minute),
    aggregation: constantFrom<GaugeAggregation>('avg', 'avg', 'avg', 'last', 'peak'),
    pods: constantFrom<readonly Matcher[]>([], [], [{ name: 'pod', operator: '!=', value: 'replaced' }]),
  });
  check(
    property(someQuestion, ({ fromMs, lengthMs, gridMs, aggregation, pods }) => {
      const from = at(0) + Math.floor(fromMs / gridMs) * gridMs;
      const window = { fromMs: from, toMs: from + Math.max(1, Math.floor(lengthMs / gridMs)) * gridMs };
      const request = {
        selector: { kind: 'heap', matchers: pods },
        window,
        aggregation,
        peakType: { type: 'inuse_space', unit: 'bytes' },
      };
      assert.deepEqual(answerTo(reader, request), answerTo(single, request));
    }),
    { numRuns: Number(process.env['STORE_DENSE_RUNS'] ?? 80) },
  );
}

function answerTo(reader: ProfileReader, request: Parameters<ProfileReader['merge']>[0]) {
  const { profile, temporalities, coverage } = reader.merge(request);
  const { header, sampleTypes, divisors } = profile;
  const values = ['alloc_space', 'inuse_space'].map((type) => valuesByStack(profile, type));
  return { values, header, sampleTypes, divisors, temporalities, coverage };
}

function minutes(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

/** Values differ from minute to minute, and some stacks come and go; each pod scrapes at a second of its own. */
function profile(process: string, minutesIn: number): ProfileRecord {
  const phase = process.length;
  const value = (minutesIn * 7919 + phase * 104_729) % 1000;
  return recordOf({
    process,
    stampMs: at(minutesIn) + phase * 1000 + (value % 700),
    spanMs: minute,
    samples: {
      'main;serve': [value, 1000 + value],
      'main;serve;query': [value % 7, value % 11],
      [`main;only in ten minutes ${Math.floor(minutesIn / 10)}`]: [1, value],
      ...(value > 990 ? { 'main;huge': [2 ** 52, 2n ** 60n] as const } : {}),
    },
    trimmed: value % 3,
    header: { timeNanos: BigInt(at(minutesIn)) * 1_000_000n, durationNanos: 5n, comments: [process] },
  });
}

function append(writer: ProfileWriter, records: readonly ProfileRecord[]): void {
  const inOrder = records.toSorted((a, b) => a.stampMs - b.stampMs);
  for (const outcome of writer.append(inOrder)) assert.equal(outcome.kind, 'stored');
}
