import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import Database from 'better-sqlite3';
import * as fc from 'fast-check';
import type { Chunk, ChunkInput } from '../../../../src/store/sqlite/chunks/chunk.ts';
import { DetailReader, DetailWriter } from '../../../../src/store/sqlite/chunks/detail-file.ts';
import { DamagedData } from '../../../../src/store/sqlite/files/damage.ts';
import { WeightedSums } from '../../../../src/store/sqlite/read/weighted-sums.ts';
import { chunkInput, someChunk } from '../../../support/store-drawn-chunks.ts';

const hour = 480_000;
const heap = [
  { type: 'alloc_space', unit: 'bytes', temporality: 'cumulative' },
  { type: 'inuse_space', unit: 'bytes', temporality: 'gauge' },
] as const;

const dir = mkdtempSync(join(tmpdir(), 'flameherd-detail-'));
after(() => rmSync(dir, { recursive: true }));
let files = 0;

function newPath(): string {
  return join(dir, `detail-${files++}.db`);
}

/** A chunk with one profile a minute, from a minute after the hour on. */
function inputOf(key: Partial<ChunkInput['key']>, values: readonly bigint[], startMinute = 1): ChunkInput {
  const at = key.hour ?? hour;
  const profiles = values.map((value, minute) => ({
    stampMs: at * 3_600_000 + (startMinute + minute) * 60_000,
    standingSeconds: 60,
    rows: new Map([[minute, [value, value + 1n]]]),
  }));
  const input = chunkInput({ hour: at, types: heap, profiles, observed: [] });
  return { ...input, key: { ...input.key, ...key } };
}

function fileOf(inputs: readonly ChunkInput[]): string {
  const path = newPath();
  const writer = new DetailWriter(path, 'normal');
  writer.begin();
  for (const input of inputs) writer.replace(input);
  writer.commit();
  writer.checkpoint();
  writer.close();
  return path;
}

test('chunks come by series, hour and time, and only those that were asked for', () => {
  const path = fileOf([
    inputOf({ series: 2, hour: hour + 1 }, [1n]),
    inputOf({ series: 2, head: 9 }, [1n], 1),
    inputOf({ series: 2, head: 3 }, [1n], 30),
    inputOf({ series: 1 }, [1n]),
    inputOf({ series: 3 }, [1n]),
    inputOf({ series: 1, hour: hour + 2 }, [1n]),
  ]);
  const reader = new DetailReader(path);
  const shown = reader.chunks('[1,2]', hour, hour + 2).map(({ key }) => [key.series, key.hour - hour, key.head]);
  assert.deepEqual(shown, [
    [1, 0, 3],
    [2, 0, 9],
    [2, 0, 3],
    [2, 1, 3],
  ]);
  assert.deepEqual(reader.hours(), [hour, hour + 1, hour + 2]);
  assert.deepEqual(
    reader.keys(hour, hour + 1).map(({ series, head }) => [series, head]),
    [
      [1, 3],
      [2, 3],
      [2, 9],
      [3, 3],
    ],
  );
  assert.equal(reader.chunk({ series: 2, hour, head: 9, part: 0 })?.entries.count, 1);
  assert.equal(reader.chunk({ series: 2, hour, head: 8, part: 0 }), undefined);
  reader.check();
  reader.close();
});

test('a chunk is written in place of the one with its key, and a removed one leaves nothing', () => {
  const path = newPath();
  const writer = new DetailWriter(path, 'normal');
  writer.begin();
  writer.replace(inputOf({}, [1n, 2n]));
  writer.replace(inputOf({}, [5n]));
  writer.replace(inputOf({ series: 8 }, [1n, 2n]));
  writer.removeChunk({ series: 8, hour, head: 3, part: 0 });
  writer.removeChunk({ series: 99, hour, head: 3, part: 0 });
  writer.commit();
  assert.deepEqual([...(writer.chunk({ series: 7, hour, head: 3, part: 0 })?.entries.totals[0] ?? [])], [5]);
  writer.close();
  const file = new Database(path, { readonly: true });
  const counts = ['chunk', 'chunk_sum', 'chunk_detail'].map((table) =>
    file.prepare(`SELECT count(*) FROM ${table}`).pluck().get(),
  );
  assert.deepEqual(counts, [1, 2, 2]);
  file.close();
});

