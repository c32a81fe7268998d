import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Static } from 'typebox';
import { Value } from 'typebox/value';
import { scrapesSchema } from '../../../src/http/scrape-schemas.ts';
import type { AskedProcess } from '../../../src/model/asked-process.ts';
import { parseSelector } from '../../../src/model/matcher.ts';
import type { ScrapesQuestion } from '../../../src/query/engine.ts';
import type { ProfileReader } from '../../../src/store/profile-store.ts';
import { openSqliteReader } from '../../../src/store/sqlite/reader.ts';
import { askJson, cpuProfile, minuteMs, noonMs } from '../../support/query-ask.ts';
import { type MemoryProfile, memoryReader } from '../../support/query-memory-reader.ts';
import { storedProfiles } from '../../support/query-sqlite.ts';

type Scrapes = Static<typeof scrapesSchema>;

/** Twelve to half past twelve. */
const halfHour = { fromMs: noonMs, toMs: noonMs + 30 * minuteMs };

/** Profiles of a pod at some minutes after noon. */
function scraped(pod: string, minutes: readonly number[], more: Partial<MemoryProfile> = {}): MemoryProfile[] {
  return minutes.map((minute) => ({ ...cpuProfile(pod, noonMs + minute * minuteMs, 'main 1 10'), ...more }));
}

function minutesUntil(end: number, without: readonly number[] = [], begin = 0): number[] {
  return Array.from({ length: end - begin }, (_, at) => begin + at).filter((minute) => !without.includes(minute));
}

function asked(processId: string, more: Partial<AskedProcess> = {}): AskedProcess {
  const labels = { namespace: 'shop', workload: 'checkout', pod: processId };
  const nothing = { startedMs: undefined, failures: [], failuresFromMs: noonMs - minuteMs };
  return { processId, labels, isAsked: true, intervalMs: minuteMs, ...nothing, ...more };
}

function refused(minute: number, reason = 'refused') {
  return { atMs: noonMs + minute * minuteMs, kind: 'cpu', reason, message: `nothing listens at minute ${minute >= 0}` };
}

function ask(reader: ProfileReader, more: Partial<ScrapesQuestion> = {}, nowMs = noonMs + 30 * minuteMs): Scrapes {
  const question = { kind: 'scrapes', selector: parseSelector('cpu'), window: halfHour, limit: 10, asked: [] } as const;
  const answer = askJson(reader, { ...question, ...more }, nowMs);
  const strict = JSON.parse(JSON.stringify(scrapesSchema), (_, node: unknown) =>
    isClosed(node) ? { ...node, additionalProperties: false } : node,
  ) as object;
  assert.deepEqual([...Value.Errors(strict, answer)], []);
  return answer as Scrapes;
}

function isClosed(node: unknown): node is object {
  return typeof node === 'object' && node !== null && 'properties' in node;
}

/** `from-to×scrapes` in minutes. */
function missing({ missing: { from, to, scrapes } }: Scrapes['processes'][number]): string[] {
  const minute = (ms = 0) => (ms - noonMs) / minuteMs;
  return scrapes.map((count, at) => `${minute(from[at])}-${minute(to[at])}×${count}`);
}

test('a process has what was stored of it, in columns', () => {
  const { kind, processes, scrapesFromMs } = ask(memoryReader(scraped('a', [0, 1, 2], { trimmed: 3 })));
  assert.deepEqual([kind, scrapesFromMs, processes.length], ['cpu', noonMs, 1]);
  assert.deepEqual(processes[0]?.stored, {
    time: [0, 1, 2].map((minute) => noonMs + minute * minuteMs),
    interval: [minuteMs, minuteMs, minuteMs],
    span: [10_000, 10_000, 10_000],
    trimmed: [3, 3, 3],
    late: [0, 0, 0],
  });
});

test('what failed is told with its reason, each text once, and is not missing', () => {
  const failures = [refused(3), refused(4), refused(5, 'timeout')];
  const answer = ask(memoryReader(scraped('a', minutesUntil(30, [3, 4, 5, 10, 11]))), {
    asked: [asked('a', { failures })],
  });
  assert.deepEqual(answer.failures, [
    { reason: 'refused', message: 'nothing listens at minute true' },
    { reason: 'timeout', message: 'nothing listens at minute true' },
  ]);
  const [process] = answer.processes;
  assert.deepEqual(process?.failed, { time: failures.map(({ atMs }) => atMs), failure: [0, 0, 1] });
  assert.deepEqual(process && missing(process), ['10-12×2']);
});

