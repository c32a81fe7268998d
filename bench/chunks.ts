import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Chunk, ChunkInput } from '../src/store/sqlite/chunks/chunk.ts';
import { ChunkEncoder, type EncodedChunk } from '../src/store/sqlite/chunks/chunk-encoder.ts';
import { DetailReader, DetailWriter } from '../src/store/sqlite/chunks/detail-file.ts';
import { hourOf, hourOfHeadFile, metaFile } from '../src/store/sqlite/files/data-dir.ts';
import { openForReading } from '../src/store/sqlite/files/database.ts';
import { HeadScan } from '../src/store/sqlite/heads/head-scan.ts';
import { decodeShape } from '../src/store/sqlite/heads/shape.ts';
import { WeightedSums } from '../src/store/sqlite/read/weighted-sums.ts';
import { standingOf } from '../src/store/standing.ts';
import { cpuUsOf } from './cpu.ts';
import { fillStore } from './fill-store.ts';
import { median, printTable, shortNumber } from './table.ts';

/**
 * What a profile takes in a detail file, part by part, and the CPU to put it there and to read it, beside what the
 * prototype of the layout took (zstd over varints). `node bench/chunks.ts [services] [minutes]`
 */

const [services = 4, minutes = 60] = process.argv.slice(2).map(Number);
const rounds = 9;
const warmUps = 5;
const windowMinutes = 25;
/** Bytes of sums and detail, and microseconds to compact, a profile of one hour. */
const prototype: Readonly<Record<string, { readonly bytes: number; readonly us: number }>> = {
  cpu: { bytes: 139 + 406, us: 44 },
  heap: { bytes: 1247 + 4807, us: 233 },
  goroutine: { bytes: 54 + 52, us: 19 },
  block: { bytes: 195 + 427, us: 12 },
  mutex: { bytes: 102 + 216, us: 5 },
};

interface KindChunk {
  readonly kind: string;
  readonly input: ChunkInput;
}

const dataDir = mkdtempSync(join(tmpdir(), 'flameherd-bench-'));
try {
  await run();
} finally {
  rmSync(dataDir, { recursive: true, force: true });
}

async function run(): Promise<void> {
  const { name, profiles } = await fillStore(dataDir, services, minutes);
  const chunks = inputsOf(dataDir);
  console.log(`${name}: ${profiles} profiles, ${chunks.length} chunks, ${services} services, ${minutes} min\n`);
  printSizes(chunks);
  const path = join(dataDir, 'detail-bench.db');
  const us = writeAll(path, chunks);
  const bytes = statSync(path).size;
  console.log(
    `\nthe file: ${Math.round(bytes / profiles)} bytes a profile; ${shortNumber(us)} µs a profile to write it\n`,
  );
  printReading(path, chunks);
}

/** The chunks that compaction would make of the head files in a directory. */
function inputsOf(dir: string): KindChunk[] {
  const meta = openForReading(join(dir, metaFile), 'meta');
  const kinds = new Map(meta.prepare<[], [number, string]>('SELECT id, kind FROM series').raw().all());
  meta.close();
  const chunks: KindChunk[] = [];
  for (const file of readdirSync(dir)) {
    const hour = hourOfHeadFile(file);
    if (hour === undefined) continue;
    using head = new HeadScan(dir, file, hour);
    for (const series of head.series()) chunks.push({ kind: kinds.get(series) ?? '', input: inputOf(head, series) });
  }
  return chunks;
}

function inputOf(head: HeadScan, series: number): ChunkInput {
  const scanned = head.profiles(series);
  const standing = scanned.map(({ stampMs, intervalMs }, at) =>
    standingOf({ stampMs, intervalMs, nextMs: scanned[at + 1]?.stampMs, endMs: undefined }),
  );
  const { partition = 0, stampMs = 0 } = scanned[0] ?? {};
  return {
    key: { series, hour: hourOf(stampMs), head: 1, part: 0 },
    partition,
    carried: false,
    profiles: scanned.map((profile, at) => ({
      ...profile,
      standingSeconds: (standing[at]?.to ?? 0) - (standing[at]?.from ?? 0),
    })),
    observed: [{ from: standing[0]?.from ?? 0, to: standing.at(-1)?.to ?? 0 }],
  };
}

