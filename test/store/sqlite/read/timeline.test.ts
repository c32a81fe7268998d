import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, boolean, assert as check, constantFrom, integer, nat, option, property, record } from 'fast-check';
import type { CatalogueSeries } from '../../../../src/store/sqlite/catalogue/catalogue-reader.ts';
import type { Chunk } from '../../../../src/store/sqlite/chunks/chunk.ts';
import type { HeadReader } from '../../../../src/store/sqlite/heads/head-reader.ts';
import { type ProfileSources, visitProfiles } from '../../../../src/store/sqlite/read/timeline.ts';

const hour = 3_600_000;
const firstHour = 400_000;
const start = firstHour * hour;

interface Snapshot {
  readonly stampMs: number;
  readonly intervalMs: number;
}

/** A series and where its profiles lie: by hour, in the head or in a chunk; from a moment on, the next generation's head. */
interface Stream {
  readonly series: CatalogueSeries;
  readonly snapshots: readonly Snapshot[];
  readonly endMs: number | undefined;
  readonly isCompacted: (hour: number) => boolean;
  readonly lateFromMs: number;
}

test('each profile is inside once and each second stood in is told once, wherever the profiles lie', () => {
  const someStream = record({
    firstMs: nat(3 * hour),
    intervalMs: constantFrom(15_000, 60_000, 20 * 60_000, hour),
    gaps: array(constantFrom(14_900, 60_000, 61_500, 150_000, 31 * 60_000, hour, 3 * hour), { maxLength: 12 }),
    endAfterMs: option(nat(hour)),
    lateAfterMs: option(nat(6 * hour)),
    compacted: array(boolean(), { minLength: 12, maxLength: 12 }),
  });
  const someWindows = record({
    fromMs: integer({ min: -hour, max: 8 * hour }),
    lengthMs: integer({ min: 1, max: 6 * hour }),
    gridMs: constantFrom(1, 1000, hour),
    holes: array(nat(9), { maxLength: 3 }),
  });
  check(
    property(array(someStream, { minLength: 1, maxLength: 4 }), someWindows, nat(3), (drawn, question, patience) => {
      const streams = drawn.map((one, index) => streamOf(one, index + 1));
      const windows = windowsOf(question);
      const told = visited(streams, windows, patience / 4);
      assert.deepEqual(told, bruteForce(streams, windows, patience / 4));
    }),
    { numRuns: Number(process.env['STORE_TIMELINE_RUNS'] ?? 300) },
  );
});

test('a snapshot is told of as the copy that was restated for the hour it stands in', () => {
  const snapshots = [0, 59.5, 60.5, 61].map((minutes) => ({ stampMs: start + minutes * 60_000, intervalMs: 60_000 }));
  const stream = { ...plainStream(1, snapshots), isCompacted: () => true };
  const seconds = (minutes: number): number => (start + minutes * 60_000) / 1000;
  assert.deepEqual(pieceLog([stream], { fromMs: start, toMs: start + 2 * hour }), [
    `0..150 own`,
    `${seconds(59.5) - seconds(0)}..3600 own`,
    `3600..3630 copy`,
    `3630..3660 own`,
    `3660..3720 own`,
  ]);
  assert.deepEqual(pieceLog([stream], { fromMs: start + hour, toMs: start + hour + 40_000 }), [
    '3600..3630 copy',
    '3630..3640 own',
  ]);
});

test('where the hour of a snapshot is held no more, or damaged, its copies stand for it', () => {
  const snapshots = [59.5, 60.5].map((minutes) => ({ stampMs: start + minutes * 60_000, intervalMs: 60_000 }));
  const stream = { ...plainStream(1, snapshots), isCompacted: () => true };
  const later = { fromMs: start + hour, toMs: start + 2 * hour };
  for (const sources of [
    sourcesOf([stream], { isGone: (one) => one === firstHour }),
    sourcesOf([stream], { isDamaged: (one) => one === firstHour }),
  ]) {
    assert.deepEqual(pieceLog([stream], later, sources), ['3600..3630 copy', '3630..3690 own']);
  }
  const ended = { ...plainStream(2, snapshots.slice(0, 1)), isCompacted: () => true };
  const withoutIt = sourcesOf([ended], { isGone: (one) => one === firstHour });
  assert.deepEqual(pieceLog([ended], later, withoutIt), ['3600..3630 copy'], 'a series without a profile since');
  const damaged = sourcesOf([stream], { isDamaged: (one) => one === firstHour });
  assert.deepEqual(damaged.missed, [], 'a neighbour that is damaged is not asked for');
  assert.deepEqual(pieceLog([stream], { fromMs: start, toMs: start + 2 * hour }, damaged), [
    '3600..3630 copy',
    '3630..3690 own',
  ]);
  assert.deepEqual(damaged.missed, [firstHour]);
});

