import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { IngestJob } from '../../src/ingest/messages.ts';
import { corpusDir, corpusFile, corpusJson, noCorpus } from '../support/corpus.ts';
import { type MemoryProfile, MemoryState, MemoryWriter, totalOf } from '../support/ingest-memory-store.ts';
import { jobOf, openPipeline } from '../support/ingest-pipeline.ts';

interface Scrape {
  readonly tick: number;
  readonly pod: string;
  readonly incarnation: number;
  readonly build: string;
  readonly started_unix_ms: number;
  readonly unix_ms: number;
  readonly files?: Readonly<Record<string, string>>;
}

interface Answers {
  readonly windows: readonly {
    readonly after_tick: number;
    readonly to_tick: number;
    readonly answers: readonly {
      readonly kind: string;
      readonly class: 'counter' | 'delta' | 'gauge';
      readonly types: readonly string[];
      readonly totals: readonly string[];
      readonly totals_by_pod: Readonly<Record<string, readonly string[]>>;
    }[];
  }[];
}

const recordings = corpusDir === undefined ? [] : readdirSync(join(corpusDir, 'series'));

function readScrapes(recording: string): Scrape[] {
  const lines = Buffer.from(corpusFile('series', recording, 'scrapes.ndjson'))
    .toString()
    .trim()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as Scrape);
}

function jobsOf(recording: string, scrape: Scrape, origin: IngestJob['origin']): IngestJob[] {
  return Object.entries(scrape.files ?? {}).map(([kind, file]) =>
    jobOf({
      source: scrape.pod,
      labels: { namespace: recording, workload: scrape.pod.slice(0, 5), container: 'app', pod: scrape.pod },
      process: {
        id: `${scrape.pod}/${scrape.incarnation}`,
        slot: scrape.pod,
        startedMs: scrape.started_unix_ms,
      },
      kind,
      bytes: corpusFile('series', recording, file),
      stampMs: scrape.unix_ms,
      intervalMs: 15_000,
      origin,
      firstKnownMs: 0,
    }),
  );
}

function assertAnswers(recording: string, scrapes: readonly Scrape[], writer: MemoryWriter): void {
  const { windows } = corpusJson('series', recording, 'answers.json') as Answers;
  const timeOf = (tick: number): number =>
    Math.min(...scrapes.filter((scrape) => scrape.tick === tick).map(({ unix_ms }) => unix_ms));
  let compared = 0;
  for (const { after_tick, to_tick, answers } of windows) {
    const inWindow = ({ stampMs }: MemoryProfile): boolean =>
      stampMs >= timeOf(after_tick + 1) && stampMs < timeOf(to_tick + 1);
    for (const answer of answers.filter((answer) => answer.class !== 'gauge')) {
      const profiles = writer.profiles.filter((profile) => profile.series.kind === answer.kind && inWindow(profile));
      for (const [index, type] of answer.types.entries()) {
        assert.equal(totalOf(profiles, type), BigInt(answer.totals[index] ?? 0), `${answer.kind} ${type}`);
        for (const [pod, totals] of Object.entries(answer.totals_by_pod)) {
          const ofPod = profiles.filter(({ series }) => series.labels['pod'] === pod);
          assert.equal(totalOf(ofPod, type), BigInt(totals[index] ?? 0), `${answer.kind} ${type} of ${pod}`);
          compared++;
        }
      }
    }
  }
  assert.ok(compared > 20);
}

for (const recording of recordings) {
  for (const origin of ['upload', 'scrape'] as const) {
    test(`${recording} by ${origin}: every counter of every window to the last unit`, { skip: noCorpus }, () => {
      const writer = new MemoryWriter();
      const pipeline = openPipeline(writer, new MemoryState());
      const scrapes = readScrapes(recording);
      const jobs = scrapes.flatMap((scrape) => jobsOf(recording, scrape, origin));
      // As scrapes, the old processes are known from a look before this recording.
      const known = jobs.map((job) => ({ ...job, firstKnownMs: (scrapes[0]?.unix_ms ?? 0) - 1 }));
      for (let from = 0; from < known.length; from += 64) {
        for (const outcome of pipeline.ingest(known.slice(from, from + 64))) assert.equal(outcome.kind, 'stored');
      }
      assertAnswers(recording, scrapes, writer);
      assert.equal(pipeline.counts.resets, 0);
    });
  }

  test(`${recording} with a kill before every tick of a pod: nothing is lost or counted twice`, {
    skip: noCorpus,
  }, () => {
    const writer = new MemoryWriter();
    const state = new MemoryState();
    const scrapes = readScrapes(recording);
    let last: IngestJob[] = [];
    for (const scrape of scrapes) {
      const jobs = jobsOf(recording, scrape, 'upload');
      // The answers of the last upload were lost, so the client sends it again.
      const outcomes = openPipeline(writer, state).ingest([...last, ...jobs]);
      assert.ok(outcomes.every((outcome, at) => outcome.kind === 'stored' && outcome.duplicate === at < last.length));
      last = jobs;
    }
    assertAnswers(recording, scrapes, writer);
  });
}
