import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asyncProperty, assert as check, nat } from 'fast-check';
import type { FlameherdError } from '../../../src/model/errors.ts';
import type { ProfileReader, ProfileWriter } from '../../../src/store/profile-store.ts';
import { openSqliteReader } from '../../../src/store/sqlite/reader.ts';
import {
  matchersOf,
  type StoryEvent,
  type StoryQuestion,
  stories,
  storyKinds,
  storyQuestions,
  storyStartMs,
  windowOf,
} from '../../support/store-arbitrary.ts';
import { compactAll } from '../../support/store-compaction.ts';
import { storeDir, writerOn } from '../../support/store-dirs.ts';
import { StoreModel } from '../../support/store-model.ts';
import { valuesByStack } from '../../support/store-records.ts';

/**
 * Random stories told to a real store, with compaction, restarts and duplicates in the middle, against a model that holds
 * every profile in a list: whatever is asked, the answer is the model's.
 */

const runs = Number(process.env['STORE_STORY_RUNS'] ?? 30);
const hour = 3_600_000;
/** So small that epochs end and trees are let go of all the time. */
const bounds = { maxPartitionSize: 5, maxTreeBytes: 4000 } as const;

test('any story, compacted and restarted anywhere, is answered as brute force over all profiles answers', async () => {
  await check(
    asyncProperty(stories, storyQuestions, nat(5), async (events, questions, phase) => {
      const dataDir = storeDir();
      const model = new StoreModel();
      let writer = writerOn(dataDir, bounds);
      await using reader = openReader(dataDir);
      for (const [index, event] of events.entries()) {
        tell(writer, model, event);
        const turn = (index + phase) % 12;
        if (turn === 3) tell(writer, model, event, 'again');
        if (turn === 5) await compactAll(writer, dataDir, event.toldMs);
        if (turn === 8) {
          await writer[Symbol.asyncDispose]();
          writer = writerOn(dataDir, bounds);
        }
        if (turn === 11) ask(reader, model, questions[index % questions.length]);
      }
      for (const question of questions) ask(reader, model, question);
      await compactAll(writer, dataDir, storyStartMs + 1000 * hour);
      for (const question of questions) ask(reader, model, question);
      await writer[Symbol.asyncDispose]();
      await using again = openReader(dataDir);
      for (const question of questions) ask(again, model, question);
    }),
    { numRuns: runs },
  );
});

test('beyond the horizon whole hours are answered as brute force answers, and what roll-ups cannot know is detail_expired', async () => {
  await check(
    asyncProperty(stories, storyQuestions, nat(30), async (events, questions, keepHours) => {
      const dataDir = storeDir();
      const model = new StoreModel();
      const endMs = storyStartMs + 45 * hour;
      await using writer = writerOn(dataDir, {
        ...bounds,
        retention: { maxAgeMs: (12 + keepHours) * hour, maxBytes: 1e13 },
        monotonicMs: () => 0,
      });
      for (const event of events) tell(writer, model, event);
      await compactAll(writer, dataDir, endMs);
      writer.retain(endMs);
      await using reader = openReader(dataDir);
      for (const question of questions) askAcross(reader, model, question);
    }),
    { numRuns: Math.ceil(runs / 2) },
  );
});

function openReader(dataDir: string): ProfileReader {
  return openSqliteReader({ dataDir, maxCachedNodes: 5, maxOpenFiles: 2 });
}

function tell(writer: ProfileWriter, model: StoreModel, event: StoryEvent, again?: 'again'): void {
  if (event.kind === 'end') {
    writer.endProcess(event.process, event.endedMs);
    model.endProcess(event.process, event.endedMs);
    return;
  }
  const [outcome] = writer.append([event.record]);
  assert.equal(outcome?.kind, again ? 'duplicate' : 'stored');
  if (!again) model.append(event.record);
}

function ask(reader: ProfileReader, model: StoreModel, drawn: StoryQuestion | undefined): void {
  if (drawn) compare(reader, model, drawn, windowOf(drawn));
}

/** Asks, and takes the window that was answered for the question where single profiles are gone. */
function askAcross(reader: ProfileReader, model: StoreModel, drawn: StoryQuestion): void {
  const window = windowOf(drawn);
  const matchers = matchersOf(drawn.matcher);
  const unknown = drawn.aggregation !== 'avg' || matchers.some(({ name }) => name === 'pod' || name === 'node');
  try {
    const { coverage } = reader.merge(mergeRequest(drawn, window));
    const effective = coverage.window;
    assert.ok(effective.fromMs <= window.fromMs && effective.toMs >= window.toMs);
    if (window.fromMs % (24 * hour) === 0 && window.toMs % (24 * hour) === 0) assert.deepEqual(effective, window);
    if (effective.fromMs !== window.fromMs) assert.ok(!unknown && effective.fromMs % hour === 0);
    compare(reader, model, drawn, effective);
  } catch (error) {
    if ((error as FlameherdError).code !== 'detail_expired') throw error;
    assert.ok(unknown, 'only what roll-ups cannot know is refused');
    assert.match((error as FlameherdError).hint ?? '', /20\d\d-\d\d-\d\dT\d\d|no single profiles are kept/);
  }
}