interface Told {
  /** `series stamp`. */
  readonly inside: readonly string[];
  /** `series stamp second`, for each second. */
  readonly seconds: readonly string[];
}

function visited(streams: readonly Stream[], windows: readonly Window[], patience: number): Told {
  const [inside, seconds]: [string[], string[]] = [[], []];
  const endOf = (process: number) => streams.find(({ series }) => series.process === process)?.endMs;
  visitProfiles(
    sourcesOf(streams, {}),
    streams.map(({ series }) => series),
    { windows, patience, endOf },
    {
      inside: ({ id }, piece, entry) => inside.push(`${id} ${piece.stampMs[entry]}`),
      stands: ({ id }, piece, entry, from, to) => {
        assert.ok(from < to);
        for (let second = from; second < to; second++) seconds.push(`${id} ${piece.stampMs[entry]} ${second}`);
      },
    },
  );
  return { inside: inside.sort(), seconds: seconds.sort() };
}

function bruteForce(streams: readonly Stream[], windows: readonly Window[], patience: number): Told {
  const [inside, seconds]: [string[], string[]] = [[], []];
  const untilMs = windows.at(-1)?.toMs ?? 0;
  for (const { series, snapshots, endMs } of streams) {
    snapshots.forEach(({ stampMs, intervalMs }, at) => {
      if (windows.some(({ fromMs, toMs }) => stampMs >= fromMs && stampMs < toMs))
        inside.push(`${series.id} ${stampMs}`);
      const next = snapshots[at + 1]?.stampMs;
      const good =
        next === undefined ? stampMs + (1 + patience) * intervalMs : Math.min(next, stampMs + 2.5 * intervalMs);
      const to = Math.floor(Math.min(good, endMs ?? Infinity) / 1000);
      if (stampMs >= untilMs) return;
      for (let second = Math.floor(stampMs / 1000); second < to; second++) {
        const counts = windows.some(
          ({ fromMs, toMs }) => second >= Math.floor(fromMs / 1000) && second < Math.floor(toMs / 1000),
        );
        if (counts) seconds.push(`${series.id} ${stampMs} ${second}`);
      }
    });
  }
  return { inside: inside.sort(), seconds: seconds.sort() };
}

interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Which piece tells of which seconds since `start`. */
function pieceLog(streams: readonly Stream[], window: Window, sources = sourcesOf(streams, {})): string[] {
  const log: string[] = [];
  const endOf = () => undefined;
  visitProfiles(
    sources,
    streams.map(({ series }) => series),
    { windows: [window], patience: 0, endOf },
    {
      inside: () => undefined,
      stands: (_, { carriedInto }, _entry, from, to) => {
        log.push(`${from - start / 1000}..${to - start / 1000} ${carriedInto === undefined ? 'own' : 'copy'}`);
      },
    },
  );
  return log;
}

/** Stretches with whole hours left out, as a plan leaves them. */
function windowsOf(question: {
  readonly fromMs: number;
  readonly lengthMs: number;
  readonly gridMs: number;
  readonly holes: readonly number[];
}): Window[] {
  const { fromMs, lengthMs, gridMs, holes } = question;
  const from = start + Math.floor(fromMs / gridMs) * gridMs;
  const to = from + Math.max(1, Math.floor(lengthMs / gridMs)) * gridMs;
  const windows: Window[] = [];
  for (let at = from; at < to; ) {
    const next = Math.min(to, (Math.floor(at / hour) + 1) * hour);
    const last = windows.at(-1);
    if (!holes.includes(Math.floor(at / hour) - firstHour)) {
      if (last?.toMs === at) windows[windows.length - 1] = { ...last, toMs: next };
      else windows.push({ fromMs: at, toMs: next });
    }
    at = next;
  }
  return windows;
}

function plainStream(id: number, snapshots: readonly Snapshot[], endMs?: number): Stream {
  const hours = snapshots.map(({ stampMs }) => Math.floor(stampMs / hour));
  const series: CatalogueSeries = {
    id,
    labels: {},
    kind: 'heap',
    process: id,
    types: [],
    periodType: undefined,
    firstHour: hours[0] ?? 0,
    lastHour: hours.at(-1) ?? 0,
    longestIntervalMs: Math.max(...snapshots.map(({ intervalMs }) => intervalMs)),
  };
  return { series, snapshots, endMs, isCompacted: () => false, lateFromMs: Infinity };
}

