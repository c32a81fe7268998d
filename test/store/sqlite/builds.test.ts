import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSqliteReader } from '../../../src/store/sqlite/reader.ts';
import { storeDir, writerOn } from '../../support/store-dirs.ts';
import { recordOf } from '../../support/store-records.ts';

const noonMs = Date.UTC(2026, 2, 1, 12);
const minute = 60_000;
const hour = { fromMs: noonMs, toMs: noonMs + 60 * minute };
const digest = 'ab'.repeat(32);

const scrape = (
  process: string,
  minutes: number,
  more: { readonly build?: string; readonly startedMs?: number } = {},
) => recordOf({ ...more, process, stampMs: noonMs + minutes * minute, samples: { main: [1, 1] } });

test('a series tells what was built, when its process started and ended, and how far its scrapes are apart', async () => {
  const dataDir = storeDir();
  await using writer = writerOn(dataDir);
  writer.append([scrape('new', 1, { build: digest, startedMs: noonMs - 5 }), scrape('upload', 2)]);
  writer.endProcess('new', noonMs + 90_000);
  await using reader = openSqliteReader({ dataDir });
  assert.deepEqual(
    reader
      .series([], hour)
      .map(({ processId, build, startedMs, endedMs, intervalMs }) => [
        processId,
        build,
        startedMs,
        endedMs,
        intervalMs,
      ]),
    [
      ['new', digest, noonMs - 5, noonMs + 90_000, minute],
      ['upload', undefined, undefined, undefined, minute],
    ],
  );
});

test('a process of which only the process was known gets its build with the next profile, and keeps it', async () => {
  const dataDir = storeDir();
  await using writer = writerOn(dataDir);
  await using reader = openSqliteReader({ dataDir });
  const builds = () => reader.series([], hour).map(({ build }) => build);
  writer.append([scrape('a', 1)]);
  assert.deepEqual(builds(), [undefined]);
  writer.append([scrape('a', 2, { build: digest })]);
  assert.deepEqual(builds(), [digest]);
  writer.append([scrape('a', 3)]);
  writer.endProcess('a', noonMs + 4 * minute);
  assert.deepEqual(builds(), [digest]);
});
