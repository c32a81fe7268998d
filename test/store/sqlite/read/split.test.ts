import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Arbitrary, asyncProperty, assert as check, constantFrom, nat } from 'fast-check';
import type { StackTrace } from '../../../../src/model/frame.ts';
import { compileMatchers } from '../../../../src/model/matcher.ts';
import { comparedName } from '../../../../src/profile/compared-name.ts';
import { type Allowance, unlimited } from '../../../../src/store/allowance.ts';
import type {
  ProfileReader,
  ProfileRecord,
  ProfileWriter,
  SeriesTotals,
  TotalPoint,
  TotalsPart,
  TotalsRequest,
  TotalsSplit,
} from '../../../../src/store/profile-store.ts';
import { mostSplitHours } from '../../../../src/store/sqlite/read/totals.ts';
import { openSqliteReader } from '../../../../src/store/sqlite/reader.ts';
import {
  matchersOf,
  type StoryEvent,
  type StoryQuestion,
  stories,
  storyQuestions,
  storyStartMs,
  tellStory,
  windowOf,
} from '../../../support/store-arbitrary.ts';
import { compactAll } from '../../../support/store-compaction.ts';
import { storeDir, writerOn } from '../../../support/store-dirs.ts';
import { StoreModel } from '../../../support/store-model.ts';
import { at, minute } from '../../../support/store-questions.ts';
import { recordOf } from '../../../support/store-records.ts';

/**
 * Parts of random stories, from heads, chunks and roll-ups, against stores that hold nothing but what is in a part: the model
 * knows nothing of parts.
 */

const runs = Number(process.env['STORE_SPLIT_RUNS'] ?? 10);
const hour = 3_600_000;

const splits: Arbitrary<TotalsSplit> = constantFrom<TotalsSplit>(
  { kind: 'functions', names: ['a'] },
  { kind: 'functions', names: ['main', 's.func', 'x', 'a', 'b', 'nobody', 's.func1'] },
  { kind: 'functions', names: ['main', 's.func', 's.func1'], isExact: true },
  { kind: 'labels', matchers: [], groupBy: ['route'] },
  { kind: 'labels', matchers: [], groupBy: ['bytes', 'route', 'constructor'] },
  { kind: 'labels', matchers: [{ name: 'route', operator: '=~', value: '/.*' }], groupBy: ['bytes'] },
  { kind: 'labels', matchers: [{ name: 'bytes', operator: '!=', value: '8' }], groupBy: [] },
);

test('parts are what a store of nothing else would add up to, from heads, chunks and roll-ups', async () => {
  await check(
    asyncProperty(stories, storyQuestions, splits, async (events, questions, split) => {
      const dataDir = storeDir();
      await using writer = writerOn(dataDir, { maxPartitionSize: 9 });
      await using reader = openSqliteReader({ dataDir, maxCachedNodes: 5, maxOpenFiles: 3 });
      tellStory(writer, events);
      const models = new Models(events);
      const fromHeads = questions.map((question) => askBySeries(reader, question, split));
      for (const question of questions) compare(reader, models, question, split);
      await compactAll(writer, dataDir, storyStartMs + 1000 * hour);
      for (const [index, question] of questions.entries()) {
        assert.deepEqual(askBySeries(reader, question, split), fromHeads[index], 'chunks answer as heads do');
        compare(reader, models, question, split);
      }
    }),
    { numRuns: runs },
  );
});

test('beyond the horizon parts are those of whole hours', async () => {
  await check(
    asyncProperty(stories, storyQuestions, splits, nat(20), async (events, questions, split, keepHours) => {
      const dataDir = storeDir();
      const endMs = storyStartMs + 45 * hour;
      const retention = { maxAgeMs: (12 + keepHours) * hour, maxBytes: 1e13 };
      await using writer = writerOn(dataDir, { maxPartitionSize: 9, retention, monotonicMs: () => 0 });
      tellStory(writer, events);
      await compactAll(writer, dataDir, endMs);
      writer.retain(endMs);
      await using reader = openSqliteReader({ dataDir });
      const models = new Models(events);
      const byGroup = questions.filter(({ matcher }) => !matchersOf(matcher).some(({ name }) => isOutsideGroups(name)));
      for (const question of byGroup) compare(reader, models, { ...question, stepMs: 24 * hour }, split);
    }),
    { numRuns: runs },
  );
});

const twoPods = ['one', 'two'] as const;

