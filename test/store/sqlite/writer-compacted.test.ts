import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { array, asyncProperty, assert as check, integer, nat, record } from 'fast-check';
import { partitionKey } from '../../../src/model/series.ts';
import type { ProfileRecord, ProfileWriter } from '../../../src/store/profile-store.ts';
import { compactAll } from '../../support/store-compaction.ts';
import { storeDir, writerOn } from '../../support/store-dirs.ts';
import { at, gauge, minute } from '../../support/store-questions.ts';
import { defaultLabels, recordOf } from '../../support/store-records.ts';

const filesOf = (dataDir: string, kind: string): string[] =>
  readdirSync(dataDir).filter((name) => name.startsWith(`${kind}-`) && name.endsWith('.db'));

/** Everything a writer can be asked of what is stored. */
function answers(writer: ProfileWriter, records: readonly ProfileRecord[], sinceMs: readonly number[]): unknown {
  const series = [...new Map(records.map((one) => [JSON.stringify(one.series), one.series])).values()];
  const { oldestMs, newestMs } = writer.stats();
  return {
    oldestMs,
    newestMs,
    lastLook: writer.lastLook(partitionKey(defaultLabels)),
    newest: series.map((one) => writer.newest(one)),
    again: writer.append(records).map((outcome) => outcome.kind),
    changed: writer.append(records.map((one) => ({ ...one, contentHash: 'f'.repeat(16) }))),
    increases: series.map((one) => sinceMs.map((after) => byHash(writer.increasesSince(one, after)))),
  };
}

function byHash({ latestMs, types, hashHigh, hashLow, values }: ReturnType<ProfileWriter['increasesSince']>): unknown {
  const rows = Array.from(hashHigh, (high, row) => [
    `${high},${hashLow[row]}`,
    values.map((column) => String(column[row])),
  ]);
  return { latestMs, types, rows: Object.fromEntries(rows) as Record<string, string[]> };
}

test('a writer answers over compacted hours as it does over heads, at once and after a restart', async () => {
  const someProfile = record({
    process: nat(3),
    gapMs: integer({ min: 1, max: 25 * minute }),
    alloc: nat({ max: 2 ** 40 }),
    stack: nat(5),
  });
  await check(
    asyncProperty(array(someProfile, { minLength: 1, maxLength: 40 }), nat(40), async (drawn, cut) => {
      const dataDir = storeDir();
      let stampMs = at(0);
      const records = drawn.map(({ process, gapMs, alloc, stack }) => {
        stampMs += gapMs;
        const samples = { 'main;always': [1, 5], [`main;f${stack}`]: [alloc, 7] };
        return recordOf({ process: `p${process}`, stampMs, spanMs: gapMs, samples });
      });
      const since = [0, at(0), stampMs, ...records.slice(0, 3).map((one) => one.stampMs)];
      let writer = writerOn(dataDir, { maxPartitionSize: 4 });
      writer.append(records.slice(0, cut));
      if (cut % 2 === 0) await compactAll(writer, dataDir, stampMs);
      writer.append(records.slice(cut));
      const expected = answers(writer, records, since);
      await compactAll(writer, dataDir, at(10_000));
      assert.deepEqual(filesOf(dataDir, 'head'), []);
      assert.deepEqual(answers(writer, records, since), expected);
      await writer[Symbol.asyncDispose]();
      writer = writerOn(dataDir);
      assert.deepEqual(answers(writer, records, since), expected);
      await writer[Symbol.asyncDispose]();
    }),
    { numRuns: Number(process.env['STORE_WRITER_RUNS'] ?? 25) },
  );
});

test('stamps go on rising after a restart, over a compacted hour and a late generation of it', async () => {
  const dataDir = storeDir();
  {
    await using writer = writerOn(dataDir);
    writer.append([0, 30, 61].map((minutes) => recordOf(gauge(at(minutes), 1))));
    await compactAll(writer, dataDir, at(66));
    writer.append([recordOf(gauge(at(40), 1, { process: 'late' }))]);
  }
  await using writer = writerOn(dataDir);
  const [older] = writer.append([recordOf(gauge(at(31), 1))]);
  assert.deepEqual(older, { kind: 'conflict', reason: 'out_of_order', lastStampMs: at(61) });
  const [repeated, next] = writer.append(
    [40, 41].map((minutes) => recordOf(gauge(at(minutes), 1, { process: 'late' }))),
  );
  assert.deepEqual([repeated?.kind, next?.kind], ['duplicate', 'stored']);
});

test('an hour whose detail is damaged is left out and named for good', async () => {
  const dataDir = storeDir();
  {
    await using writer = writerOn(dataDir);
    writer.append([recordOf(gauge(at(0), 1)), recordOf(gauge(at(61), 1, { process: 'other' }))]);
    await compactAll(writer, dataDir, at(500));
  }
  const [detail = ''] = filesOf(dataDir, 'detail');
  writeFileSync(join(dataDir, detail), 'this is no database any more, whatever it was before; '.repeat(100));
  await using writer = writerOn(dataDir);
  assert.equal(writer.newest(recordOf(gauge(0, 1)).series), undefined);
  assert.equal(writer.append([recordOf(gauge(at(501), 1))])[0]?.kind, 'stored');
  writer.seal(at(502));
  assert.deepEqual(writer.stats().damagedHoursMs, [at(0)]);
});
