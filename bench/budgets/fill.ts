import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { day, hour, type UnixMs } from '../../src/model/units.ts';
import type { ProfileWriter } from '../../src/store/profile-store.ts';
import { bytesByKind, bytesOfStore, headFileName, headFilesIn, hourOf } from '../../src/store/sqlite/files/data-dir.ts';
import { openSqliteState } from '../../src/store/sqlite/state.ts';
import { openSqliteWriter } from '../../src/store/sqlite/writer.ts';
import { settle } from '../settle.ts';
import type { WorkloadPart } from '../workload/reference.ts';
import { scrapesOf, workloadStartMs } from '../workload/scrapes.ts';
import { cpuNowMs } from './gunzip.ts';
import { type Ingested, ingest } from './ingest.ts';

const maxBytes = 1e13;

export interface Filled extends Ingested {
  /** The start of the first hour. */
  readonly fromMs: UnixMs;
  /** Compaction and roll-ups together. */
  readonly settleCpuMs: number;
}

/** By how much the workload is moved: whole days, so that it was taken two days ago, and hours stay what they are. */
export function moveToRecent(nowMs: UnixMs): number {
  return Math.floor((nowMs - workloadStartMs - 2 * day) / day) * day;
}

/** Fills a store with parts of the workload through the real pipeline, one part after the other; nothing is compacted. */
export async function fillHeads(
  dataDir: string,
  parts: readonly WorkloadPart[],
  moveMs: number,
): Promise<Ingested & Pick<Filled, 'fromMs'>> {
  await using writer = openWriter(dataDir);
  await using state = openSqliteState({ dataDir, synchronous: 'normal' });
  const spent = parts.map((part) => ingest(scrapesOf(part, moveMs), writer, state));
  const sum = (of: keyof Ingested): number => spent.reduce((total, one) => total + one[of], 0);
  return {
    profiles: sum('profiles'),
    gzipBytes: sum('gzipBytes'),
    ingestCpuMs: sum('ingestCpuMs'),
    gunzipCpuMs: sum('gunzipCpuMs'),
    fromMs: workloadStartMs + moveMs,
  };
}

/**
 * Fills a store and brings it to its final form. `keepHeads`: a folder that gets a copy of the head files before
 * compaction.
 */
export async function fillStore(
  dataDir: string,
  parts: readonly WorkloadPart[],
  moveMs: number,
  keepHeads?: string,
): Promise<Filled> {
  const heads = await fillHeads(dataDir, parts, moveMs);
  if (keepHeads !== undefined) copyHeads(dataDir, keepHeads);
  const settleCpuMs = await settleStore(dataDir);
  return { ...heads, settleCpuMs };
}

/** `0.61 KB (detail 0.52, roll1h 0.03, meta 0.06)`: bytes for each profile, and where they are. */
export function diskPerProfile(dataDir: string, profiles: number): string {
  const kilobytes = (bytes: number): string => (bytes / profiles / 1000).toFixed(2);
  const kinds = Object.entries(bytesByKind(dataDir)).filter(([, { bytes }]) => bytes > 0);
  const parts = kinds.map(([kind, { bytes }]) => `${kind} ${kilobytes(bytes)}`);
  return `${kilobytes(bytesOfStore(dataDir))} KB (${parts.join(', ')})`;
}

/** `0.91 ms, 2.8 × (ingest 2.5)`: CPU for each profile, and as multiples of the gunzip of the same bytes. */
export function cpuPerProfile({ profiles, gunzipCpuMs, ingestCpuMs, settleCpuMs }: Filled): string {
  const allIn = ingestCpuMs + settleCpuMs;
  const ratio = (cpuMs: number): string => (cpuMs / gunzipCpuMs).toFixed(2);
  return `${(allIn / profiles).toFixed(2)} ms, ${ratio(allIn)} × (ingest ${ratio(ingestCpuMs)})`;
}

/** Compacts and rolls up all that waits; returns the CPU that took. */
export async function settleStore(dataDir: string): Promise<number> {
  await using writer = openWriter(dataDir);
  const before = cpuNowMs();
  await settle(writer, { dataDir, maxBytes }, Date.now());
  return cpuNowMs() - before;
}

/** The copy of the head of an hour. */
export function keptHead(folder: string, hourMs: UnixMs): string {
  return join(folder, headFileName(hourOf(hourMs)));
}

function openWriter(dataDir: string): ProfileWriter {
  return openSqliteWriter({
    dataDir,
    minFreeBytes: 0,
    synchronous: 'normal',
    retention: { maxAgeMs: 400 * day, maxBytes },
    now: Date.now,
  });
}

function copyHeads(dataDir: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of headFilesIn(dataDir)) copyFileSync(join(dataDir, name), join(folder, name));
}

/** The hours of one day before and of the UTC day after an hour, without the hour itself: `[first, … last]`. */
export function hoursAfter(fromMs: UnixMs): number[] {
  const nextDay = (Math.floor(fromMs / day) + 1) * day;
  const last = hourOf(nextDay + day - hour);
  return Array.from({ length: last - hourOf(fromMs) }, (_, at) => hourOf(fromMs) + 1 + at);
}