/** One hour of two pods, of which only one does `b`, and which are not measured for as long. */
function hourOfTwoPods(writer: ProfileWriter): void {
  const profile = (process: string, spanMs: number, samples: Readonly<Record<string, readonly [number, number]>>) =>
    recordOf({ process, stampMs: at(0), spanMs, samples });
  writer.append([
    profile('one', minute, { 'main;a': [30, 3], 'main;b': [0, 0] }),
    profile('two', minute / 2, { 'main;a': [1, 0], 'main;b': [9, 4] }),
  ]);
}

function partsOfTwoPods(reader: ProfileReader, stepMs: number, type = 'alloc_space'): string[] {
  return reader
    .totals({
      selector: { kind: 'heap', matchers: [] },
      window: { fromMs: at(0), toMs: at(60) },
      type: { type, unit: 'bytes' },
      stepMs,
      groupBy: [],
      split: { kind: 'functions', names: ['a', 'main'] },
    })
    .series.map(drawn);
}

test('while single profiles are held each process has its own part, whatever the steps and whatever is rolled up', async () => {
  const dataDir = storeDir();
  await using writer = writerOn(dataDir);
  hourOfTwoPods(writer);
  await using before = openSqliteReader({ dataDir });
  const known = partsOfTwoPods(before, hour);
  assert.deepEqual(known, [
    'one: 30',
    'one self of a: 30',
    'one total of a: 30',
    'one total of main: 30',
    'two: 10',
    'two self of a: 1',
    'two total of a: 1',
    'two total of main: 10',
  ]);
  assert.equal((await compactAll(writer, dataDir, at(600))).rolledHours, 1);
  await using reader = openSqliteReader({ dataDir });
  assert.deepEqual(partsOfTwoPods(reader, hour), known);
  assert.deepEqual(partsOfTwoPods(reader, minute), known);
});

test('of an hour whose single profiles are gone, each of two pods has a share of a part as large as its share of the whole', async () => {
  const dataDir = storeDir();
  const retention = { maxAgeMs: 4 * hour, maxBytes: 1e13 };
  await using writer = writerOn(dataDir, { retention, monotonicMs: () => 0 });
  hourOfTwoPods(writer);
  await compactAll(writer, dataDir, at(60 * 50));
  writer.retain(at(60 * 50));
  await using reader = openSqliteReader({ dataDir });
  // 31 of a in all: three quarters are 23.25. What the pods were called is forgotten.
  assert.deepEqual(partsOfTwoPods(reader, hour), [
    '1: 30',
    '1 self of a: 23',
    '1 total of a: 23',
    '1 total of main: 30',
    '2: 10',
    '2 self of a: 8',
    '2 total of a: 8',
    '2 total of main: 10',
  ]);
});

test('of very many hours of series, and of gauges, whose sums are all that is asked, roll-ups answer', async () => {
  const dataDir = storeDir();
  await using writer = writerOn(dataDir);
  hourOfTwoPods(writer);
  const late = 1 + mostSplitHours / twoPods.length;
  writer.append(
    twoPods.map((process) =>
      recordOf({ process, stampMs: at(60 * late), spanMs: minute, samples: { 'main;a': [1, 0] } }),
    ),
  );
  await compactAll(writer, dataDir, at(60 * (late + 50)));
  await using reader = openSqliteReader({ dataDir });
  const ask = (toMinute: number, type: string): string | undefined =>
    reader
      .totals({
        selector: { kind: 'heap', matchers: [] },
        window: { fromMs: at(0), toMs: at(toMinute) },
        type: { type, unit: 'bytes' },
        stepMs: 2000 * hour,
        groupBy: [],
        split: { kind: 'functions', names: ['a'] },
      })
      .series.map(drawn)
      .find((line) => line.startsWith('one self'));
  assert.deepEqual(
    [60, 60 * (late + 1)].map((toMinute) => ask(toMinute, 'alloc_space')),
    ['one self of a: 30', 'one self of a: 24'],
  );
  // 3 and 4 bytes for 150 s each, 450 byte-seconds of a in all: 450 × 450 ÷ 1050.
  assert.equal(ask(60, 'inuse_space'), 'one self of a: 193');
});

