import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DurationMs, second, type TimeWindow } from '../../src/model/units.ts';
import type { ProfileReader } from '../../src/store/profile-store.ts';
import { openSqliteReader } from '../../src/store/sqlite/reader.ts';
import { openSqliteWriter } from '../../src/store/sqlite/writer.ts';
import { corpusDir, corpusFile, corpusJson } from './corpus.ts';
import { MemoryState } from './ingest-memory-store.ts';
import { jobOf, openPipeline } from './ingest-pipeline.ts';

/** The recordings of `series/` in the corpus, stored as they were scraped, and what the oracle says of them. */

/** One look at one pod. */
interface Scrape {
  readonly tick: number;
  readonly pod: string;
  readonly incarnation: number;
  readonly build: string;
  readonly unix_ms: number;
  readonly files?: Readonly<Record<string, string>>;
}

/** What the oracle says of one kind in one window. All numbers of gauges but `last` and `max` are before the division by `ticks`. */
export interface KindAnswer {
  readonly kind: string;
  readonly class: 'counter' | 'delta' | 'gauge';
  readonly types: readonly string[];
  readonly totals: readonly string[];
  readonly totals_by_pod: Readonly<Record<string, readonly string[]>>;
  readonly totals_by_build: Readonly<Record<string, readonly string[]>>;
  readonly ticks?: number;
  readonly canon: Canon;
  readonly top: readonly {
    readonly type: string;
    readonly by_flat: readonly TopRow[];
    readonly by_cum: readonly TopRow[];
  }[];
  readonly last?: Moment;
  readonly max?: readonly (Moment & { readonly type: string })[];
}

interface Canon {
  readonly sha256: string;
}

interface Moment {
  readonly totals: readonly string[];
  readonly canon: Canon;
}

interface TopRow {
  readonly function: string;
  readonly flat: string;
  readonly cum: string;
}

interface Answers {
  readonly windows: readonly {
    readonly after_tick: number;
    readonly to_tick: number;
    readonly answers: readonly KindAnswer[];
  }[];
}

/** What the oracle says of one kind, and the window by time. */
export interface RecordedAnswer {
  readonly answer: KindAnswer;
  readonly window: TimeWindow;
}

export const recordings = corpusDir === undefined ? [] : readdirSync(join(corpusDir, 'series'));

function readScrapes(recording: string): Scrape[] {
  const text = Buffer.from(corpusFile('series', recording, 'scrapes.ndjson')).toString();
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Scrape);
}

async function store(recording: string, scrapes: readonly Scrape[], dataDir: string): Promise<void> {
  await using writer = openSqliteWriter({
    dataDir,
    minFreeBytes: 0,
    synchronous: 'normal',
    retention: { maxAgeMs: Number.MAX_SAFE_INTEGER, maxBytes: Number.MAX_SAFE_INTEGER },
    now: () => scrapes.at(-1)?.unix_ms ?? 0,
  });
  const intervalMs = intervalOf(scrapes);
  const pipeline = openPipeline(writer, new MemoryState());
  const firstSeen = new Map<string, number>();
  for (const { pod, incarnation, build, unix_ms, files = {} } of scrapes) {
    const id = `${pod}/${incarnation}`;
    // The oracle knows no moment between two ticks: what was replaced stands until its successor's first scrape.
    const startedMs = firstSeen.get(id) ?? unix_ms;
    firstSeen.set(id, startedMs);
    const jobs = Object.entries(files).map(([kind, file]) =>
      jobOf({
        source: pod,
        labels: {
          namespace: recording,
          workload_kind: 'Deployment',
          workload: 'app',
          container: 'app',
          pod,
          revision: build,
        },
        process: { id, slot: pod, startedMs },
        kind,
        bytes: corpusFile('series', recording, file),
        stampMs: unix_ms,
        intervalMs,
        firstKnownMs: (scrapes[0]?.unix_ms ?? 0) - 1,
      }),
    );
    for (const outcome of pipeline.ingest(jobs)) assert.equal(outcome.kind, 'stored');
  }
}

/** A recording in a store on disk, for as long as `work` takes. */
export async function withRecording(recording: string, work: (reader: ProfileReader) => void): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'flameherd-query-'));
  try {
    await store(recording, readScrapes(recording), dataDir);
    await using reader = openSqliteReader({ dataDir });
    work(reader);
  } finally {
    rmSync(dataDir, { recursive: true });
  }
}

/** All answers of the oracle for a recording. */
export function recordedAnswers(recording: string): RecordedAnswer[] {
  const scrapes = readScrapes(recording);
  const timeOf = (tick: number): number => {
    const times = scrapes.filter((scrape) => scrape.tick === tick).map(({ unix_ms }) => unix_ms);
    return times.length > 0 ? Math.min(...times) : timeOf(tick - 1) + intervalOf(scrapes);
  };
  const { windows } = corpusJson('series', recording, 'answers.json') as Answers;
  return windows.flatMap(({ after_tick, to_tick, answers }) => {
    const window = { fromMs: timeOf(after_tick + 1), toMs: timeOf(to_tick + 1) };
    return answers.map((answer) => ({ answer, window }));
  });
}

/** How far ticks are apart: whole seconds, give or take some milliseconds. */
function intervalOf(scrapes: readonly Scrape[]): DurationMs {
  const [first, last] = [scrapes[0], scrapes.at(-1)];
  if (!first || !last) return 0;
  return Math.round((last.unix_ms - first.unix_ms) / (last.tick - first.tick) / second) * second;
}

/** A query for one sample type of a kind. */
export function queryOf(kind: string, type: string, matchers = ''): string {
  const name = { cpu: 'process_cpu', heap: 'memory' }[kind] ?? kind;
  return `${name}:${type}:${unitOf(type)}:x:x${matchers}`;
}

export function unitOf(type: string): string {
  if (type.includes('space')) return 'bytes';
  return type === 'cpu' || type === 'delay' ? 'nanoseconds' : 'count';
}
