import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { defaultPipelineLimits } from '../src/ingest/defaults.ts';
import { GrowthObserver } from '../src/ingest/growth/growth-observer.ts';
import { NumbersReader } from '../src/ingest/growth/numbers-reader.ts';
import { NumbersTeller } from '../src/ingest/growth/numbers-teller.ts';
import { defaultGrowthIngestSettings, saveFloorsEveryMs } from '../src/ingest/growth/settings.ts';
import type { IngestJob } from '../src/ingest/messages.ts';
import { IngestPipeline } from '../src/ingest/pipeline.ts';
import { PprofDecoder } from '../src/pprof/decode.ts';
import { defaultDecodeLimits } from '../src/pprof/decode-limits.ts';
import { openSqliteGrowth } from '../src/store/sqlite/growth/growth.ts';
import { openSqliteState } from '../src/store/sqlite/state.ts';
import { openSqliteWriter } from '../src/store/sqlite/writer.ts';
import { workload } from '../test/support/ingest-workload.ts';

/**
 * CPU per profile from gz bytes to committed, beside the bare gunzip of the same bytes in the same run; and what of it is
 * learnt for growth and metrics (`watching`: owners, floors, counters), with what saving the floors once a minute and telling
 * of all workloads four times a minute take. Arguments: services, pods, minutes. The first scrapes of every series are warm-up
 * and shown apart: they carry all symbols to the store.
 */

const [services = 5, pods = 4, minutes = 20] = process.argv.slice(2).map(Number);
/** The goal for the mean over the reference mix. */
const goal = 2.8;
const batchSize = 64;
const warmUpMinutes = Math.min(10, minutes - 1);

interface Spent {
  profiles: number;
  bytes: number;
  samples: number;
  gunzip: number;
  ingest: number;
  /** Without an observer, in a store of its own. */
  alone: number;
  floors: number;
  telling: number;
}

/** The observer as the ingest thread has it, on the clock of the stamps. */
class Watching {
  readonly observer: GrowthObserver;
  readonly #teller: NumbersTeller;
  readonly #reader = new NumbersReader();
  #nowMs: number;
  #savedMs: number;

  constructor(dataDir: string, startMs: number) {
    const store = openSqliteGrowth({ dataDir, synchronous: 'normal' });
    const state = openSqliteState({ dataDir, synchronous: 'normal' });
    this.#nowMs = startMs;
    this.#savedMs = startMs;
    const now = (): number => this.#nowMs;
    this.observer = new GrowthObserver({ settings: defaultGrowthIngestSettings, store, state, now });
    this.#teller = new NumbersTeller(this.observer, now);
  }

