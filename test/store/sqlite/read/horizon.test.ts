import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { ProfileReader, ProfileRecord } from '../../../../src/store/profile-store.ts';
import { openSqliteReader } from '../../../../src/store/sqlite/reader.ts';
import { compactAll } from '../../../support/store-compaction.ts';
import { storeDir, writerOn } from '../../../support/store-dirs.ts';
import { at, minute } from '../../../support/store-questions.ts';
import { defaultLabels, recordOf } from '../../../support/store-records.ts';

/**
 * Two pods that are scraped each ten minutes from 16:00 on for two days, of which single profiles of the last two dates are
 * left:
 *
 *     roll-ups by the hour, by the day    ├──────────┬──────────┬────────┤
 *     single profiles                                ├──────────┬────────┤
 *                                      14th 16:00   15th       16th
 */

const hour = 60 * minute;
const day = 24 * hour;
const start = at(-6 * 60);
const horizon = start + 8 * hour;
const end = start + 2 * day;
const inuse = { type: 'inuse_space', unit: 'bytes' };

function profileOf(pod: string, stampMs: number): ProfileRecord {
  return recordOf({
    process: pod,
    labels: { ...defaultLabels, revision: 'r1', pod },
    stampMs,
    intervalMs: 10 * minute,
    spanMs: 10 * minute,
    samples: { 'main;hold': [7, pod === 'a' ? 100 : 10] },
  });
}

/** Fills a store, compacts it, and lets retention have its way. */
async function fill(
  dataDir: string,
  stamps: readonly number[],
  nowMs: number,
  retention: { readonly maxAgeMs: number; readonly rollup1hMaxAgeMs?: number },
): Promise<void> {
  await using writer = writerOn(dataDir, {
    retention: { maxBytes: 1e13, ...retention },
    monotonicMs: () => 0,
    now: () => nowMs,
  });
  for (let from = 0; from < stamps.length; from += 50) {
    const records = stamps
      .slice(from, from + 50)
      .flatMap((stampMs) => ['a', 'b'].map((pod) => profileOf(pod, stampMs)));
    for (const outcome of writer.append(records)) assert.equal(outcome.kind, 'stored');
  }
  await compactAll(writer, dataDir, nowMs + hour);
  writer.retain(nowMs);
}

/** One store for all tests: none of them changes it. */
const shared = storeDir();
before(async () => {
  const stamps = Array.from({ length: 288 }, (_, index) => start + minute + index * 10 * minute);
  await fill(shared, stamps, end, { maxAgeMs: day });
});

function totals(reader: ProfileReader, fromMs: number, toMs: number, stepMs: number, groupBy: readonly string[] = []) {
  return reader.totals({
    selector: { kind: 'heap', matchers: [] },
    window: { fromMs, toMs },
    type: inuse,
    stepMs,
    groupBy,
  });
}

/** `hours after the start=average over profiles`, for each process. */
function drawn({ series }: ReturnType<typeof totals>): string[] {
  return series.map(({ processId, points }) =>
    [
      `${processId}:`,
      ...points.map(({ bucketMs, value, coveredSeconds, profiles }) => {
        return `${(bucketMs - start) / hour}=${Number(value) / coveredSeconds}/${profiles}`;
      }),
    ].join(' '),
  );
}

test('beyond the horizon totals are those of whole hours, each in the step that it begins in', async () => {
  await using reader = openSqliteReader({ dataDir: shared });
  const answer = totals(reader, start + 90 * minute, start + 3.25 * hour, 15 * minute);
  assert.deepEqual(drawn(answer), ['a: 1=100/6 2=100/6 3=100/6', 'b: 1=10/6 2=10/6 3=10/6']);
  assert.equal(answer.resolution, '1h');
  assert.deepEqual(answer.window, { fromMs: start + hour, toMs: start + 4 * hour });
  assert.equal(answer.warnings.length, 1);
  assert.match(answer.warnings[0] ?? '', /single profiles are kept from 2023-11-15T00:00:00.000Z on/);
  assert.equal(answer.partial, false);
  assert.deepEqual(answer.series[0]?.labels, { ...defaultLabels, revision: 'r1' });
});