test('parts are read under the allowance: asked between sub-blocks, told of dictionaries and of what is answered', async () => {
  const dataDir = storeDir();
  await using writer = writerOn(dataDir);
  const routes = Array.from({ length: 30 }, (_, index) => `main;a{route=/${index}}`);
  for (let minutes = 0; minutes < 60; minutes++) {
    const samples = Object.fromEntries(routes.map((route) => [route, [minutes + 1, 1]] as const));
    writer.append([recordOf({ stampMs: at(minutes), spanMs: minute, samples })]);
  }
  await compactAll(writer, dataDir, at(600));
  let [checks, held, left] = [0, 0, Infinity];
  const check = (): void => {
    checks++;
    if (--left < 0) throw new Error('nobody waits');
  };
  const hold = (bytes: number): void => {
    check();
    held += bytes;
  };
  const allowance: Allowance = { ...unlimited, begin: check, check, hold, holdPart: hold };
  await using reader = openSqliteReader({ dataDir, allowance });
  const ask = (split?: TotalsSplit) => {
    [checks, held] = [0, 0];
    const { series } = reader.totals({
      selector: { kind: 'heap', matchers: [] },
      window: { fromMs: at(0), toMs: at(60) },
      type: { type: 'alloc_space', unit: 'bytes' },
      stepMs: minute,
      ...(split ? { split } : {}),
    });
    return { lines: series.length, checks, held };
  };
  const whole = ask();
  const parts = ask({ kind: 'labels', matchers: [], groupBy: ['route'] });
  assert.deepEqual([whole.lines, parts.lines], [1, 31]);
  assert.ok(parts.checks >= whole.checks + 6, 'six sub-blocks');
  assert.ok(parts.held >= whole.held + 30 * 60 * 100, 'points of 30 parts');
  left = parts.checks - 5;
  assert.throws(() => ask({ kind: 'labels', matchers: [], groupBy: ['route'] }), /nobody waits/);
  left = Infinity;
  assert.deepEqual(
    ask({ kind: 'labels', matchers: [], groupBy: ['route'] }),
    parts,
    'and the next question is answered',
  );
});

/** `process part: values` */
function drawn({ processId, part, points }: SeriesTotals): string {
  const of = part === undefined ? '' : part.kind === 'function' ? ` ${part.of} of ${part.name}` : ' ';
  return `${processId}${of}: ${points.map(({ value }) => value).join(' ')}`;
}

/** A model of all that is stored for each part. */
class Models {
  readonly #events: readonly StoryEvent[];
  readonly #models = new Map<string, StoreModel>();

  constructor(events: readonly StoryEvent[]) {
    this.#events = events;
  }

  of(part: TotalsPart, split: TotalsSplit): StoreModel {
    const key = JSON.stringify([part, split]);
    const known = this.#models.get(key);
    if (known) return known;
    const model = new StoreModel();
    for (const event of this.#events) {
      if (event.kind === 'end') model.endProcess(event.process, event.endedMs);
      else model.append(only(event.record, (stack) => isIn(stack, part, split)));
    }
    this.#models.set(key, model);
    return model;
  }
}

function only(record: ProfileRecord, keep: (stack: StackTrace) => boolean): ProfileRecord {
  const { stacks, values } = record;
  const kept = Array.from({ length: stacks.count }, (_, row) => keep(stacks.describe(row)));
  const columns = values.map((column) =>
    BigInt64Array.from([...column].map(BigInt), (value, row) => (kept[row] ? value : 0n)),
  );
  return { ...record, values: columns };
}

function isIn({ frames, labels }: StackTrace, part: TotalsPart, split: TotalsSplit): boolean {
  if (part.kind === 'function') {
    const isExact = split.kind === 'functions' && split.isExact;
    const written = frames.map((frame) => frame.function?.name ?? '');
    const names = isExact ? written : written.map(comparedName);
    return part.of === 'self' ? names.at(-1) === part.name : names.includes(part.name);
  }
  const own = new Map(labels.map((label) => [label.key, 'text' in label ? label.text : String(label.number)]));
  const meets = compileMatchers(split.kind === 'labels' ? split.matchers : []);
  return (
    meets(Object.fromEntries(own)) &&
    Object.entries(part.labels).every(([name, value]) => (own.get(name) ?? '') === value)
  );
}

/** All parts that may be found: those that stacks of the stories can be in. */
function allParts(split: TotalsSplit): TotalsPart[] {
  if (split.kind === 'functions') {
    return split.names.flatMap((name) => (['self', 'total'] as const).map((of) => ({ kind: 'function', name, of })));
  }
  const values: Readonly<Record<string, readonly string[]>> = {
    route: ['', '/pay', '/cart'],
    bytes: ['', '8', '16'],
    constructor: ['', 'x'],
  };
  return split.groupBy
    .reduce<Record<string, string>[]>(
      (sets, name) => sets.flatMap((set) => (values[name] ?? ['']).map((value) => ({ ...set, [name]: value }))),
      [{}],
    )
    .map((labels) => ({ kind: 'labels', labels }));
}

