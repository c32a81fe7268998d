import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import type { Matcher } from '../../../../src/model/selector.ts';
import type { ProfileReader, ProfileWriter } from '../../../../src/store/profile-store.ts';
import { openSqliteReader } from '../../../../src/store/sqlite/reader.ts';
import { compactAll } from '../../../support/store-compaction.ts';
import { storeDir, writerOn } from '../../../support/store-dirs.ts';
import { at, minute } from '../../../support/store-questions.ts';
import { recordOf, valuesByStack } from '../../../support/store-records.ts';

/**
 * Three hours of a day, and one of the next: 18:00, 19:00, 20:00 and 00:00. Bytes of the files are overwritten as a failing
 * disk would: only the hour that they belong to is missing from answers, which say so.
 */

const hour = 60 * minute;
const [eighteen, nineteen, twenty, midnight] = [at(-240), at(-180), at(-120), at(120)];
const dayFile = 'detail-20231114.db';
const processes = 40;
const hasPod: Matcher = { name: 'pod', operator: '=~', value: 'pod-.*' };

async function compactedStore(): Promise<{ dataDir: string; writer: ProfileWriter }> {
  const dataDir = storeDir();
  const writer = writerOn(dataDir);
  for (const start of [eighteen, nineteen, twenty, midnight]) {
    for (const minutes of [0, 20, 40]) {
      const records = Array.from({ length: processes }, (_, index) =>
        recordOf({
          process: `pod-${index}`,
          stampMs: start + minutes * minute,
          intervalMs: 20 * minute,
          spanMs: 20 * minute,
          samples: Object.fromEntries(
            Array.from({ length: 60 }, (_, stack) => [
              `main;f${stack % 7};g${stack}`,
              [((index + 7) * (stack + 3)) % 101, ((index + 3) * (stack + minutes + 1)) % 4001],
            ]),
          ),
        }),
      );
      for (const outcome of writer.append(records)) assert.equal(outcome.kind, 'stored');
    }
  }
  await compactAll(writer, dataDir, midnight + 48 * hour);
  return { dataDir, writer };
}

function overwrite(path: string, offset: number, bytes: Uint8Array): void {
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, bytes.length, offset);
  closeSync(file);
}

/** Turns a bit of a blob, where it lies in its file. */
function damageBlob(path: string, sql: string): void {
  const database = new Database(path, { readonly: true });
  const blob = database.prepare<[], Buffer>(sql).pluck().get();
  database.close();
  assert.ok(blob);
  const tail = blob.subarray(-12);
  const file = readFileSync(path);
  const offsets: number[] = [];
  // Pages that were rebuilt may hold a copy that nobody reads.
  for (let at = file.indexOf(tail); at >= 0; at = file.indexOf(tail, at + 1)) offsets.push(at);
  assert.ok(offsets.length > 0, 'the end of the blob lies in one piece');
  for (const offset of offsets) overwrite(path, offset, Uint8Array.of((tail[0] ?? 0) ^ 1));
}

/** What is answered of a window: sums by stack, totals by minute, series and profiles. */
function answersOf(reader: ProfileReader, fromMs: number, toMs: number, matchers: readonly Matcher[] = [hasPod]) {
  const window = { fromMs, toMs };
  const type = { type: 'inuse_space', unit: 'bytes' };
  const selector = { kind: 'heap', matchers };
  const merge = reader.merge({ selector, window, aggregation: 'avg', peakType: type });
  const totals = reader.totals({ selector, window, type, stepMs: 10 * minute, groupBy: ['pod'] });
  const { profiles, observedSeconds, processSeconds, profiledSeconds, partial, warnings } = merge.coverage;
  assert.deepEqual([totals.partial, totals.warnings], [partial, warnings]);
  const merged = {
    alloc: valuesByStack(merge.profile, 'alloc_space'),
    inuse: valuesByStack(merge.profile, 'inuse_space'),
    counts: { profiles, observedSeconds, processSeconds, profiledSeconds },
  };
  return {
    whole: { merged, totals: totals.series, profiles: reader.profiles(selector, window, 1000) },
    partial,
    warnings,
  };
}

