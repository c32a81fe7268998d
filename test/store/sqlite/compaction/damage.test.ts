import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { compactStore } from '../../../../src/store/sqlite/compaction/compactor.ts';
import { openDatabase } from '../../../../src/store/sqlite/files/database.ts';
import { quietMs } from '../../../../src/store/sqlite/heads/sealing.ts';
import { drawnChunks, logicalContent, metaRows } from '../../../support/store-chunks.ts';
import { compactAll } from '../../../support/store-compaction.ts';
import { storeDir, writerOn } from '../../../support/store-dirs.ts';
import { at, gauge, minute } from '../../../support/store-questions.ts';
import { recordOf } from '../../../support/store-records.ts';

const endMs = at(100 * 60);

/** Two hours of a process with slow scrapes, of which the first is compacted and the second sealed. */
async function twoHours() {
  const dataDir = storeDir();
  const writer = writerOn(dataDir, { now: () => at(0) });
  const slow = { intervalMs: 20 * minute };
  writer.append([10, 30, 50].map((minutes) => recordOf(gauge(at(minutes), 5, slow))));
  await compactAll(writer, dataDir, at(115));
  writer.append([70, 90].map((minutes) => recordOf(gauge(at(minutes), 7, slow))));
  writer.seal(endMs - quietMs);
  writer.seal(endMs);
  return { dataDir, writer, run: () => compactStore({ dataDir, nowMs: endMs, synchronous: 'normal', maxBytes: 1e13 }) };
}

/** Writes zeros over a page of a file: the root of a table or an index. */
function scribble(path: string, schema: 'head' | 'detail', root: string): void {
  const file = openDatabase(path, schema, 'normal');
  const page = Number(file.prepare('SELECT rootpage FROM sqlite_master WHERE name LIKE ?').pluck().get(root));
  const size = Number(file.pragma('page_size', { simple: true }));
  file.close();
  const bytes = readFileSync(path);
  bytes.fill(0, (page - 1) * size, page * size);
  writeFileSync(path, bytes);
}

test('a detail file that cannot be written any more takes no more hours: the next ones go to a new file', async () => {
  const { dataDir, writer, run } = await twoHours();
  scribble(join(dataDir, 'detail-20231114.db'), 'detail', 'sqlite_autoindex_chunk_1');

  const [failure] = (await run()).failures;
  assert.match(failure?.message ?? '', /detail-20231114\.db.*malformed/);
  assert.equal(failure?.damagedHourMs, undefined, 'it is not known to be of any hour');

  const again = await run();
  assert.deepEqual(
    again.hours.map(({ file }) => file),
    ['head-20231114T23.db'],
  );
  const files = metaRows<{ name: string; to_ms: number }>(
    dataDir,
    `SELECT name, to_ms FROM file WHERE kind = 'detail' ORDER BY from_ms`,
  );
  assert.deepEqual(files, [
    { name: 'detail-20231114.db', to_ms: at(60) },
    { name: 'detail-20231114T23-1h.db', to_ms: at(120) },
  ]);
  await writer[Symbol.asyncDispose]();
});

test('a detail file that is no database any more is left as it is, and the next hours go to a new file', async () => {
  const { dataDir, writer, run } = await twoHours();
  writeFileSync(join(dataDir, 'detail-20231114.db'), 'no database at all, but long enough to be looked at'.repeat(100));
  const { failures } = await run();
  assert.match(failures[0]?.message ?? '', /detail-20231114\.db.*not a database/);
  assert.deepEqual(
    (await run()).hours.map(({ file }) => file),
    ['head-20231114T23.db'],
  );
  await writer[Symbol.asyncDispose]();
});

test('a damaged head is told with its hour; once that is quarantined nothing waits for it', async () => {
  const dataDir = storeDir();
  const writer = writerOn(dataDir, { now: () => at(0) });
  writer.append([10, 70, 130].map((minutes) => recordOf(gauge(at(minutes), 5))));
  writer.seal(endMs - quietMs);
  writer.seal(endMs);
  scribble(join(dataDir, 'head-20231114T23.db'), 'head', 'profile');
  const run = () => compactStore({ dataDir, nowMs: endMs, synchronous: 'normal', maxBytes: 1e13 });

  const first = await run();
  assert.deepEqual(
    first.failures.map(({ doing, damagedHourMs }) => [doing, damagedHourMs]),
    // The profile of the first hour has a next one in the damaged hour, for all that is known.
    [
      ['compacting head-20231114T22.db', at(60)],
      ['compacting head-20231114T23.db', at(60)],
    ],
  );
  writer.quarantine(at(60), first.failures[0]?.message ?? '');

  const second = await run();
  assert.deepEqual(second.failures, []);
  assert.deepEqual([second.hours.length + first.hours.length, second.hoursToRoll], [2, 0]);
  assert.deepEqual(metaRows(dataDir, 'SELECT rolled, damaged IS NOT NULL AS damaged FROM hour ORDER BY hour'), [
    { rolled: 1, damaged: 0 },
    { rolled: 0, damaged: 1 },
    { rolled: 1, damaged: 0 },
  ]);
  assert.deepEqual(metaRows(dataDir, 'SELECT rolled FROM day'), [{ rolled: 1 }, { rolled: 1 }]);
  assert.equal(drawnChunks(dataDir).length, 2);
  await writer[Symbol.asyncDispose]();
});

test('a damaged roll-up of an hour is made anew from its chunks before its day is rolled up', async () => {
  const dataDir = storeDir();
  const writer = writerOn(dataDir, { now: () => at(0) });
  writer.append([10, 70].map((minutes) => recordOf(gauge(at(minutes), 5))));
  await compactAll(writer, dataDir, endMs);
  const whole = logicalContent(dataDir);
  const rolls = openDatabase(join(dataDir, 'roll1h-202311.db'), 'roll', 'normal');
  rolls.exec('UPDATE roll_sum SET data = zeroblob(length(data)) WHERE id / 256 = (SELECT min(id) FROM roll)');
  rolls.close();
  // Something made the day to be rolled up again.
  const meta = openDatabase(join(dataDir, 'meta.db'), 'meta', 'normal');
  meta.exec('UPDATE day SET rolled = 0');
  meta.close();
  const run = () => compactStore({ dataDir, nowMs: endMs, synchronous: 'normal', maxBytes: 1e13 });

  const [failure] = (await run()).failures;
  assert.match(`${failure?.doing}: ${failure?.message}`, /rolling up the day.*roll1h-202311\.db/);
  assert.equal(failure?.damagedHourMs, undefined, 'the detail of the hour is whole');
  assert.deepEqual((await run()).failures, []);
  assert.deepEqual(logicalContent(dataDir), whole);
  await writer[Symbol.asyncDispose]();
});