function streamOf(
  drawn: {
    readonly firstMs: number;
    readonly intervalMs: number;
    readonly gaps: readonly number[];
    readonly endAfterMs: number | null;
    readonly lateAfterMs: number | null;
    readonly compacted: readonly boolean[];
  },
  id: number,
): Stream {
  let stampMs = start + drawn.firstMs;
  const snapshots = [{ stampMs, intervalMs: drawn.intervalMs }];
  for (const gapMs of drawn.gaps) {
    stampMs += gapMs;
    snapshots.push({ stampMs, intervalMs: drawn.intervalMs });
  }
  const endMs = drawn.endAfterMs === null ? undefined : stampMs + drawn.endAfterMs - hour / 2;
  return {
    ...plainStream(id, snapshots, endMs),
    isCompacted: (of) => drawn.compacted[(of - firstHour) % 12] ?? false,
    lateFromMs: drawn.lateAfterMs === null ? Infinity : start + drawn.lateAfterMs,
  };
}

interface FakeOptions {
  readonly isGone?: (hour: number) => boolean;
  readonly isDamaged?: (hour: number) => boolean;
}

/** Heads and chunks as files would hold them. `missed`: damaged hours that were asked for. */
function sourcesOf(
  streams: readonly Stream[],
  { isGone = () => false, isDamaged = () => false }: FakeOptions,
): ProfileSources & { readonly missed: number[] } {
  const missed: number[] = [];
  const held = (of: number): boolean => {
    if (isDamaged(of) && !missed.includes(of)) missed.push(of);
    return !isGone(of) && !isDamaged(of);
  };
  return {
    missed,
    isDamaged,
    heads: (from, to) => hoursOf(from, to).flatMap((of) => [headOf(streams, of, false), headOf(streams, of, true)]),
    chunks: (ids, from, to) => {
      const wanted = JSON.parse(ids) as number[];
      return hoursOf(from, to)
        .filter(held)
        .flatMap((of) =>
          streams.filter(({ series }) => wanted.includes(series.id)).flatMap((stream) => chunksOf(stream, of)),
        );
    },
  };
}

function hoursOf(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function headOf(streams: readonly Stream[], of: number, late: boolean): HeadReader {
  const rowsOf = (ids: readonly number[], fromMs: number, toMs: number) =>
    streams
      .filter(({ series }) => ids.includes(series.id))
      .flatMap(({ series, snapshots, isCompacted, lateFromMs }) =>
        snapshots
          .filter(({ stampMs }) => Math.floor(stampMs / hour) === of && stampMs >= fromMs && stampMs < toMs)
          .filter(({ stampMs }) => (stampMs >= lateFromMs ? late : !late && !isCompacted(of)))
          .map((snapshot) => ({ ...snapshot, series: series.id })),
      );
  const head = {
    hour: of,
    profiles: (ids: string, fromMs: number, toMs: number) => rowsOf(JSON.parse(ids) as number[], fromMs, toMs),
    hasFrom: (id: number, fromMs: number) => rowsOf([id], fromMs, Infinity).length > 0,
  };
  return head as unknown as HeadReader;
}

/** The chunk of an hour, and a copy of the last snapshot of each compacted hour before it that reached so far at the time. */
function chunksOf({ series, snapshots, isCompacted, lateFromMs }: Stream, of: number): Chunk[] {
  const compacted = (hourOf: number): readonly Snapshot[] =>
    isCompacted(hourOf)
      ? snapshots.filter(({ stampMs }) => Math.floor(stampMs / hour) === hourOf && stampMs < lateFromMs)
      : [];
  const copies = [3, 2, 1].flatMap((back) => {
    const last = compacted(of - back).at(-1);
    return last && last.stampMs + 2.5 * last.intervalMs > of * hour ? [chunkOf(series.id, of, [last], true)] : [];
  });
  const own = compacted(of);
  return [...copies, ...(own.length > 0 ? [chunkOf(series.id, of, own, false)] : [])];
}

function chunkOf(series: number, of: number, snapshots: readonly Snapshot[], carried: boolean): Chunk {
  const entries = {
    count: snapshots.length,
    stampMs: Float64Array.from(snapshots, ({ stampMs }) => stampMs),
    intervalMs: Float64Array.from(snapshots, ({ intervalMs }) => intervalMs),
  };
  return { key: { series, hour: of, head: of, part: 0 }, carried, entries } as unknown as Chunk;
}