function mergeRequest(drawn: StoryQuestion, window: { readonly fromMs: number; readonly toMs: number }) {
  const { kind, type, unit } = drawn.kind;
  const selector = { kind, matchers: matchersOf(drawn.matcher) };
  return { selector, window, aggregation: drawn.aggregation, peakType: { type, unit } } as const;
}

function compare(
  reader: ProfileReader,
  model: StoreModel,
  drawn: StoryQuestion,
  window: { readonly fromMs: number; readonly toMs: number },
): void {
  const request = mergeRequest(drawn, window);
  const expected = model.merge({ ...request, ...request.selector, peakType: drawn.kind.type });
  const { profile, coverage } = reader.merge(request);
  const { profiles, processes, observedSeconds, processSeconds, profiledSeconds, trimmed } = coverage;
  const { sums, ...expectedCoverage } = expected;
  const found = Object.fromEntries(profile.sampleTypes.map(({ type }) => [type, valuesByStack(profile, type)]));
  assert.deepEqual(
    { profiles, processes, observedSeconds, processSeconds, profiledSeconds, trimmed },
    expectedCoverage,
  );
  for (const { type } of storyKinds.find(({ kind }) => kind === drawn.kind.kind)?.types ?? []) {
    assert.deepEqual(found[type] ?? {}, sums[type] ?? {}, type);
  }
  compareTree(reader, request, sums[drawn.kind.type] ?? {});
  compareTotals(reader, model, drawn, window);
}

function compareTree(
  reader: ProfileReader,
  request: ReturnType<typeof mergeRequest>,
  sums: Readonly<Record<string, bigint>>,
): void {
  const { tree } = reader.callTree({
    ...request,
    type: request.peakType,
    types: [request.peakType],
    maxNodes: Infinity,
  });
  const selves: Record<string, bigint> = {};
  for (const [node, id] of (tree?.name ?? []).entries()) {
    const name = tree?.names[id] ?? '';
    const value = BigInt(tree?.self[node] ?? 0);
    if (value !== 0n) selves[name] = (selves[name] ?? 0n) + value;
  }
  const expected: Record<string, bigint> = {};
  for (const [stack, value] of Object.entries(sums)) {
    const leaf = stack.replace(/\{.*/, '').split(';').at(-1) || 'total';
    expected[leaf] = (expected[leaf] ?? 0n) + value;
  }
  const nonZero = Object.fromEntries(Object.entries(expected).filter(([, value]) => value !== 0n));
  assert.deepEqual(selves, nonZero, 'call tree');
}

function compareTotals(
  reader: ProfileReader,
  model: StoreModel,
  drawn: StoryQuestion,
  window: { readonly fromMs: number; readonly toMs: number },
): void {
  const request = mergeRequest(drawn, window);
  if ((window.toMs - window.fromMs) / drawn.stepMs > 400) return;
  const {
    series,
    window: effective,
    resolution,
  } = reader.totals({
    selector: request.selector,
    window,
    type: request.peakType,
    stepMs: drawn.stepMs,
    groupBy: drawn.matcher % 2 === 0 ? ['workload'] : [],
  });
  assert.deepEqual(effective, window);
  // Beyond the horizon the finest there is are whole hours, each in the step that it begins in.
  if (resolution !== 'detail' && hour % drawn.stepMs !== 0 && drawn.stepMs % hour !== 0) return;
  const stepMs = resolution === 'detail' ? drawn.stepMs : Math.max(hour, drawn.stepMs);
  const question = { ...request, ...request.selector, peakType: drawn.kind.type };
  const expected = model.totals(question, drawn.kind.type, stepMs);
  const found: Record<string, [bigint, number, number]> = {};
  for (const { bucketMs, value, coveredSeconds, profiles } of series.flatMap(({ points }) => points)) {
    const sum = (found[Math.floor(bucketMs / stepMs) * stepMs] ??= [0n, 0, 0]);
    sum[0] += value;
    sum[1] += coveredSeconds;
    sum[2] += profiles;
  }
  const filled = Object.entries(found).filter(([, [value, seconds, count]]) => value !== 0n || seconds + count > 0);
  const rounded = (of: number): number => Math.round(of * 1000) / 1000;
  assert.deepEqual(
    Object.fromEntries(filled.map(([ms, [value, seconds, count]]) => [ms, [String(value), rounded(seconds), count]])),
    Object.fromEntries(
      Object.entries(expected).map(([ms, [value, seconds, count]]) => [ms, [value, rounded(seconds), count]]),
    ),
    'totals',
  );
}