function request(question: StoryQuestion, split: TotalsSplit): TotalsRequest {
  const { kind, type, unit } = question.kind;
  const { matcher, stepMs } = question;
  const selector = { kind, matchers: matchersOf(matcher) };
  return { selector, window: windowOf(question), type: { type, unit }, stepMs, split };
}

function askBySeries(reader: ProfileReader, question: StoryQuestion, split: TotalsSplit): readonly SeriesTotals[] {
  return reader.totals(request(question, split)).series;
}

function compare(reader: ProfileReader, models: Models, question: StoryQuestion, split: TotalsSplit): void {
  const { matchers } = request(question, split).selector;
  const answers = [reader.totals(request(question, split))];
  if (!matchers.some(({ name }) => isOutsideGroups(name))) {
    answers.push(reader.totals({ ...request(question, split), groupBy: [] }));
  }
  for (const { series, window } of answers) {
    checkLines(series, split);
    const kind = question.kind.kind;
    for (const part of allParts(split)) {
      const own = series.filter((line) => JSON.stringify(line.part) === JSON.stringify(part));
      const asked = { kind, matchers, window, aggregation: 'avg', peakType: '' } as const;
      const expected = models.of(part, split).totals(asked, question.kind.type, question.stepMs);
      const found = sumsByBucket(own);
      for (const [bucket, [value]] of Object.entries(expected)) {
        assert.equal(String(found.get(bucket) ?? 0n), value, `${JSON.stringify(part)} at ${bucket}`);
        found.delete(bucket);
      }
      assert.deepEqual(
        [...found.values()].filter((value) => value !== 0n),
        [],
      );
    }
    const parts = new Set(allParts(split).map((part) => JSON.stringify(part)));
    for (const { part } of series) assert.ok(part === undefined || parts.has(JSON.stringify(part)));
  }
}

/** What holds of each line whatever is stored. */
function checkLines(series: readonly SeriesTotals[], split: TotalsSplit): void {
  let [whole, before]: (SeriesTotals | undefined)[] = [];
  const sums = new Map<SeriesTotals, bigint[]>();
  for (const line of series) {
    const { points, part } = line;
    if (part === undefined) whole = line;
    else {
      assert.ok(whole && whole.processId === line.processId, 'parts come after the whole');
      assert.deepEqual(coverageOf(points), coverageOf(whole.points), 'with the coverage of the whole');
      assert.ok(
        points.some(({ value }) => value !== 0n),
        'what is never there is left out',
      );
      sums.set(
        whole,
        points.map(({ value }, at) => value + (sums.get(whole as SeriesTotals)?.[at] ?? 0n)),
      );
      const isSigned = [...points, ...whole.points, ...(before?.points ?? [])].some(({ value }) => value < 0n);
      if (part.kind === 'function' && part.of === 'total' && !isSigned) {
        for (const [at, { value }] of points.entries()) {
          assert.ok(value <= (whole.points[at]?.value ?? 0n), 'a part is no more than the whole');
          if (before?.part?.kind !== 'function' || before.part.of !== 'self' || before.part.name !== part.name)
            continue;
          assert.ok((before.points[at]?.value ?? 0n) <= value, 'self is no more than total');
        }
      }
    }
    before = line;
  }
  if (split.kind !== 'labels' || split.matchers.length > 0) return;
  for (const line of series) {
    if (line.part !== undefined || line.points.some(({ value }) => value < 0n)) continue;
    const found = sums.get(line) ?? line.points.map(() => 0n);
    if (hasNegative(series, line)) continue;
    assert.deepEqual(
      found,
      line.points.map(({ value }) => value),
      'groups add up to the whole',
    );
  }
}

function coverageOf(points: readonly TotalPoint[]) {
  return points.map((point) => ({ ...point, value: 0n }));
}

function hasNegative(series: readonly SeriesTotals[], whole: SeriesTotals): boolean {
  return series.some(
    ({ part, processId, points }) =>
      part !== undefined && processId === whole.processId && points.some(({ value }) => value < 0n),
  );
}

function sumsByBucket(lines: readonly SeriesTotals[]): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const { bucketMs, value } of lines.flatMap(({ points }) => points)) {
    sums.set(String(bucketMs), (sums.get(String(bucketMs)) ?? 0n) + value);
  }
  return sums;
}

function isOutsideGroups(label: string): boolean {
  return label === 'pod' || label === 'node';
}