const leftOut = /^the hour from 2023-11-14T19:00:00.000Z is damaged and left out: detail-20231114\.db: /;

const blobsOfNineteen = {
  entries: `SELECT entries FROM chunk WHERE hour = ${nineteen / hour} AND carried = 0 LIMIT 1 OFFSET 17`,
  stacks: `SELECT stacks FROM chunk WHERE hour = ${nineteen / hour} AND carried = 0 LIMIT 1 OFFSET 17`,
  // Of the ten minutes from 19:20, which every window here needs.
  detail: `SELECT data FROM chunk_detail WHERE id >= 16 + 256 * (SELECT id FROM chunk WHERE hour = ${nineteen / hour} AND carried = 0 LIMIT 1) ORDER BY id LIMIT 1`,
};

for (const [name, sql] of Object.entries(blobsOfNineteen)) {
  test(`damage in the ${name} of one chunk: the rest of the window is answered, and what is missing is named`, async () => {
    const { dataDir, writer } = await compactedStore();
    await using _writer = writer;
    await using whole = openSqliteReader({ dataDir });
    const [before, after] = [
      answersOf(whole, eighteen + 10 * minute, nineteen),
      answersOf(whole, twenty, twenty + 30 * minute),
    ];
    damageBlob(join(dataDir, dayFile), sql);

    await using reader = openSqliteReader({ dataDir });
    // The hour that is cut is asked for first, so that its single profiles are looked at.
    answersOf(reader, nineteen + 10 * minute, nineteen + 50 * minute);
    const [damage, ...more] = reader.takeDamage();
    assert.equal(damage?.hourMs, nineteen);
    assert.match(damage.because, /^detail-20231114\.db: /);
    assert.deepEqual([more, reader.takeDamage()], [[], []]);

    const found = answersOf(reader, eighteen + 10 * minute, twenty + 30 * minute);
    assert.equal(found.partial, true);
    assert.equal(found.warnings.length, 1);
    assert.match(found.warnings[0] ?? '', leftOut);
    assert.deepEqual(found.whole.profiles, [...after.whole.profiles, ...before.whole.profiles]);
    assert.deepEqual(found.whole.merged.alloc, added(before.whole.merged.alloc, after.whole.merged.alloc));
    assert.deepEqual(found.whole.merged.inuse, added(before.whole.merged.inuse, after.whole.merged.inuse));
    assert.deepEqual(
      found.whole.totals.map(({ points }) => points),
      before.whole.totals.map(({ points }, line) => [...points, ...(after.whole.totals[line]?.points ?? [])]),
    );
    assert.deepEqual(reader.stats().damagedHoursMs, [nineteen]);
    assert.deepEqual(
      answersOf(reader, eighteen, nineteen),
      answersOf(whole, eighteen, nineteen),
      'other hours are whole',
    );
    assert.equal(reader.series([hasPod], { fromMs: nineteen, toMs: twenty }).length, 0);
  });
}

test('a damaged hour is answered from its roll-ups where they are enough', async () => {
  const { dataDir, writer } = await compactedStore();
  await using _writer = writer;
  await using whole = openSqliteReader({ dataDir });
  damageBlob(join(dataDir, dayFile), blobsOfNineteen.entries);
  await using reader = openSqliteReader({ dataDir });
  answersOf(reader, nineteen + 10 * minute, nineteen + 50 * minute);
  const request = {
    selector: { kind: 'heap', matchers: [] },
    window: { fromMs: eighteen + 10 * minute, toMs: twenty + 30 * minute },
    type: { type: 'inuse_space', unit: 'bytes' },
  };
  const merge = (from: ProfileReader) => from.merge({ ...request, aggregation: 'avg', peakType: request.type });
  const [expected, found] = [merge(whole), merge(reader)];
  assert.deepEqual(found.coverage, expected.coverage);
  assert.equal(found.coverage.partial, false);
  assert.deepEqual(valuesByStack(found.profile, 'inuse_space'), valuesByStack(expected.profile, 'inuse_space'));

  const byHour = { ...request, stepMs: hour, groupBy: ['workload'] };
  assert.deepEqual(reader.totals(byHour), whole.totals(byHour));
  const byMinute = reader.totals({ ...byHour, stepMs: 10 * minute });
  assert.deepEqual(
    [byMinute.partial, byMinute.warnings],
    [false, ['single profiles of the hour from 2023-11-14T19:00:00.000Z are damaged: it is answered as a whole']],
  );
  const sumOf = (totals: typeof byMinute) =>
    totals.series.flatMap(({ points }) => points).reduce((sum, { value }) => sum + value, 0n);
  assert.equal(sumOf(byMinute), sumOf(whole.totals(byHour)));
});

