import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { emptyHeader } from '../../../../src/profile/profile.ts';
import { DamagedData } from '../../../../src/store/sqlite/files/damage.ts';
import { type Connection, openDatabase } from '../../../../src/store/sqlite/files/database.ts';
import { rollUpHour } from '../../../../src/store/sqlite/rollups/hour-builder.ts';
import type { RollInput } from '../../../../src/store/sqlite/rollups/roll.ts';
import { RollReader } from '../../../../src/store/sqlite/rollups/roll-reader.ts';
import { RollWriter } from '../../../../src/store/sqlite/rollups/roll-writer.ts';
import { storeDir } from '../../../support/store-dirs.ts';
import { cpuTypes, heapTypes } from '../../../support/store-records.ts';
import { chunkOf, type FakeChunk, type RollView, viewOfRoll } from './fake-chunks.ts';

const hour = Date.UTC(2026, 6, 31, 9) / 3_600_000;
const name = 'roll1h-202607.db';

test('a flipped bit in any byte of a blob is damage of its roll-up, and of no other', () => {
  const { path, views } = fileOfTwo();
  const reader = new RollReader(path);
  const connection = openDatabase(path, 'roll', 'normal');
  for (const { table, column, id } of blobs) {
    const read = () => connection.prepare(`SELECT ${column} FROM ${table} WHERE id = ${id}`).pluck().get() as Buffer;
    const write = (data: Buffer) => connection.prepare(`UPDATE ${table} SET ${column} = ? WHERE id = ?`).run(data, id);
    const whole = Buffer.from(read());
    for (let at = 0; at < whole.length; at++) {
      const broken = Buffer.from(whole);
      broken[at] = (broken[at] ?? 0) ^ (1 << (at % 8));
      write(broken);
      assertDamaged(reader, views, 0);
    }
    write(whole.subarray(0, 3));
    assertDamaged(reader, views, 0);
    write(whole);
    assert.deepEqual(viewsOf(reader), views);
  }
  reader.close();
  connection.close();
});

const blobs = [
  { table: 'roll', column: 'head', id: 1 },
  { table: 'roll', column: 'stacks', id: 1 },
  { table: 'roll_sum', column: 'data', id: 256 },
  { table: 'roll_sum', column: 'data', id: 257 },
] as const;

test('whole blobs in the wrong place are damage: other keys, other labels, other shapes, other types, none at all', () => {
  const changes = [
    'UPDATE roll SET partition = 9 WHERE id = 1',
    'UPDATE roll SET bucket = bucket + 1 WHERE id = 1',
    `UPDATE roll SET kind = 'heat' WHERE id = 1`,
    'UPDATE roll SET head = (SELECT stacks FROM roll WHERE id = 1) WHERE id = 1',
    `UPDATE series_group SET labels = '{"workload":"cark"}' WHERE id = 1`,
    `UPDATE series_group SET labels = '{"workload' WHERE id = 1`,
    `UPDATE shape SET content = replace(content, 'samples', 'simples')`,
    'DELETE FROM shape',
    'UPDATE roll_sum SET data = (SELECT data FROM roll_sum WHERE id = 257) WHERE id = 256',
    'DELETE FROM roll_sum WHERE id = 257',
  ];
  for (const sql of changes) {
    const { path } = fileOfTwo();
    change(path, (connection) => connection.exec(sql));
    const reader = new RollReader(path);
    assert.throws(() => viewsOf(reader), isDamage, sql);
    reader.close();
  }
});

test('what is no database, and pages overwritten with noise, are damage of the file', () => {
  const { path } = fileOfTwo();
  const bytes = readFileSync(path);
  for (let page = 0; page * 4096 < bytes.length; page++) {
    writeFileSync(path, bytes);
    overwrite(path, page * 4096);
    // The pages of tables that an answer has no need of are not looked at.
    const found = answerOf(path);
    if (page === 0) assert.equal(found, 'damaged');
    else assert.ok(found === 'damaged' || found === 'whole', `page ${page}: ${found}`);
  }
  writeFileSync(path, bytes);
  assert.equal(answerOf(path), 'whole');
  truncateSync(path, Math.floor(statSync(path).size / 8192) * 4096);
  assert.equal(answerOf(path), 'damaged');
});

