import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventProfiles } from '../../src/app/growth-profiles.ts';
import { FlameherdError } from '../../src/model/errors.ts';
import { formatProfileType } from '../../src/model/profile-type.ts';
import { formatMatchers } from '../../src/model/selector.ts';
import { day, type TimeWindow } from '../../src/model/units.ts';
import { silentLogger } from '../../src/observe/logger.ts';
import type { Answer, MergeQuestion, Question } from '../../src/query/engine.ts';
import { maxProfiledEvents } from '../../src/store/growth-store.ts';
import { eventOf, likelyEvent } from '../support/growth-events.ts';
import { bucketMs, firstBucket } from '../support/growth-floors.ts';
import { MemoryGrowthStore } from '../support/growth-memory-store.ts';

/** In buckets after `firstBucket`. */
const text = ({ fromMs, toMs }: TimeWindow): string =>
  `${fromMs / bucketMs - firstBucket}..${toMs / bucketMs - firstBucket}`;

/** `answer` says what is stored in a window; undefined is nothing. */
function scene(answer: (window: string) => string | undefined | Error = (window) => window) {
  const store = new MemoryGrowthStore();
  const asked: MergeQuestion[] = [];
  const lines: string[] = [];
  const clock = { ms: (firstBucket + 1) * bucketMs };
  const profiles = new EventProfiles({
    store,
    query: {
      ask: async (question: Question): Promise<Answer> => {
        assert.ok(question.kind === 'merge');
        asked.push(question);
        const found = answer(text(question.window));
        if (found instanceof FlameherdError) return { kind: 'error', error: found.toPlain() };
        if (found instanceof Error) throw found;
        if (found === undefined) return { kind: 'error', error: { code: 'empty_window', message: 'nothing there' } };
        return { kind: 'answer', contentType: 'application/octet-stream', body: Buffer.from(found) };
      },
    },
    threads: {
      saveProfiles: async ({ event, windows, profiles: sides }) => store.saveEventProfiles(event, windows, sides),
    },
    bucketMs,
    detailHorizonMs: 7 * day,
    logger: { ...silentLogger, warn: (message) => void lines.push(message) },
    now: () => clock.ms,
  });
  const kept = (id: string): string[] =>
    (['base', 'compare'] as const).map((side) => Buffer.from(store.eventProfile(id, side) ?? []).toString());
  const complete = async () => {
    profiles.expect();
    await profiles.complete(new AbortController().signal);
  };
  return { store, asked, lines, clock, profiles, kept, complete };
}

const { id } = eventOf();

test('the hour before the growth and the last hour are kept, of the revision that grows', async () => {
  const { store, asked, kept, complete } = scene();
  store.saveEvaluations([], [eventOf()]);
  await complete();
  //     -42 ... -36 ──────── growth ──────── -6 ... 0
  //      base  start                        compare  opened
  assert.deepEqual(kept(id), ['-42..-36', '-6..0']);
  const { base, compare } = store.event(id)?.profiles ?? assert.fail();
  assert.deepEqual([base && text(base), text(compare)], ['-42..-36', '-6..0']);
  const [question] = asked;
  assert.ok(question);
  assert.equal(formatProfileType(question.selector.type), 'memory:inuse_space:bytes:space:bytes');
  assert.equal(
    formatMatchers(question.selector.matchers),
    '{container="app",namespace="shop",revision="r7",workload="checkout",workload_kind="Deployment"}',
  );
  assert.deepEqual([question.format, question.aggregation], ['pprof', 'avg']);
  // It has what it needs: nothing more is asked.
  await complete();
  assert.equal(asked.length, 2);
});

test('goroutines are compared by their own profiles', async () => {
  const { store, asked, complete } = scene();
  store.saveEvaluations([], [eventOf({ signal: 'goroutines', revision: '' })]);
  await complete();
  assert.equal(
    formatProfileType(asked[0]?.selector.type ?? assert.fail()),
    'goroutine:goroutine:count:goroutine:count',
  );
  assert.equal(
    asked[0]?.selector.matchers.some(({ name }) => name === 'revision'),
    false,
  );
});

