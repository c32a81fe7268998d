import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { asyncProperty, assert as check, constantFrom } from 'fast-check';
import { profileTypeOf } from '../../../../src/model/profile-type.ts';
import { answerQuestion } from '../../../../src/query/engine-local.ts';
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
const laterMs = storyStartMs + 1000 * hour;

const groupings = constantFrom<readonly string[] | undefined>(
  undefined,
  [],
  ['workload'],
  ['pod'],
  ['node', 'workload'],
);

test('lists, single profiles, totals and stats are the same from heads, from chunks and from roll-ups', async () => {
  await check(
    asyncProperty(stories, storyQuestions, groupings, async (events, questions, groupBy) => {
      const dataDir = storeDir();
      await using writer = writerOn(dataDir, { maxPartitionSize: 7 });
      await using reader = openSqliteReader({ dataDir, maxCachedNodes: 5, maxOpenFiles: 3 });
      tellStory(writer, events);
      const fromHeads = questions.map((question) => answersTo(reader, question, groupBy));
      const stats = statsOf(reader);
      const compare = (from: string): void => {
        for (const [at, question] of questions.entries()) {
          assert.deepEqual(answersTo(reader, question, groupBy), fromHeads[at], from);
        }
        assert.deepEqual(statsOf(reader), stats, from);
      };
      await compactAll(writer, dataDir, laterMs);
      compare('roll-ups and chunks');
      uncountRolls(dataDir);
      compare('chunks alone');
    }),
    { numRuns: runs },
  );
});

/** As a writer would: roll-ups count no more, and readers look anew. */
function uncountRolls(dataDir: string): void {
  const meta = new Database(join(dataDir, 'meta.db'));
  meta.transaction(() => {
    meta.exec('UPDATE hour SET rolled = 0');
    meta.exec('UPDATE day SET rolled = 0');
    meta.exec(`UPDATE setting SET value = value + 1 WHERE name = 'layout'`);
  })();
  meta.close();
}

function answersTo(reader: ProfileReader, drawn: StoryQuestion, groupBy: readonly string[] | undefined) {
  const window = windowOf(drawn);
  const matchers = matchersOf(drawn.matcher);
  const { kind, type, unit } = drawn.kind;
  const selector = { kind, matchers };
  const listed = listedIn(reader, selector, window);
  const isFine = (window.toMs - window.fromMs) / drawn.stepMs > 400;
  const request = { selector, window, type: { type, unit }, stepMs: drawn.stepMs };
  return {
    series: reader.series(matchers, window, drawn.matcher % 2 === 0 ? kind : undefined),
    listed,
    profiles: listed.slice(0, 6).map(({ id }) => profileAs(reader, id)),
    totals: isFine ? undefined : reader.totals(groupBy ? { ...request, groupBy } : request),
    range: isFine ? undefined : rangeAnswer(reader, drawn, groupBy ?? []),
  };
}

/** Page by page. */
function listedIn(
  reader: ProfileReader,
  ...[selector, window]: Parameters<ProfileReader['profiles']> extends [infer A, infer B, ...unknown[]] ? [A, B] : never
) {
  const all = reader.profiles(selector, window, 10_000);
  const paged: typeof all = [];
  for (;;) {
    const page = reader.profiles(selector, window, 4, paged.at(-1)?.id);
    paged.push(...page);
    if (page.length < 4) break;
  }
  assert.deepEqual(paged, all, 'pages add up to the list');
  return all;
}

function profileAs(reader: ProfileReader, id: string) {
  const found = reader.profile(id);
  assert.ok(found, `profile ${id}`);
  const { entry, profile } = found;
  const { sampleTypes, header, stacks } = profile;
  return { entry, header, rows: stacks.size, values: sampleTypes.map(({ type }) => valuesByStack(profile, type)) };
}

function rangeAnswer(reader: ProfileReader, drawn: StoryQuestion, groupBy: readonly string[]): string {
  const { kind, type, unit } = drawn.kind;
  const selector = { type: profileTypeOf(kind, { type, unit }, undefined), matchers: matchersOf(drawn.matcher) };
  const window = windowOf(drawn);
  const question = { kind: 'range', selector, window, stepMs: drawn.stepMs, groupBy, limit: 3 } as const;
  const answer = answerQuestion(reader, question, laterMs);
  return answer.kind === 'answer' ? new TextDecoder().decode(answer.body) : JSON.stringify(answer.error);
}

function statsOf(reader: ProfileReader) {
  const { series, partitions, oldestMs, newestMs } = reader.stats();
  return { series, partitions, oldestMs, newestMs };
}
