import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { asyncProperty, assert as check, nat } from 'fast-check';
import type { ProfileReader } from '../../../../src/store/profile-store.ts';
import { openSqliteReader } from '../../../../src/store/sqlite/reader.ts';
import {
  matchersOf,
  type StoryQuestion,
  stories,
  storyQuestions,
  storyStartMs,
  tellStory,
  windowOf,
} from '../../../support/store-arbitrary.ts';
import { compactAll } from '../../../support/store-compaction.ts';
import { storeDir, writerOn } from '../../../support/store-dirs.ts';
import { valuesByStack } from '../../../support/store-records.ts';

const runs = Number(process.env['STORE_PLAN_RUNS'] ?? 8);
const hour = 3_600_000;

test('whatever a merge is answered from, heads, chunks or roll-ups, the whole answer is the same', async () => {
  await check(
    asyncProperty(stories, storyQuestions, nat(6), async (events, questions, hidden) => {
      const dataDir = storeDir();
      await using writer = writerOn(dataDir, { maxPartitionSize: 7 });
      await using reader = openSqliteReader({ dataDir, maxCachedNodes: 5, maxOpenFiles: 3 });
      tellStory(writer, events);
      const fromHeads = questions.map((question) => answerTo(reader, question));
      await compactAll(writer, dataDir, storyStartMs + 1000 * hour);
      const compare = (from: string): void =>
        questions.forEach((question, at) => assert.deepEqual(answerTo(reader, question), fromHeads[at], from));
      compare('roll-ups, chunks for the rest');
      uncount(dataDir, `UPDATE hour SET rolled = 0 WHERE hour % 7 = ${hidden}`);
      compare('some hours are not rolled');
      uncount(dataDir, 'UPDATE day SET rolled = 0');
      compare('no day is');
      uncount(dataDir, 'UPDATE hour SET rolled = 0');
      compare('no hour is: chunks alone');
    }),
    { numRuns: runs },
  );
});

/** As a writer would: roll-ups count no more, and readers look anew. */
function uncount(dataDir: string, sql: string): void {
  const meta = new Database(join(dataDir, 'meta.db'));
  meta.transaction(() => {
    meta.exec(sql);
    meta.exec(`UPDATE setting SET value = value + 1 WHERE name = 'layout'`);
  })();
  meta.close();
}

/** All of an answer, with stacks as texts, and what a tree of function names and one type alone come to. */
function answerTo(reader: ProfileReader, question: StoryQuestion) {
  const { kind, type, unit } = question.kind;
  const request = {
    selector: { kind, matchers: matchersOf(question.matcher) },
    window: windowOf(question),
    aggregation: question.aggregation,
    peakType: { type, unit },
  };
  const { profile, temporalities, coverage } = reader.merge(request);
  const { header, sampleTypes, divisors } = profile;
  const values = Object.fromEntries(sampleTypes.map((one) => [one.type, valuesByStack(profile, one.type)]));
  const alone = reader.merge({ ...request, types: [{ type, unit }] });
  assert.deepEqual(valuesByStack(alone.profile, type), values[type] ?? {}, 'one type alone');
  assert.deepEqual(alone.coverage, coverage);
  assert.equal(alone.profile.sampleTypes.length, sampleTypes.length === 0 ? 0 : 1);
  const { tree, ...rest } = reader.callTree({ ...request, type: { type, unit }, maxNodes: Infinity });
  assert.deepEqual(rest.coverage, coverage);
  assert.deepEqual(rest.sampleTypes, sampleTypes);
  const total = Object.values(values[type] ?? {}).reduce((sum, value) => sum + value, 0n);
  assert.equal(BigInt(tree?.total[0] ?? 0), total);
  return { values, header, sampleTypes, divisors, temporalities, coverage };
}
