import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import type { Matcher } from '../../../../src/model/selector.ts';
import type { ProfileReader, ProfileWriter } from '../../../../src/store/profile-store.ts';
import { openSqliteReader } from '../../../../src/store/sqlite/reader.ts';
import { compactAll } from '../../../support/store-compaction.ts';
import { storeDir, writerOn } from '../../../support/store-dirs.ts';
import { at, gauge, minute } from '../../../support/store-questions.ts';
import { recordOf, valuesByStack } from '../../../support/store-records.ts';

/**
 * The store is rewritten in the middle of a question: after the reader has looked at the catalogue, before it opens a file. A
 * matcher whose value is asked for at that moment makes it happen.
 */

const day = 24 * 60 * minute;
const firstHead = 'head-20231114T22.db';

function matcherThat(happens: () => void): Matcher {
  return {
    name: 'workload',
    operator: '=~',
    get value() {
      happens();
      return '.*';
    },
  };
}

/** The answers to all kinds of questions, each with the event in its middle; how often it came, once for each attempt. */
function answersWith(reader: ProfileReader, event: () => void) {
  const window = { fromMs: at(0), toMs: at(180) };
  const type = { type: 'inuse_space', unit: 'bytes' };
  const happenings: number[] = [];
  const withEvent = <Answer>(ask: (matchers: readonly Matcher[]) => Answer): Answer => {
    let times = 0;
    const answer = ask([matcherThat(() => (times++, event()))]);
    happenings.push(times);
    return answer;
  };
  const merge = withEvent((matchers) =>
    reader.merge({ selector: { kind: 'heap', matchers }, window, aggregation: 'avg', peakType: type }),
  );
  const totals = withEvent((matchers) =>
    reader.totals({ selector: { kind: 'heap', matchers }, window, type, stepMs: minute, groupBy: [] }),
  );
  const series = withEvent((matchers) => reader.series(matchers, window));
  const profiles = withEvent((matchers) => reader.profiles({ kind: 'heap', matchers }, window, 10));
  const { coverage } = merge;
  return {
    answers: {
      held: valuesByStack(merge.profile, 'inuse_space'),
      observed: coverage.observedSeconds,
      totals: totals.series,
      series,
      profiles,
    },
    notes: [coverage, totals].map(({ partial, warnings }) => ({ partial, warnings })),
    happenings,
  };
}

const whole = { partial: false, warnings: [] };

async function storeOfThreeHours(dataDir: string): Promise<ProfileWriter> {
  const writer = writerOn(dataDir);
  for (const minutes of [1, 30, 59, 61, 119, 125]) writer.append([recordOf(gauge(at(minutes), minutes))]);
  return writer;
}

/** Runs once on `meta.db`, as a commit of its writer. */
function commit(dataDir: string, sql: string): void {
  const meta = new Database(join(dataDir, 'meta.db'));
  meta.transaction(() => {
    meta.exec(sql);
    meta.exec(`UPDATE setting SET value = value + 1 WHERE name = 'layout'`);
  })();
  meta.close();
}

test('a head that is compacted and unlinked in the middle of a question is answered from its chunks', async () => {
  const dataDir = storeDir();
  await using writer = await storeOfThreeHours(dataDir);
  await using before = openSqliteReader({ dataDir });
  const expected = answersWith(before, () => {});
  // Compaction dies when the chunks are there, just before they count.
  const isDead = (step: string): void => assert.notEqual(step, 'chunks synced');
  await assert.rejects(compactAll(writer, dataDir, at(0) + day, { onStep: isDead }));
  await using reader = openSqliteReader({ dataDir });
  let isFlipped = false;
  const found = answersWith(reader, () => {
    if (isFlipped) return;
    isFlipped = true;
    commit(
      dataDir,
      `UPDATE file SET state = 'compacted' WHERE name = '${firstHead}';
       INSERT INTO hour (hour, rolled) VALUES (${at(0) / (60 * minute)}, 0)`,
    );
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(dataDir, firstHead + suffix), { force: true });
  });
  assert.ok(isFlipped);
  assert.deepEqual(found.answers, expected.answers);
  assert.deepEqual(found.notes, [whole, whole]);
  assert.equal(found.happenings[0], 2 * (expected.happenings[0] ?? 0), 'the first question was asked twice');
});

test('a layout that changes in the middle of a question makes it ask once more', async () => {
  const dataDir = storeDir();
  await using writer = await storeOfThreeHours(dataDir);
  await compactAll(writer, dataDir, at(0) + day);
  await using reader = openSqliteReader({ dataDir });
  const expected = answersWith(reader, () => {});
  let times = 0;
  const found = answersWith(openSqliteReader({ dataDir }), () => {
    if (times++ === 0) commit(dataDir, '');
  });
  assert.deepEqual(found.answers, expected.answers);
  assert.deepEqual(found.notes, [whole, whole]);
  assert.equal(found.happenings[0], (expected.happenings[0] ?? 0) * 2);
});

test('a store that is rewritten again and again is answered as it is, and the answer says so', async () => {
  const dataDir = storeDir();
  await using writer = await storeOfThreeHours(dataDir);
  await compactAll(writer, dataDir, at(0) + day);
  await using reader = openSqliteReader({ dataDir });
  const expected = answersWith(reader, () => {});
  const found = answersWith(reader, () => commit(dataDir, ''));
  assert.deepEqual(found.answers, expected.answers);
  const warnings = ['the store was rewritten while this was answered: ask again for the whole'];
  assert.deepEqual(found.notes, [
    { partial: true, warnings },
    { partial: true, warnings },
  ]);
  assert.deepEqual(
    found.happenings,
    expected.happenings.map((times) => 4 * times),
    'four attempts each',
  );
});

test('a file that is gone though it is listed is left out in the end, by name', async () => {
  const dataDir = storeDir();
  {
    await using _writer = await storeOfThreeHours(dataDir);
  }
  await using reader = openSqliteReader({ dataDir });
  rmSync(join(dataDir, firstHead));
  const { answers, notes } = answersWith(reader, () => {});
  assert.deepEqual(
    answers.profiles.map(({ stampMs }) => (stampMs - at(0)) / minute),
    [125, 119, 61],
  );
  const warnings = [`${firstHead} was removed while this was answered: ask again for the whole`];
  assert.deepEqual(notes, [
    { partial: true, warnings },
    { partial: true, warnings },
  ]);
});

test('symbols that are dropped in the middle of a question make it ask once more', async () => {
  const dataDir = storeDir();
  await using _writer = await storeOfThreeHours(dataDir);
  await using reader = openSqliteReader({ dataDir });
  const expected = answersWith(reader, () => {});
  let times = 0;
  const found = answersWith(reader, () => {
    if (times++ === 0) commit(dataDir, `INSERT OR REPLACE INTO setting (name, value) VALUES ('pruned', 'now')`);
  });
  assert.deepEqual(found.answers, expected.answers);
  assert.deepEqual(found.notes, [whole, whole]);
  assert.ok((found.happenings[0] ?? 0) > (expected.happenings[0] ?? 0));
});
