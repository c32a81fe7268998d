import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { openSqliteReader } from '../../../src/store/sqlite/reader.ts';
import { storeDir, writerOn } from '../../support/store-dirs.ts';
import { at } from '../../support/store-questions.ts';
import { recordOf, valuesByStack } from '../../support/store-records.ts';

const childFile = fileURLToPath(new URL('kill-child.ts', import.meta.url));
const kills = Number(process.env['STORE_KILLS'] ?? 6);

test(`${kills} times kill -9 in the middle of appends: what was acknowledged is there, exactly once`, async () => {
  const dataDir = storeDir();
  let acknowledged = -1;
  let found = -1;
  for (let kill = 0; kill < kills; kill++) {
    acknowledged = await appendUntilKilled(dataDir, found + 1, 3 + 11 * kill);
    assert.ok(acknowledged > found, 'the child got somewhere');
    checkIntegrity(dataDir);
    found = await newestBatch(dataDir);
    assert.ok(found === acknowledged || found === acknowledged + 1, `acknowledged ${acknowledged}, found ${found}`);
    await checkSums(dataDir, found);
  }
});

/** Kills the child in the middle of the batches that follow `batches` acknowledged ones. Returns the last acknowledged. */
async function appendUntilKilled(dataDir: string, first: number, batches: number): Promise<number> {
  const child: ChildProcess = spawn(process.execPath, [childFile, dataDir, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  assert.ok(child.stdout);
  const exit = once(child, 'exit');
  let last = first - 1;
  for await (const line of createInterface({ input: child.stdout })) {
    const [batch, ...kinds] = line.split(' ');
    last = Number(batch);
    assert.deepEqual(kinds, ['stored', 'stored', 'stored']);
    if (last - first >= batches) child.kill('SIGKILL');
  }
  await exit;
  return last;
}

function checkIntegrity(dataDir: string): void {
  for (const name of readdirSync(dataDir).filter((file) => /^(meta|head-.*)\.db$/.test(file))) {
    const database = new Database(join(dataDir, name), { readonly: true });
    assert.equal(database.pragma('integrity_check', { simple: true }), 'ok', name);
    database.close();
  }
}

/** The newest batch that is there, asked through a writer, which recovers first; storing it again is a duplicate. */
async function newestBatch(dataDir: string): Promise<number> {
  await using writer = writerOn(dataDir);
  const newest = writer.newest(recordOf({ process: 'a', stampMs: 0, samples: {} }).series);
  assert.ok(newest);
  return (newest.stampMs - at(0)) / 20_000;
}

async function checkSums(dataDir: string, lastBatch: number): Promise<void> {
  await using reader = openSqliteReader({ dataDir });
  const { profile, coverage } = reader.merge({
    selector: { kind: 'heap', matchers: [] },
    window: { fromMs: at(0), toMs: at(100_000) },
    aggregation: 'avg',
    peakType: { type: 'inuse_space', unit: 'bytes' },
  });
  const values = valuesByStack(profile, 'alloc_space');
  const { 'main;always': always, ...others } = values;
  assert.equal(coverage.profiles, 3 * (lastBatch + 1));
  assert.equal(always, BigInt(coverage.profiles));
  assert.equal(
    Object.values(others).reduce((sum, value) => sum + value, 0n),
    always,
  );
}