test('a quarantined hour is left out after a restart, without a look at it', async () => {
  const { dataDir, writer } = await compactedStore();
  await using _writer = writer;
  writer.quarantine(nineteen, `${dayFile}: the chunk of series 18 is damaged`);
  await using reader = openSqliteReader({ dataDir });
  const { partial, warnings } = answersOf(reader, eighteen, twenty);
  assert.equal(partial, true);
  assert.deepEqual(warnings, [
    `the hour from 2023-11-14T19:00:00.000Z is damaged and left out: ${dayFile}: the chunk of series 18 is damaged`,
  ]);
  assert.deepEqual(reader.takeDamage(), []);
  assert.deepEqual(reader.stats().damagedHoursMs, [nineteen]);
  assert.deepEqual(writer.stats().damagedHoursMs, [nineteen]);
});

test('a page overwritten with noise costs the hours that it holds, and no other', async () => {
  const { dataDir, writer } = await compactedStore();
  await using _writer = writer;
  await using whole = openSqliteReader({ dataDir });
  const hours = [eighteen, nineteen, twenty, midnight];
  const expected = hours.map((start) => answersOf(whole, start + 10 * minute, start + 50 * minute));
  const path = join(dataDir, dayFile);
  const database = new Database(path, { readonly: true });
  const pages = database
    .prepare<[], number>(`SELECT pageno FROM dbstat WHERE name = 'chunk' AND pagetype = 'leaf' ORDER BY pageno`)
    .pluck()
    .all();
  const pageSize = Number(database.pragma('page_size', { simple: true }));
  database.close();
  const page = pages[Math.floor(pages.length / 2)] ?? 0;
  overwrite(path, (page - 1) * pageSize, new Uint8Array(pageSize).fill(0xee));

  await using reader = openSqliteReader({ dataDir });
  const found = hours.map((start) => answersOf(reader, start + 10 * minute, start + 50 * minute));
  const damaged = reader.takeDamage().map(({ hourMs }) => hourMs);
  assert.ok(damaged.length >= 1 && damaged.length < hours.length, `${damaged.length} hours are damaged`);
  for (const [index, start] of hours.entries()) {
    if (!damaged.includes(start)) assert.deepEqual(found[index], expected[index]);
    else assert.deepEqual([found[index]?.partial, found[index]?.whole.profiles], [true, []]);
  }
});

test('whatever page is overwritten, what is answered as whole is right, and the rest says that it is not', async () => {
  const { dataDir, writer } = await compactedStore();
  await writer[Symbol.asyncDispose]();
  await using whole = openSqliteReader({ dataDir });
  const windows = [eighteen, nineteen, twenty, midnight].map(
    (start) => [start + 10 * minute, start + 50 * minute] as const,
  );
  const expected = windows.map(([fromMs, toMs]) => answersOf(whole, fromMs, toMs));
  const path = join(dataDir, dayFile);
  const bytes = readFileSync(path);
  const pages = bytes.length / 4096;
  for (let page = 0; page < pages; page += Math.ceil(pages / 24)) {
    overwrite(path, page * 4096, new Uint8Array(4096).fill(page % 2 === 0 ? 0xee : 0));
    await using reader = openSqliteReader({ dataDir });
    for (const [index, [fromMs, toMs]] of windows.entries()) {
      const found = answersOf(reader, fromMs, toMs);
      if (!found.partial) assert.deepEqual(found, expected[index], `page ${page}`);
      else assert.match(found.warnings.join(), /is damaged and left out: detail-20231114\.db/);
    }
    overwrite(path, page * 4096, bytes.subarray(page * 4096, (page + 1) * 4096));
  }
});