  goOn(nowMs: number, spent: Spent): void {
    this.#nowMs = nowMs;
    if (nowMs - this.#savedMs < saveFloorsEveryMs(defaultGrowthIngestSettings.bucketMs)) return;
    this.#savedMs = nowMs;
    spent.floors += cpuOf(() => this.observer.saveFloors());
    spent.telling += 4 * cpuOf(() => this.#reader.read(this.#teller.tell()));
  }
}

const nothing: Spent = { profiles: 0, bytes: 0, samples: 0, gunzip: 0, ingest: 0, alone: 0, floors: 0, telling: 0 };
const { name, jobs } = workload({ services, pods, minutes });
const dir = mkdtempSync(join(tmpdir(), 'flameherd-bench-'));
try {
  await run(jobs);
} finally {
  rmSync(dir, { recursive: true, force: true });
}

async function run(jobs: readonly IngestJob[]): Promise<void> {
  const startMs = jobs[0]?.stampMs ?? 0;
  const watching = new Watching(join(dir, 'watched'), startMs);
  const watched = openPipeline(join(dir, 'watched'), watching.observer);
  const alone = openPipeline(join(dir, 'alone'));
  const rows = new Map<string, Spent>();
  for (const batch of batches(jobs)) {
    const stampMs = batch[0]?.stampMs ?? 0;
    const spent = spentOn(rows, stampMs - startMs >= warmUpMinutes * 60_000 ? (batch[0]?.kind ?? '') : 'warm-up');
    measure([watched.pipeline, alone.pipeline], batch, spent);
    watching.goOn(stampMs, spent);
  }
  watched.pipeline.checkpointAll();
  print(rows, watched.pipeline);
  console.log(JSON.stringify(watching.observer.counts));
  const { bytes } = watched.writer.stats();
  console.log(`disk ${(bytes / jobs.length / 1000).toFixed(2)} KB/profile, heads and dictionary, nothing compacted`);
  for (const { writer, state } of [watched, alone]) {
    await writer[Symbol.asyncDispose]();
    await state[Symbol.asyncDispose]();
  }
}

function openPipeline(dataDir: string, observer?: GrowthObserver) {
  const retention = { maxAgeMs: 1e13, maxBytes: 1e13 };
  const writer = openSqliteWriter({ dataDir, minFreeBytes: 0, synchronous: 'normal', retention, now: Date.now });
  const state = openSqliteState({ dataDir, synchronous: 'normal' });
  const createDecoder = (): PprofDecoder => new PprofDecoder(defaultDecodeLimits);
  const options = { createDecoder, writer, state, limits: defaultPipelineLimits };
  return { writer, state, pipeline: new IngestPipeline(observer ? { ...options, observer } : options) };
}

/** The jobs of a minute by kind, so that each batch is of one kind and the batches stay in order of time. */
function* batches(jobs: readonly IngestJob[]): Generator<IngestJob[]> {
  const first = jobs[0]?.stampMs ?? 0;
  const groups = Map.groupBy(jobs, ({ stampMs, kind }) => `${Math.round((stampMs - first) / 60_000)} ${kind}`);
  for (const group of groups.values()) {
    for (let from = 0; from < group.length; from += batchSize) yield group.slice(from, from + batchSize);
  }
}

function spentOn(rows: Map<string, Spent>, name: string): Spent {
  const spent = rows.get(name) ?? { ...nothing };
  rows.set(name, spent);
  return spent;
}

function measure(
  [watched, alone]: readonly [IngestPipeline, IngestPipeline],
  batch: readonly IngestJob[],
  spent: Spent,
): void {
  spent.gunzip += cpuOf(() => {
    // In one piece, as the decoder does it.
    for (const { bytes } of batch) gunzipSync(bytes, { chunkSize: inflatedLength(bytes) + 64 });
  });
  // In turn first, so that neither finds the other's memory warm more often.
  const isFirst = spent.profiles % (2 * batch.length) === 0;
  if (isFirst) spent.alone += cpuOf(() => alone.ingest(batch));
  spent.ingest += cpuOf(() => {
    for (const outcome of watched.ingest(batch)) {
      if (outcome.kind !== 'stored') throw new Error(JSON.stringify(outcome));
      spent.samples += outcome.samples;
    }
  });
  if (!isFirst) spent.alone += cpuOf(() => alone.ingest(batch));
  spent.profiles += batch.length;
  spent.bytes += batch.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

function cpuOf(work: () => void): number {
  const usage = process.cpuUsage();
  work();
  return micros(process.cpuUsage(usage));
}

function micros({ user, system }: NodeJS.CpuUsage): number {
  return user + system;
}

function inflatedLength(gzip: Uint8Array): number {
  return Buffer.from(gzip.buffer, gzip.byteOffset, gzip.byteLength).readUInt32LE(gzip.length - 4);
}

function print(rows: ReadonlyMap<string, Spent>, pipeline: IngestPipeline): void {
  console.log(`${name}: ${services} services x ${pods} pods x ${minutes} min; µs of CPU per profile`);
  const table = [...rows].map(([name, spent]) => line(name, spent));
  const steady = [...rows].filter(([name]) => name !== 'warm-up').map(([, spent]) => spent);
  const sum = (field: keyof Spent): number => steady.reduce((total, spent) => total + spent[field], 0);
  const all = {
    profiles: sum('profiles'),
    bytes: sum('bytes'),
    samples: sum('samples'),
    gunzip: sum('gunzip'),
    ingest: sum('ingest'),
    alone: sum('alone'),
    floors: sum('floors'),
    telling: sum('telling'),
  };
  console.table(Object.fromEntries([...table, line('all but warm-up', all)]));
  const watching = all.ingest - all.alone + all.floors;
  const share = (part: number): string => `${((100 * part) / all.alone).toFixed(1)} %`;
  console.log(
    `watching ${share(all.ingest - all.alone)}, with floors saved ${share(watching)}; telling four times a minute ${share(all.telling)}`,
  );
  console.log(
    `ratio ${(all.ingest / all.gunzip).toFixed(2)}, goal at most ${goal}; ${JSON.stringify(pipeline.counts)}`,
  );
}

function line(
  name: string,
  { profiles, bytes, samples, gunzip, ingest, alone, floors }: Spent,
): [string, Record<string, number>] {
  const round = (value: number, digits: number): number => Number(value.toFixed(digits));
  return [
    name,
    {
      profiles,
      'gz KB': round(bytes / profiles / 1000, 1),
      samples: round(samples / profiles, 0),
      gunzip: round(gunzip / profiles, 0),
      ingest: round(ingest / profiles, 0),
      ratio: round(ingest / gunzip, 2),
      alone: round(alone / profiles, 0),
      floors: round(floors / profiles, 0),
    },
  ];
}
