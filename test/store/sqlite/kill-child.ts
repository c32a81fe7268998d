import { rmSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { backupStore } from '../../../src/store/sqlite/operations/backup.ts';
import { compactAll } from '../../support/store-compaction.ts';
import { writerOn } from '../../support/store-dirs.ts';
import { at } from '../../support/store-questions.ts';
import { recordOf } from '../../support/store-records.ts';

/**
 * Appends batch after batch until it is killed, and says after each commit what it holds. Meanwhile hours are compacted and
 * rolled up, old detail is removed, and the store is copied. Arguments: the data directory, the number of the first batch,
 * which is appended again when it was there already, and where copies go.
 */

const [dataDir = '', first = '0', copies = ''] = process.argv.slice(2);
const processes = ['a', 'b', 'c'];
const hour = 3_600_000;
/** Twelve batches an hour: every second of running is days of the store's life. */
const batchMs = 300_000;

let nowMs = at(0) + Number(first) * batchMs;
const writer = writerOn(dataDir, {
  retention: { maxAgeMs: 30 * hour, rollup1hMaxAgeMs: 1e13, rollup1dMaxAgeMs: 1e13, maxBytes: 1e13 },
  monotonicMs: () => nowMs,
});
let maintaining: Promise<void> | undefined;
for (let batch = Number(first); ; batch++) {
  nowMs = at(0) + batch * batchMs;
  const records = processes.map((id) =>
    recordOf({
      process: `${id}${Math.floor(batch / 50)}`,
      slot: `${id}/app`,
      intervalMs: batchMs,
      stampMs: nowMs,
      samples: { 'main;always': [1, 1], [`main;batch;n${batch % 400}`]: [1, 0] },
    }),
  );
  const kinds = writer.append(records).map((outcome) => outcome.kind);
  process.stdout.write(`${batch} ${kinds.join(' ')}\n`);
  if (batch % 20 === 19) maintaining ??= maintain(nowMs, batch).finally(() => (maintaining = undefined));
  await setImmediate();
}

/** Side by side with the appends, as threads would. */
async function maintain(atMs: number, batch: number): Promise<void> {
  await compactAll(writer, dataDir, atMs);
  writer.retain(atMs);
  if (batch % 60 !== 59) return;
  rmSync(`${copies}/copy`, { recursive: true, force: true });
  await backupStore(dataDir, `${copies}/copy`);
}