test('a file that is no database any more costs its day, and no other', async () => {
  const { dataDir, writer } = await compactedStore();
  await using _writer = writer;
  await using whole = openSqliteReader({ dataDir });
  const expected = answersOf(whole, midnight, midnight + hour);
  overwrite(join(dataDir, dayFile), 0, new Uint8Array(4096).fill(0xee));
  await using reader = openSqliteReader({ dataDir });
  const found = answersOf(reader, eighteen, midnight + hour);
  assert.deepEqual(found.whole.merged.alloc, expected.whole.merged.alloc);
  assert.equal(found.partial, true);
  assert.equal(reader.takeDamage().length, 24);
  assert.deepEqual(answersOf(reader, midnight, midnight + hour), expected);
});

test('a damaged roll-up costs nothing while single profiles are held', async () => {
  const { dataDir, writer } = await compactedStore();
  await using _writer = writer;
  await using whole = openSqliteReader({ dataDir });
  const request = {
    selector: { kind: 'heap', matchers: [] },
    window: { fromMs: eighteen, toMs: twenty + hour },
    type: { type: 'inuse_space', unit: 'bytes' },
  };
  const answer = (from: ProfileReader) => {
    const { coverage, profile } = from.merge({ ...request, aggregation: 'avg', peakType: request.type });
    const totals = from.totals({ ...request, stepMs: hour, groupBy: ['workload'] });
    return { coverage, inuse: valuesByStack(profile, 'inuse_space'), totals };
  };
  const expected = answer(whole);
  damageBlob(join(dataDir, 'roll1h-202311.db'), `SELECT head FROM roll WHERE bucket = ${nineteen / hour} LIMIT 1`);
  await using reader = openSqliteReader({ dataDir });
  assert.deepEqual(answer(reader), expected);
  assert.deepEqual(reader.takeDamage(), [], 'no detail is damaged');
});

test('a damaged roll-up of an hour whose single profiles are gone is missed, and named', async () => {
  const dataDir = storeDir();
  await using writer = writerOn(dataDir, {
    retention: { maxAgeMs: 5 * hour, rollup1hMaxAgeMs: 1e12, rollup1dMaxAgeMs: 1e12, maxBytes: 1e13 },
    monotonicMs: () => 0,
  });
  for (let passed = 0; passed < 40; passed++) {
    writer.append([recordOf({ stampMs: eighteen + passed * hour, intervalMs: hour, samples: { 'main;a': [1, 5] } })]);
  }
  await compactAll(writer, dataDir, eighteen + 60 * hour);
  assert.ok(writer.retain(eighteen + 60 * hour).removedFiles.includes(dayFile));
  damageBlob(
    join(dataDir, 'roll1h-202311.db'),
    `SELECT data FROM roll_sum WHERE id = 256 * (SELECT id FROM roll WHERE bucket = ${nineteen / hour} LIMIT 1)`,
  );
  await using reader = openSqliteReader({ dataDir });
  const request = {
    selector: { kind: 'heap', matchers: [] },
    window: { fromMs: eighteen, toMs: twenty + hour },
    type: { type: 'inuse_space', unit: 'bytes' },
  };
  for (const turn of ['first', 'again']) {
    const { coverage } = reader.merge({ ...request, aggregation: 'avg', peakType: request.type });
    assert.deepEqual([coverage.profiles, coverage.partial], [2, true], turn);
    assert.match(
      coverage.warnings.join(),
      /^the hour from 2023-11-14T19:00:00.000Z is damaged and left out: roll1h-202311/,
    );
    const totals = reader.totals({ ...request, stepMs: hour, groupBy: ['workload'] });
    assert.deepEqual([totals.partial, totals.warnings], [true, coverage.warnings], turn);
  }
});

function added(a: Record<string, bigint>, b: Record<string, bigint>): Record<string, bigint> {
  const sums = { ...a };
  for (const [stack, value] of Object.entries(b)) sums[stack] = (sums[stack] ?? 0n) + value;
  return sums;
}
