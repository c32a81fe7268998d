import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { openSqliteReader } from '../../../src/store/sqlite/reader.ts';
import { compactAll } from '../../support/store-compaction.ts';
import { storeDir, writerOn } from '../../support/store-dirs.ts';
import { at } from '../../support/store-questions.ts';
import { recordOf, valuesByStack } from '../../support/store-records.ts';

const childFile = fileURLToPath(new URL('kill-child.ts', import.meta.url));
const kills = Number(process.env['STORE_KILLS'] ?? 6);
const batchMs = 300_000;

test(`${kills} times kill -9 amid appends, compaction, roll-ups, retention and copying: what was acknowledged is there, once`, async () => {
  const dataDir = storeDir();
  const copies = storeDir();
  let found = -1;
  for (let kill = 0; kill < kills; kill++) {
    const acknowledged = await appendUntilKilled(dataDir, found + 1, copies, killAfterMs(kill));
    checkIntegrity(dataDir);
    found = await newestBatch(dataDir, found);
    assert.ok(found === acknowledged || found === acknowledged + 1, `acknowledged ${acknowledged}, found ${found}`);
    await checkSums(dataDir, found);
    if (existsSync(join(copies, 'copy'))) await checkCopy(join(copies, 'copy'), found);
  }
  await using writer = writerOn(dataDir);
  await compactAll(writer, dataDir, at(0) + (found + 1000) * batchMs);
  await checkSums(dataDir, found);
});

/** From a moment after the start to some compactions later; every kill hits another moment. */
function killAfterMs(kill: number): number {
  return 20 + ((kill * 7919) % 397);
}

/** Kills the child some time after its first commit. Returns the last acknowledged batch. */
async function appendUntilKilled(dataDir: string, first: number, copies: string, afterMs: number): Promise<number> {
  const child: ChildProcess = spawn(process.execPath, [childFile, dataDir, String(first), copies], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  assert.ok(child.stdout);
  const exit = once(child, 'exit');
  let last = first - 1;
  for await (const line of createInterface({ input: child.stdout })) {
    const [batch, ...kinds] = line.split(' ');
    if (kinds.length < 3) continue;
    if (last < first) setTimeout(() => child.kill('SIGKILL'), afterMs);
    last = Number(batch);
    const isRepeated = last === first && kinds.every((kind) => kind === 'duplicate');
    assert.ok(isRepeated || kinds.every((kind) => kind === 'stored'), line);
  }
  assert.deepEqual(await exit, [null, 'SIGKILL']);
  assert.ok(last >= first, 'the child got somewhere');
  return last;
}

function checkIntegrity(dataDir: string): void {
  for (const name of readdirSync(dataDir).filter((file) => file.endsWith('.db') && file !== 'lock.db')) {
    // Open for writing: a file that was being made has a journal to be rolled back first.
    const database = new Database(join(dataDir, name));
    assert.equal(database.pragma('integrity_check', { simple: true }), 'ok', name);
    database.close();
  }
}

/** The newest batch that is there, asked through a writer, which recovers first. */
async function newestBatch(dataDir: string, from: number): Promise<number> {
  await using writer = writerOn(dataDir);
  let newest = from;
  for (let life = Math.max(0, Math.floor(from / 50)); ; life++) {
    const { series } = recordOf({ process: `a${life}`, slot: 'a/app', stampMs: 0, samples: {} });
    const stampMs = writer.newest(series)?.stampMs;
    if (stampMs === undefined) return newest;
    newest = (stampMs - at(0)) / batchMs;
  }
}

async function sumsOf(
  dataDir: string,
  lastBatch: number,
): Promise<{ profiles: number; always: bigint; others: bigint }> {
  await using reader = openSqliteReader({ dataDir });
  const { profile, coverage } = reader.merge({
    selector: { kind: 'heap', matchers: [] },
    window: { fromMs: at(0), toMs: at(0) + (lastBatch + 100) * batchMs },
    aggregation: 'avg',
    peakType: { type: 'inuse_space', unit: 'bytes' },
  });
  const { 'main;always': always = 0n, ...others } = valuesByStack(profile, 'alloc_space');
  return { profiles: coverage.profiles, always, others: Object.values(others).reduce((sum, value) => sum + value, 0n) };
}

async function checkSums(dataDir: string, lastBatch: number): Promise<void> {
  const { profiles, always, others } = await sumsOf(dataDir, lastBatch);
  assert.equal(profiles, 3 * (lastBatch + 1));
  assert.equal(always, BigInt(profiles));
  assert.equal(others, always);
}

/** A copy is of some moment; it holds whole batches, each once. */
async function checkCopy(copy: string, lastBatch: number): Promise<void> {
  checkIntegrity(copy);
  const { profiles, always, others } = await sumsOf(copy, lastBatch);
  assert.ok(profiles > 0 && profiles <= 3 * (lastBatch + 1) && profiles % 3 === 0, `${profiles}`);
  assert.equal(always, BigInt(profiles));
  assert.equal(others, always);
}