test('a restated chunk is the same bytes as one written with that standing', () => {
  const path = newPath();
  const writer = new DetailWriter(path, 'normal');
  const write = (work: () => void): Buffer[] => {
    writer.begin();
    work();
    writer.commit();
    return blobsOf(path);
  };
  const someSeconds = fc.array(fc.constantFrom(0, 1, 30, 3600), { minLength: 12, maxLength: 12 });
  fc.assert(
    fc.property(someChunk, someSeconds, (drawn, seconds) => {
      const input = chunkInput(drawn);
      const observed = [{ from: hour * 3600 + 1, to: hour * 3600 + 77 }];
      const standing = drawn.profiles.map((_, entry) => seconds[entry] ?? 0);
      write(() => writer.replace(input));
      const restated = write(() => writer.restate(writer.chunk(input.key) as Chunk, standing, observed));
      const profiles = drawn.profiles.map((profile, entry) => ({ ...profile, standingSeconds: standing[entry] ?? 0 }));
      const anew = write(() => writer.replace(chunkInput({ ...drawn, observed, profiles })));
      assert.deepEqual(restated, anew);
    }),
    { numRuns: 150, endOnFailure: true },
  );
  writer.close();
});

test('what was rolled back is not there, and the file can be written on', () => {
  const path = newPath();
  const writer = new DetailWriter(path, 'normal');
  writer.begin();
  writer.replace(inputOf({ series: 1 }, [1n]));
  writer.rollback();
  writer.begin();
  writer.replace(inputOf({ series: 2 }, [1n]));
  writer.commit();
  writer.close();
  const reader = new DetailReader(path);
  assert.deepEqual(
    reader.chunks('[1,2]', hour, hour + 1).map(({ key, entries }) => [key.series, entries.shapes.length]),
    [[2, 1]],
  );
  reader.close();
});

test('after a checkpoint everything is in the file itself', () => {
  const path = newPath();
  const writer = new DetailWriter(path, 'full');
  writer.begin();
  writer.replace(inputOf({}, [1n]));
  writer.commit();
  const alone = newPath();
  copyFileSync(path, alone);
  assert.equal(chunksIn(alone), 0);
  assert.equal(writer.checkpoint(), true);
  copyFileSync(path, alone);
  assert.equal(chunksIn(alone), 1);
  writer.close();
});

test('a checkpoint waits for no reader, and says so when one is in the way', () => {
  const path = newPath();
  const writer = new DetailWriter(path, 'normal');
  const reader = new DetailReader(path);
  reader.begin();
  assert.deepEqual(reader.hours(), []);
  writer.begin();
  writer.replace(inputOf({}, [1n]));
  writer.commit();
  assert.equal(writer.checkpoint(), false);
  reader.end();
  assert.equal(writer.checkpoint(), true);
  reader.close();
  writer.close();
});

test('the chunks of a head are removed, and no others', () => {
  const path = fileOf([
    inputOf({ series: 1 }, [1n]),
    inputOf({ series: 2, hour: hour + 1 }, [1n]),
    inputOf({ head: 4 }, [1n]),
  ]);
  const writer = new DetailWriter(path, 'normal');
  writer.begin();
  writer.removeHead(3);
  writer.commit();
  writer.close();
  const reader = new DetailReader(path);
  assert.deepEqual(reader.keys(hour, hour + 2), [{ series: 7, hour, head: 4, part: 0 }]);
  reader.close();
});