test('a page of noise takes only the bucket whose roll-ups lie on it', () => {
  const path = join(storeDir(), name);
  const writer = new RollWriter(path, 'normal');
  const days = [hour, hour + 1, hour + 2];
  for (const at of days) writer.replaceBucket(at, [largeRoll(at)]).next();
  writer.checkpoint();
  writer.close();
  const bytes = readFileSync(path);
  const seen: number[] = [];
  for (let page = 1; page * 4096 < bytes.length; page++) {
    writeFileSync(path, bytes);
    overwrite(path, page * 4096);
    const damaged = days.filter((at) => damageIn(path, at, at + 1) !== undefined);
    seen.push(damaged.length);
    const found = damageIn(path, hour, hour + 3);
    if (damaged.length === 0) assert.equal(found, undefined);
    else if (damaged.length < 3) assert.equal(found?.hour, damaged[0], `page ${page}`);
    else assert.ok(found);
  }
  // All others are the roots of trees, which everything hangs on.
  assert.ok(seen.filter((count) => count === 1).length > 20, seen.join());
});

/** What is met when all sums of some buckets are read. */
function damageIn(path: string, from: number, to: number): DamagedData | undefined {
  let reader: RollReader | undefined;
  try {
    reader = new RollReader(path);
    for (const roll of reader.rolls([1], 'cpu', from, to)) viewOfRoll(roll);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof DamagedData, String(error));
    return error;
  } finally {
    reader?.close();
  }
}

function largeRoll(bucket: number): RollInput {
  const stacks = Int32Array.from({ length: 5000 }, (_, at) => 2 * at);
  const sums = [stacks, stacks].map((ids, type) => Float64Array.from(ids, (id) => (id + 7) ** (2 + type)));
  const header = { ...emptyHeader, period: 0n };
  return {
    key: { labels: { workload: 'cart' }, kind: 'cpu', bucket, partition: 1, part: 0 },
    shapes: [{ types: cpuTypes, header }],
    processes: [{ id: 1, profiles: 1, spanMs: 10, totals: [1, 2], observed: [] }],
    stamps: { firstMs: bucket * 3_600_000, lastMs: bucket * 3_600_000 },
    trimmed: 0,
    timeNanos: 0n,
    durationNanos: 0n,
    stacks,
    sums,
  };
}

function answerOf(path: string): string {
  try {
    const reader = new RollReader(path);
    try {
      return viewsOf(reader).length === 2 ? 'whole' : 'wrong';
    } finally {
      reader.close();
    }
  } catch (error) {
    return error instanceof DamagedData ? 'damaged' : String(error);
  }
}

function assertDamaged(reader: RollReader, views: readonly RollView[], damaged: number): void {
  reader.rollsOfBucket(hour).forEach((roll, at) => {
    if (at === damaged) assert.throws(() => viewOfRoll(roll), { name: 'DamagedData', file: name, hour });
    else assert.deepEqual(viewOfRoll(roll), views[at]);
  });
}

function isDamage(error: unknown): boolean {
  return error instanceof DamagedData && error.file === name;
}

function viewsOf(reader: RollReader): RollView[] {
  const from = hour - 1;
  return reader
    .rolls(
      reader.groups().map(({ id }) => id),
      undefined,
      from,
      from + 9,
    )
    .map(viewOfRoll);
}

function change(path: string, work: (connection: Connection) => unknown): void {
  const connection = openDatabase(path, 'roll', 'normal');
  work(connection);
  connection.close();
}

function overwrite(path: string, at: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(4096, 0xa7), 0, 4096, at);
  closeSync(file);
}

function fileOfTwo(): { readonly path: string; readonly views: readonly RollView[] } {
  const path = join(storeDir(), name);
  const writer = new RollWriter(path, 'normal');
  const series = [cpuTypes, heapTypes].map((types, at) => {
    return { id: at + 1, labels: { workload: 'cart' }, kind: types === cpuTypes ? 'cpu' : 'heap', process: at + 7 };
  });
  const chunksOf = (id: number) => [chunkOf(chunkFor(series[id - 1] ?? { id: 0, labels: {}, kind: '', process: 0 }))];
  Array.from(rollUpHour({ hour, series, chunksOf }, writer));
  writer.checkpoint();
  writer.close();
  const reader = new RollReader(path);
  const views = viewsOf(reader);
  reader.close();
  return { path, views };
}

function chunkFor(series: FakeChunk['series']): FakeChunk {
  const about = { spanMs: 10_000, comment: '', trimmed: 1, timeNanos: 7n, durationNanos: 10n ** 10n };
  const samples = Array.from({ length: 9 }, (_, at) => [40 * at, [BigInt(at + 1), BigInt(3 ** (3 * at))]] as const);
  return {
    series,
    hour,
    partition: 1,
    carried: false,
    types: series.kind === 'cpu' ? cpuTypes : heapTypes,
    profiles: [{ ...about, atMs: 1000, samples, standingSeconds: 3000 }],
    observed: [{ from: 1, to: 3000 }],
  };
}
