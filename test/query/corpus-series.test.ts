import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Profile } from '../../src/profile/profile.ts';
import type { ProfileReader } from '../../src/store/profile-store.ts';
import { openSqliteReader } from '../../src/store/sqlite/reader.ts';
import { openSqliteWriter } from '../../src/store/sqlite/writer.ts';
import { canonicalTextOfProfile } from '../support/canonical-text.ts';
import { corpusDir, corpusFile, corpusJson, noCorpus } from '../support/corpus.ts';
import { MemoryState } from '../support/ingest-memory-store.ts';
import { jobOf, openPipeline } from '../support/ingest-pipeline.ts';
import { readProfile } from '../support/pprof-decode.ts';
import { askBody, mergeQuestion } from '../support/query-ask.ts';

interface Scrape {
  readonly tick: number;
  readonly pod: string;
  readonly incarnation: number;
  readonly unix_ms: number;
  readonly files?: Readonly<Record<string, string>>;
}

interface KindAnswer {
  readonly kind: string;
  readonly class: 'counter' | 'delta' | 'gauge';
  readonly types: readonly string[];
  /** Gauges: before the division by `ticks`. */
  readonly totals: readonly string[];
  readonly ticks?: number;
  readonly canon: { readonly sha256: string };
}

interface Answers {
  readonly windows: readonly {
    readonly after_tick: number;
    readonly to_tick: number;
    readonly answers: readonly KindAnswer[];
  }[];
}

const intervalMs = 15_000;
const recordings = corpusDir === undefined ? [] : readdirSync(join(corpusDir, 'series'));

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
  const pipeline = openPipeline(writer, new MemoryState());
  const firstSeen = new Map<string, number>();
  for (const { pod, incarnation, unix_ms, files = {} } of scrapes) {
    const id = `${pod}/${incarnation}`;
    // The oracle knows no moment between two ticks: what was replaced stands until its successor's first scrape.
    const startedMs = firstSeen.get(id) ?? unix_ms;
    firstSeen.set(id, startedMs);
    const jobs = Object.entries(files).map(([kind, file]) =>
      jobOf({
        source: pod,
        labels: { namespace: recording, workload_kind: 'Deployment', workload: 'app', container: 'app', pod },
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

/** The merged pprof of a window, with these sample types only, as in the answers. */
function mergedPprof(
  reader: ProfileReader,
  kind: string,
  types: readonly string[],
  window: { fromMs: number; toMs: number },
) {
  const name = { cpu: 'process_cpu', heap: 'memory' }[kind] ?? kind;
  const unitOf = (type: string): string =>
    /space/.test(type) ? 'bytes' : /^(cpu|delay)$/.test(type) ? 'nanoseconds' : 'count';
  const query = `${name}:${types[0]}:${unitOf(types[0] ?? '')}:x:x`;
  const profile = readProfile(askBody(reader, mergeQuestion(query, { format: 'pprof', window }), window.toMs));
  const columns = types.map((type) => profile.sampleTypes.findIndex((sample) => sample.type === type));
  const pick = <T>(list: readonly T[]): T[] => columns.flatMap((column) => list.slice(column, column + 1));
  return {
    ...profile,
    sampleTypes: pick(profile.sampleTypes),
    values: pick(profile.values),
    divisors: pick(profile.divisors),
  };
}

function totalOf({ values }: Profile, column: number): bigint {
  return Array.from<number | bigint>(values[column] ?? []).reduce<bigint>((sum, value) => sum + BigInt(value), 0n);
}

for (const recording of recordings) {
  test(`${recording}: every window, merged from disk, equals the oracle's`, { skip: noCorpus }, async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'flameherd-query-'));
    try {
      const scrapes = readScrapes(recording);
      await store(recording, scrapes, dataDir);
      await using reader = openSqliteReader({ dataDir });
      const timeOf = (tick: number): number => {
        const times = scrapes.filter((scrape) => scrape.tick === tick).map(({ unix_ms }) => unix_ms);
        return times.length > 0 ? Math.min(...times) : timeOf(tick - 1) + intervalMs;
      };
      const { windows } = corpusJson('series', recording, 'answers.json') as Answers;
      for (const { after_tick, to_tick, answers } of windows) {
        const window = { fromMs: timeOf(after_tick + 1), toMs: timeOf(to_tick + 1) };
        for (const answer of answers) assertAnswer(answer, mergedPprof(reader, answer.kind, answer.types, window));
      }
    } finally {
      rmSync(dataDir, { recursive: true });
    }
  });
}

/** Sums: every stack, line and label to the last unit. Gauges: totals within 2 %, for recorded ticks are not quite even. */
function assertAnswer(answer: KindAnswer, profile: Profile): void {
  const { kind, types, totals, ticks = 1 } = answer;
  if (answer.class !== 'gauge') {
    const hash = createHash('sha256').update(canonicalTextOfProfile(profile)).digest('hex');
    assert.deepEqual(
      types.map((_, column) => String(totalOf(profile, column))),
      totals,
      kind,
    );
    assert.equal(hash, answer.canon.sha256, `${kind}: stacks, lines and labels`);
    return;
  }
  for (const [column, type] of types.entries()) {
    const expected = Number(totals[column]) / ticks;
    const actual = Number(totalOf(profile, column));
    assert.ok(Math.abs(actual - expected) <= 0.02 * expected, `${kind} ${type}: ${actual} is not ${expected}`);
  }
}
