import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SeriesRows } from '../../../../src/store/sqlite/catalogue/series-rows.ts';
import { type Connection, openDatabase } from '../../../../src/store/sqlite/files/database.ts';
import { Statements } from '../../../../src/store/sqlite/files/statements.ts';
import { temporaryFolder } from '../../../support/daemon.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const many = 100_001;

async function rowsOfMany(t: { after(cleanUp: () => Promise<void>): void }): Promise<[SeriesRows, Connection]> {
  const connection = openDatabase(join(await temporaryFolder(t), 'meta.db'), 'meta', 'normal');
  t.after(async () => {
    connection.close();
  });
  connection.exec(`
    WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${many - 1})
    INSERT INTO process (identity, slot, first_ms, changed) SELECT 'p' || i, '', i, 1 FROM n`);
  return [new SeriesRows(new Statements(connection), () => 2), connection];
}

test('a process that a series holds stays one row, however many processes are met after it', async (t) => {
  const [rows, connection] = await rowsOfMany(t);
  const held = rows.process('p0');
  assert.ok(held);
  for (let process = 1; process < many; process++) rows.process(`p${process}`);
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  const again = rows.process('p0');
  assert.ok(again);
  again.endedMs = 5_000;
  rows.saveProcess(again);
  // The series writes the row as it holds it: it must have heard of the end.
  rows.saveProcess(held);
  const ended = connection.prepare("SELECT ended_ms FROM process WHERE identity = 'p0'").pluck().get();
  assert.equal(ended, 5_000);
});

test('a process that nobody holds is read again', async (t) => {
  const [rows, connection] = await rowsOfMany(t);
  assert.equal(rows.process('p7')?.firstMs, 7);
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  connection.exec("UPDATE process SET first_ms = 3 WHERE identity = 'p7'");
  assert.equal(rows.process('p7')?.firstMs, 3);
});