test('a process that did not exist an hour before is compared with its own beginning', async () => {
  const { store, kept, complete } = scene((window) => (window === '-42..-36' ? undefined : window));
  store.saveEvaluations([], [eventOf()]);
  await complete();
  assert.deepEqual(kept(id), ['-36..-30', '-6..0']);
});

test('where nothing is stored that is kept too, and not asked again', async () => {
  const { store, asked, kept, complete } = scene(() => undefined);
  store.saveEvaluations([], [eventOf()]);
  await complete();
  await complete();
  assert.deepEqual([kept(id), asked.length, store.event(id)?.profiles?.base], [['', ''], 3, undefined]);
});

test('what became likely is looked at anew', async () => {
  const { store, clock, kept, complete } = scene();
  store.saveEvaluations([], [eventOf()]);
  await complete();
  clock.ms = (firstBucket + 101) * bucketMs;
  store.saveEvaluations([], [likelyEvent]);
  await complete();
  assert.deepEqual(kept(id), ['-42..-36', '94..100']);
});

test('a failure is counted, told once, and tried again', async () => {
  let isBusy = true;
  const busy = new FlameherdError('busy', 'too many questions are waiting');
  const { store, lines, profiles, kept, complete } = scene((window) => (isBusy ? busy : window));
  store.saveEvaluations([], [eventOf()]);
  await complete();
  await complete();
  assert.deepEqual(
    [profiles.failures, lines],
    [2, ['the profiles of an event could not be kept: too many questions are waiting']],
  );
  isBusy = false;
  await complete();
  assert.deepEqual(kept(id), ['-42..-36', '-6..0']);
});

test('without news nothing is looked for; what failed is', async () => {
  let isBusy = true;
  const { store, asked, profiles } = scene((window) => (isBusy ? new Error('a thread died') : window));
  const { signal } = new AbortController();
  store.saveEvaluations([], [eventOf()]);
  await profiles.complete(signal);
  isBusy = false;
  await profiles.complete(signal);
  assert.equal(asked.length, 3);
  store.saveEvaluations([], [eventOf({ id: '00000000000000bb' })]);
  await profiles.complete(signal);
  assert.equal(asked.length, 3);
  profiles.expect();
  await profiles.complete(signal);
  assert.equal(asked.length, 5);
});

test('an event older than single profiles is left as it is', async () => {
  const { store, asked, clock, complete } = scene();
  store.saveEvaluations([], [eventOf()]);
  clock.ms = firstBucket * bucketMs + 7 * day;
  await complete();
  assert.equal(asked.length, 0);
});

test('one event that fails does not keep the others waiting', async () => {
  let asks = 0;
  const { store, profiles, complete } = scene((window) => (asks++ === 0 ? new Error('a thread died') : window));
  const other = eventOf({ id: '00000000000000bb' });
  store.saveEvaluations([], [eventOf(), other]);
  await complete();
  const withProfiles = store.events({ limit: 10 }).filter((event) => event.profiles !== undefined);
  assert.deepEqual([withProfiles.length, profiles.failures], [1, 1]);
});

test('nothing is merged for events of which no profiles would be kept', async () => {
  const { store, asked, clock, complete } = scene();
  const events = Array.from({ length: maxProfiledEvents + 10 }, (_, at) =>
    eventOf({ id: String(at).padStart(16, '0'), openedMs: (firstBucket + at) * bucketMs }),
  );
  clock.ms = (firstBucket + events.length) * bucketMs;
  store.saveEvaluations([], events);
  await complete();
  assert.equal(asked.length, 2 * maxProfiledEvents);
  await complete();
  assert.equal(asked.length, 2 * maxProfiledEvents);
  assert.equal(store.stats().eventProfiles, 2 * maxProfiledEvents);
});
