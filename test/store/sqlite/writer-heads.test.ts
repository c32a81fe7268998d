import assert from 'node:assert/strict';
import { closeSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import type { ProfileWriter } from '../../../src/store/profile-store.ts';
import { headFileName, parseHeadFileName } from '../../../src/store/sqlite/files/data-dir.ts';
import { storeDir, writerOn } from '../../support/store-dirs.ts';
import { at, gauge, minute } from '../../support/store-questions.ts';
import { recordOf } from '../../support/store-records.ts';

/** The hour of `at(0)`. */
const firstHour = at(0) / (60 * minute);

const store = (writer: ProfileWriter, minutes: number, more: Parameters<typeof gauge>[2] = {}): void => {
  const [outcome] = writer.append([recordOf(gauge(at(minutes), 1, more))]);
  assert.equal(outcome?.kind, 'stored');
};

/** `22 sealed, 22-2 open`: hour of day, generation and state of each head in the list. */
function heads(dataDir: string): string {
  return query(dataDir, (meta) =>
    meta
      .prepare<[], { name: string; state: string }>(`SELECT name, state FROM file ORDER BY from_ms, generation`)
      .all()
      .map(({ name, state }) => `${name.slice(14, -3)} ${state}`)
      .join(', '),
  );
}

const files = (dataDir: string): string[] =>
  readdirSync(dataDir)
    .filter((name) => /^head-.*\.db$/.test(name))
    .map((name) => name.slice(14, -3))
    .sort();

const layout = (dataDir: string): number =>
  query(dataDir, (meta) => Number(meta.prepare(`SELECT value FROM setting WHERE name = 'layout'`).pluck().get()));

/** What compaction does in the end. */
const compact = (dataDir: string): unknown =>
  query(dataDir, (meta) => meta.exec(`UPDATE file SET state = 'compacted' WHERE state = 'sealed'`));

function query<T>(dataDir: string, ask: (meta: Database.Database) => T): T {
  const meta = new Database(join(dataDir, 'meta.db'));
  try {
    return ask(meta);
  } finally {
    meta.close();
  }
}

test('a head file is named after its hour, and after its generation from the second on', () => {
  for (const [hour, generation, name] of [
    [firstHour, 1, 'head-20231114T22.db'],
    [firstHour + 2, 2, 'head-20231115T00-2.db'],
    [firstHour, 13, 'head-20231114T22-13.db'],
  ] as const) {
    assert.equal(headFileName(hour, generation), name);
    assert.deepEqual(parseHeadFileName(name), { hour, generation });
  }
  for (const name of [
    'head-20231114T22-1.db',
    'head-20231114T22-02.db',
    'head-20231114T22.db-wal',
    'detail-20231114.db',
  ])
    assert.equal(parseHeadFileName(name), undefined, name);
});

test('an hour is sealed five minutes after its end, or 2.5 of its longest intervals', async () => {
  for (const { intervalMs, minutes } of [
    { intervalMs: minute, minutes: 65 },
    { intervalMs: 10 * minute, minutes: 85 },
  ]) {
    const dataDir = storeDir();
    await using writer = writerOn(dataDir);
    store(writer, 10);
    store(writer, 10, { process: 'slow', intervalMs });
    store(writer, 61, { process: 'slow', intervalMs });
    assert.equal(writer.seal(at(minutes) - 1), false);
    assert.equal(heads(dataDir), '22 open, 23 open');
    assert.equal(writer.seal(at(minutes)), true, 'it waits for compaction');
    assert.equal(heads(dataDir), '22 sealed, 23 open');
  }
});

test('profiles that come for a sealed hour begin its next generation, which raises the layout', async () => {
  const dataDir = storeDir();
  await using writer = writerOn(dataDir);
  store(writer, 10);
  store(writer, 61);
  writer.seal(at(66));
  const before = layout(dataDir);
  store(writer, 20, { process: 'late' });
  assert.equal(heads(dataDir), '22 sealed, 22-2 open, 23 open');
  assert.equal(layout(dataDir), before + 1);
  store(writer, 30, { process: 'late' });
  assert.equal(layout(dataDir), before + 1);
  assert.deepEqual(files(dataDir), ['22', '22-2', '23']);
  const newest = writer.newest(recordOf(gauge(0, 1, { process: 'late' })).series);
  assert.equal(newest?.stampMs, at(30));
});

test('a late generation is sealed when nothing came for five minutes, or at the next hour', async () => {
  const dataDir = storeDir();
  await using writer = writerOn(dataDir);
  store(writer, 10);
  writer.seal(at(66));
  store(writer, 20, { process: 'late' });
  writer.seal(at(67));
  writer.seal(at(71));
  store(writer, 21, { process: 'late' });
  writer.seal(at(72));
  writer.seal(at(76));
  assert.equal(heads(dataDir), '22 sealed, 22-2 open', 'something came at 72');
  writer.seal(at(77));
  assert.equal(heads(dataDir), '22 sealed, 22-2 sealed');
  store(writer, 22, { process: 'late' });
  writer.seal(at(119));
  assert.equal(heads(dataDir), '22 sealed, 22-2 sealed, 22-3 open');
  store(writer, 23, { process: 'late' });
  writer.seal(at(120));
  assert.equal(heads(dataDir), '22 sealed, 22-2 sealed, 22-3 sealed');
});

test('an upload of hours long past makes one generation of each, however long it takes', async () => {
  const dataDir = storeDir();
  await using writer = writerOn(dataDir, { now: () => at(600) });
  for (let minutes = 0; minutes < 20; minutes++) {
    store(writer, minutes);
    writer.seal(at(600 + minutes));
  }
  assert.equal(heads(dataDir), '22 open');
  assert.equal(writer.stats().compactionDueMs, undefined, 'more may come');
  writer.seal(at(624));
  assert.equal(heads(dataDir), '22 sealed');
  assert.equal(writer.stats().compactionDueMs, at(60));
});

test('what compaction has replaced is unlinked, its row stays, and a late profile begins the next generation', async () => {
  const dataDir = storeDir();
  await using writer = writerOn(dataDir);
  store(writer, 10);
  store(writer, 61);
  writer.seal(at(66));
  writer.dropCompacted();
  assert.deepEqual(files(dataDir), ['22', '23'], 'sealed is not compacted');
  compact(dataDir);
  writer.dropCompacted();
  assert.deepEqual(files(dataDir), ['23']);
  assert.equal(heads(dataDir), '22 compacted, 23 open');
  store(writer, 20, { process: 'late' });
  assert.equal(heads(dataDir), '22 compacted, 22-2 open, 23 open');
});

test('the age of what waits for compaction is the end of the oldest hour that is over', async () => {
  const dataDir = storeDir();
  let now = at(59);
  await using writer = writerOn(dataDir, { now: () => now });
  store(writer, 10);
  now = at(64);
  store(writer, 63);
  assert.equal(writer.stats().compactionDueMs, undefined);
  now = at(65);
  assert.equal(writer.stats().compactionDueMs, at(60));
  writer.seal(now);
  now = at(200);
  assert.equal(writer.stats().compactionDueMs, at(60));
  compact(dataDir);
  writer.dropCompacted();
  assert.equal(writer.stats().compactionDueMs, at(120));
});

test('a start finishes what a crash left: unlisted, cut-off, lost and replaced heads', async () => {
  const dataDir = storeDir();
  {
    await using writer = writerOn(dataDir);
    for (const minutes of [10, 70, 130]) store(writer, minutes);
    writer.seal(at(200));
    store(writer, 20, { process: 'late' });
  }
  query(dataDir, (meta) => {
    meta.exec(`UPDATE file SET state = 'compacted' WHERE name = 'head-20231114T23.db'`);
    meta.exec(`DELETE FROM file WHERE name = 'head-20231114T22-2.db'`);
  });
  rmSync(join(dataDir, 'head-20231115T00.db'));
  closeSync(openSync(join(dataDir, 'head-20231114T23-2.db'), 'w'));
  const before = layout(dataDir);
  await using writer = writerOn(dataDir);
  assert.equal(heads(dataDir), '22 sealed, 22-2 open, 23 compacted, 23-2 open');
  assert.deepEqual(files(dataDir), ['22', '22-2', '23-2']);
  assert.ok(layout(dataDir) > before);
  assert.equal(writer.newest(recordOf(gauge(0, 1, { process: 'late' })).series)?.stampMs, at(20));
});

test('a damaged hour is named for good, with the first reason, and readers are told by the layout', async () => {
  const dataDir = storeDir();
  {
    await using writer = writerOn(dataDir);
    store(writer, 10);
    const before = layout(dataDir);
    writer.quarantine(at(10), 'detail-20231114.db: a checksum is wrong');
    writer.quarantine(at(0), 'again');
    assert.equal(layout(dataDir), before + 1);
  }
  await using writer = writerOn(dataDir);
  assert.deepEqual(writer.stats().damagedHoursMs, [at(0)]);
  const because = query(dataDir, (meta) => meta.prepare('SELECT damaged FROM hour').pluck().get());
  assert.equal(because, 'detail-20231114.db: a checksum is wrong');
});

test('a damaged head costs its hour and no other: what still comes for it begins a new head, and the hour is named', async () => {
  const dataDir = storeDir();
  {
    await using writer = writerOn(dataDir);
    for (const minutes of [10, 70]) store(writer, minutes);
  }
  writeFileSync(join(dataDir, 'head-20231114T23.db'), 'no database any more; '.repeat(1000));
  await using writer = writerOn(dataDir);
  assert.equal(writer.newest(recordOf(gauge(0, 1)).series)?.stampMs, at(10));
  store(writer, 71);
  assert.equal(heads(dataDir), '22 open, 23 sealed, 23-2 open');
  assert.deepEqual(writer.stats().damagedHoursMs, [at(60)]);
  store(writer, 130);
  assert.equal(writer.newest(recordOf(gauge(0, 1)).series)?.stampMs, at(130));
});

test('a head that was never listed and is no database is removed at the start', async () => {
  const dataDir = storeDir();
  {
    await using writer = writerOn(dataDir);
    store(writer, 10);
  }
  writeFileSync(join(dataDir, 'head-20231114T23.db'), 'half a page of something; '.repeat(100));
  await using writer = writerOn(dataDir);
  assert.deepEqual(files(dataDir), ['22']);
  store(writer, 61);
  assert.equal(heads(dataDir), '22 open, 23 open');
});
