import assert from 'node:assert/strict';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { ProfileWriter } from '../../../src/store/profile-store.ts';
import { openSqliteReader } from '../../../src/store/sqlite/reader.ts';
import { compactAll } from '../../support/store-compaction.ts';
import { writerOn } from '../../support/store-dirs.ts';
import { at } from '../../support/store-questions.ts';
import { recordOf, valuesByStack } from '../../support/store-records.ts';

/** Runs on a file system of a few megabytes that is its own: fills it until nothing fits, frees some, and goes on. */

const [mount = ''] = process.argv.slice(2);
const dataDir = join(mount, 'data');
const hour = 3_600_000;
const ballast = join(mount, 'ballast');
let next = 0;

{
  // No floor: SQLite itself meets the end of the disk in the middle of a commit.
  await using writer = writerOn(dataDir);
  fillDisk(300_000);
  const stored = appendUntilFull(writer);
  assert.ok(stored > 0);
  await assertHolds(stored);

  await assert.rejects(compactAll(writer, dataDir, at(next) + 10 * hour), /full/i);
  await assertHolds(stored);
  assert.match(writer.stats().fullBecause ?? '', /full/);

  rmSync(ballast);
  await setTimeout(1100);
  const more = appendSome(writer, 20);
  await compactAll(writer, dataDir, at(next) + 10 * hour);
  await assertHolds(stored + more);
}
{
  // With a floor: refused before anything is written, and by itself no more once there is room.
  await using writer = writerOn(dataDir, { minFreeBytes: 1_000_000 });
  fillDisk(900_000);
  await setTimeout(1100);
  assert.throws(() => appendSome(writer, 1), { code: 'storage_full' });
  await assertHolds(next);
  rmSync(ballast);
  await setTimeout(1100);
  appendSome(writer, 1);
  await assertHolds(next);
}
process.stdout.write('done\n');

function record() {
  const stacks = Array.from({ length: 200 }, (_, at): [string, [number, number]] => [
    `main;f${(at * 7 + next) % 3000};g${next % 50}`,
    [0, at * 1000 + next],
  ]);
  return recordOf({
    stampMs: at(next),
    samples: { 'main;always': [1, 0], ...Object.fromEntries(stacks) },
  });
}

function appendSome(writer: ProfileWriter, count: number): number {
  for (let left = count; left > 0; left--) {
    assert.equal(writer.append([record()])[0]?.kind, 'stored');
    next++;
  }
  return count;
}

function appendUntilFull(writer: ProfileWriter): number {
  for (let stored = 0; stored < 5000; stored++) {
    try {
      appendSome(writer, 1);
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'storage_full');
      return stored;
    }
  }
  throw new Error('the disk never was full');
}

/** Leaves about so much free. */
function fillDisk(leftBytes: number): void {
  const { bavail, bsize } = statfsSync(mount);
  writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - leftBytes), 1));
}

/** Reading goes on, and finds what was acknowledged, once. */
async function assertHolds(profiles: number): Promise<void> {
  await using reader = openSqliteReader({ dataDir });
  const { profile, coverage } = reader.merge({
    selector: { kind: 'heap', matchers: [] },
    window: { fromMs: at(0), toMs: at(next) + 100 * hour },
    aggregation: 'avg',
    peakType: { type: 'inuse_space', unit: 'bytes' },
  });
  assert.equal(coverage.profiles, profiles);
  assert.equal(valuesByStack(profile, 'alloc_space')['main;always'], BigInt(profiles));
}
