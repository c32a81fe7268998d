import assert from 'node:assert/strict';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import type { CatalogueFile } from '../../../../src/store/sqlite/catalogue/layout.ts';
import { DetailReader } from '../../../../src/store/sqlite/chunks/detail-file.ts';
import { HeadReader } from '../../../../src/store/sqlite/heads/head-reader.ts';
import { type FactFile, OpenFiles } from '../../../../src/store/sqlite/read/open-files.ts';
import { openSqliteReader } from '../../../../src/store/sqlite/reader.ts';
import { RollReader } from '../../../../src/store/sqlite/rollups/roll-reader.ts';
import { compactAll } from '../../../support/store-compaction.ts';
import { storeDir, writerOn } from '../../../support/store-dirs.ts';
import { at, gauge, minute } from '../../../support/store-questions.ts';
import { recordOf } from '../../../support/store-records.ts';

const hour = 60 * minute;
const firstHour = at(0) / hour;

function listed(id: number): CatalogueFile {
  return { id, name: `file-${id}`, kind: 'head', fromMs: 0, toMs: hour, generation: 1, isSealed: false };
}

/** A folder with files to open, and a diary of what is done to each. */
function folderOf(ids: readonly number[]) {
  const dataDir = storeDir();
  for (const id of ids) writeFileSync(join(dataDir, `file-${id}`), '');
  const diary: string[] = [];
  const open = (_dir: string, { id }: CatalogueFile): FactFile => {
    diary.push(`open ${id}`);
    return {
      begin: () => void diary.push(`begin ${id}`),
      end: () => void diary.push(`end ${id}`),
      close: () => void diary.push(`close ${id}`),
    };
  };
  const since = (): string => diary.splice(0).join(', ');
  return { files: new OpenFiles(dataDir, 2), open, since };
}

test('a file is opened once and has one snapshot for a question; the least recently used are closed between questions', () => {
  const { files, open, since } = folderOf([1, 2, 3]);
  const use = (...ids: readonly number[]): boolean[] => ids.map((id) => files.use(listed(id), open).isNew);
  const all = new Set([1, 2, 3]);
  assert.deepEqual(use(1, 2, 1), [true, true, false]);
  assert.equal(since(), 'open 1, begin 1, open 2, begin 2');
  files.release();
  files.closeIdle(all);
  assert.equal(since(), 'end 1, end 2');
  assert.deepEqual(use(3, 1), [true, true]);
  assert.equal(since(), 'open 3, begin 3, begin 1', 'more than the bound while a question needs them');
  files.release();
  files.closeIdle(all);
  assert.equal(since(), 'end 3, end 1, close 2');
  files.closeIdle(new Set([1]));
  assert.equal(since(), 'close 3', 'listed no more');
  files.close();
  assert.equal(since(), 'close 1');
});

test('a file that is not there is gone; one whose snapshot fails is let go of', () => {
  const { files, open, since } = folderOf([1]);
  const failing = (): FactFile => assert.fail('there is nothing to open');
  assert.throws(() => files.use(listed(7), failing), { name: 'FileGone', message: /^file-7 is gone/ });
  const broken = (): FactFile => ({ ...open('', listed(1)), end: () => assert.fail('damaged') });
  files.use(listed(1), broken);
  files.release();
  assert.equal(since(), 'open 1, begin 1, close 1');
});

test('heads, detail and roll-ups are as they were when their snapshot was taken, whatever is written meanwhile', async () => {
  const dataDir = storeDir();
  await using writer = writerOn(dataDir);
  writer.append([recordOf(gauge(at(1), 5))]);
  const kept = storeDir();
  cpSync(dataDir, kept, { recursive: true });
  await compactAll(writer, dataDir, at(0) + 48 * hour);

  const headFile = 'head-20231114T22.db';
  const head = new HeadReader(kept, headFile, firstHour);
  const detail = new DetailReader(join(dataDir, 'detail-20231114.db'));
  const roll = new RollReader(join(dataDir, 'roll1h-202311.db'));
  const cases = [
    { file: head, path: join(kept, headFile), table: 'profile', count: () => head.profiles('[1]', 0, at(99)).length },
    {
      file: detail,
      path: join(dataDir, 'detail-20231114.db'),
      table: 'chunk',
      count: () => detail.chunks('[1]', firstHour, firstHour + 1).length,
    },
    {
      file: roll,
      path: join(dataDir, 'roll1h-202311.db'),
      table: 'roll',
      count: () => roll.rollsOfBucket(firstHour).length,
    },
  ];
  for (const { file, path, table, count } of cases) {
    file.begin();
    new Database(path).exec(`DELETE FROM ${table}`).close();
    assert.equal(count(), 1, `${table} as it was`);
    file.end();
    assert.equal(count(), 0, `${table} as it is`);
    file.close();
  }
});

test('a store of an earlier schema is not read before its writer has brought it up to date', async () => {
  const dataDir = storeDir();
  cpSync(join(import.meta.dirname, '../../../fixtures/stores/0.1.0'), dataDir, { recursive: true });
  assert.throws(() => openSqliteReader({ dataDir }), {
    code: 'not_ready',
    message: 'meta.db has meta schema 1, of an earlier flameherd; this one reads schema 3',
    hint: 'start the collector once with this --data directory: it brings the store up to date',
  });
  await using _writer = writerOn(dataDir);
  await using reader = openSqliteReader({ dataDir });
  assert.ok(reader.stats().series > 0);
});