test('nothing is missing before the first scrape of a process and after its end', () => {
  const reader = memoryReader([
    ...scraped('runs', minutesUntil(20, [], 10)),
    ...scraped('ended', minutesUntil(10), { endedMs: noonMs + 12 * minuteMs }),
    ...scraped('silent', minutesUntil(5)),
  ]);
  const { processes } = ask(reader, { asked: [asked('runs')] });
  const found = new Map(processes.map((process) => [process.process, process]));
  const gaps = new Map(processes.map((process) => [process.process, missing(process)]));
  assert.deepEqual([gaps.get('runs'), found.get('runs')?.running], [['20-30×10'], true]);
  assert.deepEqual([gaps.get('ended'), found.get('ended')?.endedMs], [['10-12×2'], noonMs + 12 * minuteMs]);
  assert.deepEqual([gaps.get('silent'), found.get('silent')?.running], [[], false], 'nobody knows whether it ran');
});

test('a gap that covers the whole window is seen, and so is one that begins before it', () => {
  const window = { fromMs: noonMs + 10 * minuteMs, toMs: noonMs + 20 * minuteMs };
  const [process] = ask(memoryReader(scraped('a', [0, 1, 2, 28, 29])), { window }).processes;
  assert.deepEqual(process && [process.stored.time, missing(process)], [[], ['10-20×10']]);
  const [other] = ask(memoryReader(scraped('a', [0, 1, 2, 15])), { window }).processes;
  assert.deepEqual(other && missing(other), ['10-15×5']);
});

test('after an answer upon which a source is left alone nothing is missing', () => {
  const [process] = ask(memoryReader(scraped('a', minutesUntil(5))), {
    asked: [asked('a', { failures: [refused(5, 'unsupported')] })],
  }).processes;
  assert.deepEqual(process && missing(process), []);
});

test('a process that has only failed is there, with what is known of its memory', () => {
  const { processes } = ask(memoryReader([]), {
    asked: [asked('b', { failures: [refused(29)], failuresFromMs: noonMs })],
  });
  assert.deepEqual(
    processes.map(({ process, failed, failuresFromMs }) => [process, failed.time.length, failuresFromMs]),
    [['b', 1, noonMs]],
  );
});

test('beyond the limit the busiest stay, and the others are counted', () => {
  const busy = scraped('busy', [0, 1]).map((profile) => ({ ...profile, rows: new Map([['main', [9n, 900n]]]) }));
  const answer = ask(memoryReader([...scraped('idle', [0, 1, 2, 3]), ...busy]), { limit: 1 });
  assert.deepEqual([answer.processes.map(({ process }) => process), answer.processesLeftOut], [['busy'], 1]);
});

test('an empty window says what exists nearby, and a label of samples that it selects nothing', () => {
  const reader = memoryReader(scraped('a', [0], { rows: cpuProfile('a', 0, 'main{tenant=t} 1 10').rows }));
  assert.match(ask(reader, { selector: parseSelector('cpu{pod="z"}') }).meta.hint ?? '', /no series meets/);
  const { meta, processes } = ask(reader, { selector: parseSelector('cpu{tenant="t"}') });
  assert.equal(processes.length, 1);
  assert.deepEqual(meta.warnings, [
    'tenant is a label of samples, by which no scrapes can be selected; it is left out',
  ]);
});

test('the store on disk answers the same', async () => {
  const profiles = [
    ...scraped('a', minutesUntil(30, [7, 8]), { trimmed: 2 }),
    ...scraped('b', minutesUntil(10), { endedMs: noonMs + 10 * minuteMs }),
  ];
  using stored = await storedProfiles(profiles);
  await using onDisk = openSqliteReader({ dataDir: stored.dataDir });
  for (const limit of [1, 10]) assert.deepEqual(ask(onDisk, { limit }), ask(memoryReader(profiles), { limit }));
});