test('a window across the horizon is answered from both sides of it, each second once', async () => {
  await using reader = openSqliteReader({ dataDir: shared });
  const answer = totals(reader, start, end, 24 * hour);
  const sums = answer.series.map(({ points }) => points.reduce((sum, { profiles }) => sum + profiles, 0));
  assert.deepEqual(sums, [288, 288]);
  const seconds = answer.series.map(({ points }) =>
    points.reduce((sum, { coveredSeconds }) => sum + coveredSeconds, 0),
  );
  assert.deepEqual(seconds, [172_740, 172_740]);
  assert.deepEqual(drawn(totals(reader, end - 30 * minute, end, 15 * minute)), [
    'a: 47.5=100/2 47.75=100/1',
    'b: 47.5=10/2 47.75=10/1',
  ]);
});

test('where only roll-ups of days are left, whole days are answered', async () => {
  const october30 = Date.UTC(2023, 9, 30);
  const november24 = Date.UTC(2023, 10, 24);
  const stamps = [october30 + 10 * hour, october30 + 10.5 * hour, november24 + hour];
  const retention = { maxAgeMs: day, rollup1hMaxAgeMs: 20 * day };
  const dataDir = storeDir();
  await fill(dataDir, stamps, november24 + 4 * hour, retention);
  await using reader = openSqliteReader({ dataDir });
  const answer = totals(reader, october30 + 10.25 * hour, october30 + 11 * hour, hour, ['workload']);
  assert.deepEqual([answer.resolution, answer.window], ['1d', { fromMs: october30, toMs: october30 + day }]);
  assert.deepEqual(
    answer.series.map(({ processId, points }) => [processId, points.map(({ profiles }) => profiles)]),
    [
      ['a', [2]],
      ['b', [2]],
    ],
  );
  assert.deepEqual(
    reader.series([], { fromMs: october30, toMs: november24 }).map(({ firstMs, lastMs }) => [firstMs, lastMs]),
    [[october30 + 10 * hour, october30 + 10.5 * hour]],
  );
  assert.equal(reader.stats().oldestMs, october30 + 10 * hour);
});

test('what roll-ups cannot know is refused with the horizon', async () => {
  await using reader = openSqliteReader({ dataDir: shared });
  const refusal = (what: string) => ({
    code: 'detail_expired',
    message: `${what} needs single profiles, which are gone for a part of 2023-11-14T16:00:00.000Z to 2023-11-14T17:00:00.000Z`,
    hint: /^single profiles are kept from 2023-11-15T00:00:00.000Z on: ask/,
  });
  assert.throws(() => totals(reader, start, start + hour, minute, ['pod']), refusal('grouping by pod'));
  const matchers = [{ name: 'node', operator: '=', value: 'n' }] as const;
  const window = { fromMs: start, toMs: start + hour };
  const request = { selector: { kind: 'heap', matchers }, window, type: inuse, stepMs: minute };
  assert.throws(() => reader.totals(request), refusal('a filter on node'));
});

test('lists show groups where single profiles are gone, and series where they are held', async () => {
  await using reader = openSqliteReader({ dataDir: shared });
  const series = (fromMs: number, toMs: number) =>
    reader.series([], { fromMs, toMs }).map(({ labels, processId, types, firstMs, lastMs }) => ({
      pod: labels['pod'],
      processId,
      types: types.map(({ type }) => type).join(),
      from: (firstMs - start) / minute,
      to: (lastMs - start) / minute,
    }));
  const types = 'alloc_space,inuse_space';
  const group = { pod: undefined, processId: '', types };
  assert.deepEqual(series(start, start + 2 * hour), [{ ...group, from: 1, to: 111 }]);
  assert.deepEqual(series(start, end), [
    { pod: 'a', processId: 'a', types, from: 481, to: 2871 },
    { pod: 'b', processId: 'b', types, from: 481, to: 2871 },
    { ...group, from: 1, to: 471 },
  ]);
  assert.deepEqual(reader.series([{ name: 'revision', operator: '=', value: 'r2' }], { fromMs: start, toMs: end }), []);
  assert.deepEqual(reader.profiles({ kind: 'heap', matchers: [] }, { fromMs: start, toMs: horizon }, 10), []);
  assert.equal(reader.stats().oldestMs, start + minute);
  assert.equal(reader.stats().newestMs, end - 9 * minute);
});