test('any flipped bit of a blob is damage, and the error names the file and the hour', () => {
  const path = fileOf([inputOf({}, [3n, 2n ** 60n, 17n])]);
  const file = new Database(path);
  for (const [table, column] of [
    ['chunk', 'entries'],
    ['chunk', 'stacks'],
    ['chunk_sum', 'data'],
    ['chunk_detail', 'data'],
    ['shape', 'content'],
  ] as const) {
    for (const { id, data } of file.prepare(`SELECT id, ${column} AS data FROM ${table}`).all() as StoredBlob[]) {
      const update = file.prepare(`UPDATE ${table} SET ${column} = ? WHERE id = ?`);
      const isText = typeof data === 'string';
      const bytes = Buffer.from(data as Buffer);
      for (let bit = 0; bit < 8 * bytes.length; bit += 3) {
        const broken = Buffer.from(bytes);
        broken[bit >> 3] = (broken[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        update.run(isText ? broken.toString('latin1') : broken, id);
        assert.throws(() => readAll(new DetailReader(path)), isDamage, `${table}.${column} of ${id}, bit ${bit}`);
      }
      update.run(data, id);
      readAll(new DetailReader(path));
    }
  }
  file.close();
});

test('a blob in the place of another one is damage', () => {
  for (const misplace of [
    'UPDATE chunk_sum SET data = (SELECT data FROM chunk_sum AS other WHERE other.id = chunk_sum.id % 512 + 256)',
    'UPDATE chunk_sum SET data = (SELECT data FROM chunk_sum AS other WHERE other.id = 256)',
    'UPDATE chunk_detail SET data = (SELECT data FROM chunk_detail AS other WHERE other.id = chunk_detail.id % 512 + 256)',
    'UPDATE chunk SET entries = stacks',
    'UPDATE chunk SET entries = 7',
    'UPDATE chunk SET partition = 6',
    'UPDATE chunk SET carried = 1',
    'UPDATE chunk SET format = 9',
    'DELETE FROM chunk_detail',
    'DELETE FROM shape',
  ]) {
    const path = fileOf([inputOf({ series: 7 }, [3n]), inputOf({ series: 8 }, [4n])]);
    const file = new Database(path);
    file.exec(misplace);
    file.close();
    assert.throws(() => readAll(new DetailReader(path)), isDamage, misplace);
  }
});

test('a file that is no database is damage, a file that is not there is not', () => {
  const path = newPath();
  writeFileSync(path, Buffer.alloc(8192, 0x5a));
  assert.throws(() => new DetailReader(path), DamagedData);
  assert.throws(() => new DetailReader(newPath()), { code: 'SQLITE_CANTOPEN' });
});

test('a damaged page costs the hours that it holds, and the error names the first of them', () => {
  const hours = Array.from({ length: 20 }, (_, at) => hour + at);
  const many = Array.from({ length: 60 }, (_, at) => BigInt(at));
  const path = fileOf(hours.map((at) => inputOf({ hour: at }, many)));
  const damaged = breakChunkOf(path, hour + 12);
  const reader = new DetailReader(path);
  assert.throws(
    () => reader.chunks('[7]', hour, hour + 20),
    (error) => error instanceof DamagedData && error.hour !== undefined && damaged.includes(error.hour),
  );
  const whole = hours.filter((at) => !damaged.includes(at));
  assert.ok(whole.length > 5);
  for (const at of whole) assert.equal(reader.chunks('[7]', at, at + 1)[0]?.entries.count, 60);
  assert.throws(() => reader.check(), DamagedData);
  reader.close();
});

interface StoredBlob {
  readonly id: number;
  readonly data: Buffer | string;
}

function isDamage(error: unknown): boolean {
  return error instanceof DamagedData && error.hour === hour && /^detail-\d+\.db$/.test(error.file);
}

function readAll(reader: DetailReader): void {
  try {
    for (const chunk of reader.chunks('[7,8]', hour, hour + 1)) {
      chunk.addSum(0, new WeightedSums(10));
      chunk.addSum(1, new WeightedSums(10));
      for (let entry = 0; entry < chunk.entries.count; entry++) chunk.samples(entry);
    }
  } finally {
    reader.close();
  }
}

/** Every blob of the file, in order. */
function blobsOf(path: string): Buffer[] {
  const file = new Database(path, { readonly: true });
  const blobs = [
    'SELECT entries FROM chunk ORDER BY id',
    'SELECT stacks FROM chunk ORDER BY id',
    'SELECT data FROM chunk_sum ORDER BY id',
    'SELECT data FROM chunk_detail ORDER BY id',
  ].flatMap((sql) => file.prepare(sql).pluck().all() as Buffer[]);
  file.close();
  return blobs;
}

function chunksIn(path: string): unknown {
  const file = new Database(path, { readonly: true });
  const tables = file.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'chunk'").pluck().get();
  const count = tables === 0 ? 0 : file.prepare('SELECT count(*) FROM chunk').pluck().get();
  file.close();
  return count;
}

/** Makes the page of a chunk's row unreadable. Returns the hours that have their rows there. */
function breakChunkOf(path: string, hour: number): number[] {
  const database = new Database(path, { readonly: true });
  const rows = database.prepare('SELECT hour, entries FROM chunk').all() as { hour: number; entries: Buffer }[];
  const pageSize = Number(database.pragma('page_size', { simple: true }));
  database.close();
  const bytes = readFileSync(path);
  const pageOf = (row: number): number => Math.floor(bytes.indexOf(rows[row]?.entries ?? '') / pageSize);
  const broken = pageOf(rows.findIndex((row) => row.hour === hour));
  bytes.fill(0x55, broken * pageSize, broken * pageSize + 64);
  writeFileSync(path, bytes);
  return rows.flatMap((row, at) => (pageOf(at) === broken ? [row.hour] : []));
}