function printSizes(chunks: readonly KindChunk[]): void {
  const encoder = new ChunkEncoder();
  const encode = ({ input }: KindChunk): EncodedChunk => encoder.encode(input, () => ({ id: 1, checksum: 0 }));
  for (const chunk of chunks) encode(chunk);
  const rows: string[][] = [];
  const all = { profiles: 0, bytes: 0, us: 0 };
  for (const [kind, ofKind] of Map.groupBy(chunks, ({ kind }) => kind)) {
    const profiles = ofKind.reduce((sum, { input }) => sum + input.profiles.length, 0);
    const encoded = ofKind.map(encode);
    const us = medianUs(() => ofKind.forEach(encode)) / profiles;
    const parts = [
      sizeOf(encoded.map(({ entries }) => entries)),
      sizeOf(encoded.map(({ stacks }) => stacks)),
      sizeOf(encoded.flatMap(({ sums }) => sums.map(({ data }) => data))),
      sizeOf(encoded.flatMap(({ details }) => details.map(({ data }) => data))),
    ].map((bytes) => bytes / profiles);
    const bytes = parts.reduce((sum, part) => sum + part, 0);
    const before = prototype[kind];
    rows.push([kind, ...[...parts, bytes, before?.bytes ?? 0, us, before?.us ?? 0].map(shortNumber)]);
    all.profiles += profiles;
    all.bytes += bytes * profiles;
    all.us += us * profiles;
  }
  const mean = [all.bytes / all.profiles, 1529, all.us / all.profiles, 63].map(shortNumber);
  rows.push(['all', '', '', '', '', ...mean]);
  printTable(
    ['bytes a profile', 'entries', 'stacks', 'sums', 'detail', 'all', 'prototype', 'µs', 'prototype µs'],
    rows,
  );
}

/** Writes a detail file; microseconds a profile. */
function writeAll(path: string, chunks: readonly KindChunk[]): number {
  const writer = new DetailWriter(path, 'normal');
  const profiles = chunks.reduce((sum, { input }) => sum + input.profiles.length, 0);
  const us = cpuUsOf(() => {
    writer.begin();
    for (const { input } of chunks) writer.replace(input);
    writer.commit();
    writer.checkpoint();
  });
  writer.close();
  return us / profiles;
}

function printReading(path: string, chunks: readonly KindChunk[]): void {
  const reader = new DetailReader(path);
  reader.begin();
  const rows: string[][] = [];
  for (const [kind, ofKind] of Map.groupBy(chunks, ({ kind }) => kind)) {
    const types = decodeShape(ofKind[0]?.input.profiles[0]?.shape ?? '').types.length;
    const keys = ofKind.map(({ input }) => input.key);
    const open = (): Chunk[] => keys.flatMap((key) => reader.chunk(key) ?? []);
    const into = new WeightedSums(1 << 18);
    const entries = medianUs(() => open().forEach((chunk) => chunk.entries.stampMs)) / keys.length;
    const sum = (type: number) => medianUs(() => open().forEach((chunk) => chunk.addSum(type, into))) / keys.length;
    const detail = (type: number, share: number) =>
      medianUs(() => open().forEach((chunk) => addWindow(chunk, type, share, into))) / keys.length;
    const share = windowMinutes / minutes;
    rows.push([
      kind,
      ...[entries, sum(0), sum(types - 1), 4 * detail(types - 1, share), 4 * detail(types - 1, 1)].map(shortNumber),
    ]);
  }
  reader.close();
  printTable(
    [
      'µs',
      'entries',
      'sum of first type',
      'of last type',
      `4 chunks, ${windowMinutes} min of detail`,
      'the whole hour',
    ],
    rows,
  );
}

function addWindow(chunk: Chunk, type: number, share: number, into: WeightedSums): void {
  const { stampMs } = chunk.entries;
  const first = Math.floor(stampMs.length * (1 - share) * 0.7);
  const last = first + stampMs.length * share;
  const weights = stampMs.map((_, entry) => (entry >= first && entry < last ? 60 : 0));
  chunk.addDetail([{ type, weights, into }]);
}

function sizeOf(blobs: readonly Uint8Array[]): number {
  return blobs.reduce((sum, { length }) => sum + length, 0);
}

function medianUs(work: () => void): number {
  for (let round = 0; round < warmUps; round++) work();
  return median(Array.from({ length: rounds }, () => cpuUsOf(work)));
}
