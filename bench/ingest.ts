import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { defaultPipelineLimits } from '../src/ingest/defaults.ts';
import type { IngestJob } from '../src/ingest/messages.ts';
import { IngestPipeline } from '../src/ingest/pipeline.ts';
import { PprofDecoder } from '../src/pprof/decode.ts';
import { defaultDecodeLimits } from '../src/pprof/decode-limits.ts';
import { openSqliteState } from '../src/store/sqlite/state.ts';
import { openSqliteWriter } from '../src/store/sqlite/writer.ts';
import { workload } from '../test/support/ingest-workload.ts';

/**
 * CPU per profile from gz bytes to committed, beside the bare gunzip of the same bytes in the same run. Arguments: services,
 * pods, minutes. The first scrapes of every series are warm-up and shown apart: they carry all symbols to the store.
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
}

const { name, jobs } = workload({ services, pods, minutes });
const dir = mkdtempSync(join(tmpdir(), 'flameherd-bench-'));
try {
  await run(jobs);
} finally {
  rmSync(dir, { recursive: true, force: true });
}

async function run(jobs: readonly IngestJob[]): Promise<void> {
  const writer = openSqliteWriter({
    dataDir: dir,
    minFreeBytes: 0,
    synchronous: 'normal',
    retention: { maxAgeMs: 1e13, maxBytes: 1e13 },
    now: Date.now,
  });
  const state = openSqliteState({ dataDir: dir, synchronous: 'normal' });
  const createDecoder = (): PprofDecoder => new PprofDecoder(defaultDecodeLimits);
  const pipeline = new IngestPipeline({ createDecoder, writer, state, limits: defaultPipelineLimits });
  const rows = new Map<string, Spent>();
  const warmUntil = (jobs[0]?.stampMs ?? 0) + warmUpMinutes * 60_000;
  for (const batch of batches(jobs)) {
    const isWarm = (batch[0]?.stampMs ?? 0) >= warmUntil;
    measure(pipeline, batch, spentOn(rows, isWarm ? (batch[0]?.kind ?? '') : 'warm-up'));
  }
  pipeline.checkpointAll();
  print(rows, pipeline);
  const { bytes } = writer.stats();
  console.log(`disk ${(bytes / jobs.length / 1000).toFixed(2)} KB/profile, heads and dictionary, nothing compacted`);
  await writer[Symbol.asyncDispose]();
  await state[Symbol.asyncDispose]();
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
  const spent = rows.get(name) ?? { profiles: 0, bytes: 0, samples: 0, gunzip: 0, ingest: 0 };
  rows.set(name, spent);
  return spent;
}

function measure(pipeline: IngestPipeline, batch: readonly IngestJob[], spent: Spent): void {
  let usage = process.cpuUsage();
  // In one piece, as the decoder does it.
  for (const { bytes } of batch) gunzipSync(bytes, { chunkSize: inflatedLength(bytes) + 64 });
  spent.gunzip += micros(process.cpuUsage(usage));
  usage = process.cpuUsage();
  const outcomes = pipeline.ingest(batch);
  spent.ingest += micros(process.cpuUsage(usage));
  for (const outcome of outcomes) {
    if (outcome.kind !== 'stored') throw new Error(JSON.stringify(outcome));
    spent.samples += outcome.samples;
  }
  spent.profiles += batch.length;
  spent.bytes += batch.reduce((sum, { bytes }) => sum + bytes.length, 0);
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
  };
  console.table(Object.fromEntries([...table, line('all but warm-up', all)]));
  console.log(
    `ratio ${(all.ingest / all.gunzip).toFixed(2)}, goal at most ${goal}; ${JSON.stringify(pipeline.counts)}`,
  );
}

function line(name: string, { profiles, bytes, samples, gunzip, ingest }: Spent): [string, Record<string, number>] {
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
    },
  ];
}
