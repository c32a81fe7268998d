import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { openSqliteGrowth } from '../../../../src/store/sqlite/growth/growth.ts';
import { statStore } from '../../../../src/store/sqlite/operations/stat.ts';
import { verifyStore } from '../../../../src/store/sqlite/operations/verify.ts';
import { openSqliteState } from '../../../../src/store/sqlite/state.ts';
import { compactAll } from '../../../support/store-compaction.ts';
import { storeDir, writerOn } from '../../../support/store-dirs.ts';
import { at as minutesAfterTen } from '../../../support/store-questions.ts';
import { recordOf } from '../../../support/store-records.ts';

const hour = 3_600_000;
/** Minutes after noon. */
const at = (minutes: number): number => minutesAfterTen(minutes - 600);

/** Four hours of one process: two of them compacted and rolled up, two still heads. Closed. */
async function smallStore(): Promise<string> {
  const dataDir = storeDir();
  await using writer = writerOn(dataDir);
  await using _state = openSqliteState({ dataDir, synchronous: 'normal' });
  for (let minutes = 1; minutes < 240; minutes += 2) {
    const samples = { 'main;a': [minutes, 900 + (minutes % 7)], [`main;b${minutes % 20}`]: [1, 2 ** 40] };
    writer.append([recordOf({ stampMs: at(minutes), samples, spanMs: 120_000 })]);
  }
  await compactAll(writer, dataDir, at(120) + hour / 2);
  return dataDir;
}

function verdicts(dataDir: string) {
  return [...verifyStore(dataDir)];
}

test('a sound store is read to its last value and nothing is found', async () => {
  const dataDir = await smallStore();
  const found = verdicts(dataDir);
  assert.deepEqual(
    found.map(({ file, checked }) => [file, checked]),
    [
      ['meta.db', 1],
      ['state.db', 1],
      ['head-20231114T14.db', 30],
      ['head-20231114T15.db', 30],
      // Two hours, and for two a copy of what stands into them.
      ['detail-20231114.db', 4],
      ['roll1h-202311.db', 2],
    ],
  );
  assert.deepEqual(
    found.flatMap(({ findings }) => findings),
    [],
  );
});

test('a damaged blob of a chunk is found, with its file and its hour', async () => {
  const dataDir = await smallStore();
  const file = nameOf(dataDir, /^detail-/);
  const database = new Database(join(dataDir, file));
  const { id, data } = database.prepare('SELECT id, data FROM chunk_sum LIMIT 1').get() as { id: number; data: Buffer };
  data[data.length - 6] = (data[data.length - 6] ?? 0) ^ 1;
  database.prepare('UPDATE chunk_sum SET data = ? WHERE id = ?').run(data, id);
  database.close();
  const findings = verdicts(dataDir).flatMap((verdict) => verdict.findings);
  assert.deepEqual(
    findings.map((finding) => [finding.file, finding.hourMs]),
    [[file, at(0)]],
  );
});

test('a page of zeros is found', async () => {
  const dataDir = await smallStore();
  for (const [pattern, page] of [
    [/^detail-/, 6],
    [/^roll1h-/, 5],
    [/^head-/, 3],
  ] as const) {
    const file = join(dataDir, nameOf(dataDir, pattern));
    const bytes = readFileSync(file);
    const damaged = Buffer.from(bytes);
    const pageSize = bytes.readUInt16BE(16);
    damaged.fill(0, (page - 1) * pageSize, page * pageSize);
    writeFileSync(file, damaged);
    const findings = verdicts(dataDir).flatMap((verdict) => verdict.findings);
    assert.ok(findings.length > 0 && findings.every((finding) => file.endsWith(finding.file)), String(pattern));
    writeFileSync(file, bytes);
  }
  assert.deepEqual(
    verdicts(dataDir).flatMap(({ findings }) => findings),
    [],
  );
});

test('floors are read to the last value, and damaged ones are found with their hour', async () => {
  const dataDir = await smallStore();
  const bucketMs = 600_000;
  {
    await using store = openSqliteGrowth({ dataDir, synchronous: 'normal' });
    for (let bucket = 36; bucket < 75; bucket++) {
      store.saveFloors(bucketMs, 'live', [
        {
          workload: { namespace: '', workloadKind: '', workload: 'w', container: '' },
          process: { id: 'p', slot: '', pod: '', revision: '', startedMs: undefined },
          bucket,
          goroutines: bucket % 7,
          functions: [{ id: 'f', name: 'main.f', bytes: bucket ** 5, objects: bucket % 11, allocBytes: 3 ** bucket }],
        },
      ]);
    }
    while (store.prune(0, 0));
  }
  const ofState = () => verdicts(dataDir).find(({ file }) => file === 'state.db');
  // The pages, three buckets and a block.
  assert.deepEqual(ofState(), { file: 'state.db', checked: 5, findings: [] });
  const { growth } = statStore(dataDir);
  assert.deepEqual([growth?.openFloors, growth?.floorBlocks, growth?.functions], [3, 1, 1]);
  const database = new Database(join(dataDir, 'state.db'));
  database.prepare('UPDATE floor_piece SET data = substr(data, 1, 20)').run();
  database.close();
  const findings = ofState()?.findings ?? [];
  assert.deepEqual(
    findings.map(({ hourMs }) => hourMs),
    [36 * bucketMs],
  );
  assert.match(findings[0]?.what ?? '', /^the floors of process 1: stored bits end early/);
});

test('stat counts what each file holds and what waits', async () => {
  const dataDir = await smallStore();
  const { files, series, processes, partitions, waiting, damagedHours } = statStore(dataDir);
  assert.deepEqual(
    files.map(({ kind, state, rows }) => [kind, state, rows]),
    [
      ['meta', 'open', undefined],
      ['state', 'open', undefined],
      ['detail', 'open', 4],
      ['head', 'open', 30],
      ['head', 'open', 30],
      ['roll1h', 'open', 2],
    ],
  );
  assert.deepEqual({ series, processes, partitions }, { series: 1, processes: 1, partitions: 1 });
  // What stands into the hour that is being written waits with it.
  assert.deepEqual(waiting, { heads: 0, chunks: 0, hours: 1, days: 1 });
  assert.deepEqual(damagedHours, []);
  assert.ok(files.every(({ bytes }) => bytes > 0));
});

function nameOf(dataDir: string, pattern: RegExp): string {
  return readdirSync(dataDir).find((name) => pattern.test(name) && name.endsWith('.db')) ?? '';
}
