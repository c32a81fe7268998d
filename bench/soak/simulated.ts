import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { day as dayMs, hour, minute, type UnixMs } from '../../src/model/units.ts';
import type { ProfileWriter, StoreStats } from '../../src/store/profile-store.ts';
import { openSqliteReader } from '../../src/store/sqlite/reader.ts';
import { openSqliteWriter } from '../../src/store/sqlite/writer.ts';
import { settle } from '../settle.ts';
import { Fleet } from './fleet.ts';
import { timeQuestions } from './questions.ts';

export interface SoakOptions {
  readonly dataDir: string;
  readonly services: number;
  readonly days: number;
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  /** Told at the end of each day. */
  readonly onDay: (day: SoakDay) => void;
}

/** How the store is at the end of a day. */
export interface SoakDay {
  readonly day: number;
  readonly residentBytes: number;
  /** Heap and arrays in use after a collection. */
  readonly liveBytes: number;
  /** Of those, the trees that the writer holds. */
  readonly treeBytes: number;
  /** As `du` counts. */
  readonly diskBytes: number;
  readonly byKind: StoreStats['byKind'];
  readonly heldHours: number;
  readonly appendCpuUs: number;
  readonly questions: readonly { readonly name: string; readonly ms: number }[];
  /** Of the last run of retention that removed files: what `du` said before and after it, and what it said it had removed. */
  readonly retention: { readonly before: number; readonly after: number; readonly removed: number } | undefined;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const startMs = Date.UTC(2026, 0, 1);

/** Many days of profiles in minutes: everything in the store goes by a clock that is moved on scrape by scrape. */
export async function soak({ dataDir, services, days, maxBytes, maxAgeMs, onDay }: SoakOptions): Promise<void> {
  let nowMs = startMs;
  await using writer = openSqliteWriter({
    dataDir,
    minFreeBytes: 0,
    synchronous: 'normal',
    retention: { maxAgeMs, maxBytes },
    now: () => nowMs,
    monotonicMs: () => nowMs - startMs,
  });
  const fleet = new Fleet(services);
  let retention: SoakDay['retention'];
  await using reader = await (async () => {
    for (const pod of fleet.deployAll()) writer.endProcess(pod, nowMs);
    writer.append(fleet.scrape(nowMs));
    return openSqliteReader({ dataDir });
  })();
  for (let day = 1; day <= days; day++) {
    const before = process.cpuUsage();
    let otherCpuUs = 0;
    for (; nowMs < startMs + day * dayMs; nowMs += minute) {
      if (nowMs > startMs) writer.append(fleet.scrape(nowMs));
      if (nowMs % hour !== 10 * minute) continue;
      const hourly = process.cpuUsage();
      await settle(writer, { dataDir, maxBytes }, nowMs);
      retention = retain(writer, dataDir, nowMs) ?? retention;
      const { user, system } = process.cpuUsage(hourly);
      otherCpuUs += user + system;
    }
    const { user, system } = process.cpuUsage(before);
    const questions = timeQuestions(reader, nowMs);
    const profiles = (dayMs / minute) * fleet.series;
    const { byKind, oldestMs = nowMs, treeBytes = 0 } = writer.stats();
    onDay({
      day,
      residentBytes: process.memoryUsage().rss,
      liveBytes: liveBytes(),
      treeBytes,
      diskBytes: diskUsage(dataDir),
      byKind,
      heldHours: Math.round((nowMs - oldestMs) / hour),
      appendCpuUs: (user + system - otherCpuUs) / profiles,
      questions,
      retention,
    });
    for (const pod of fleet.deployAll()) writer.endProcess(pod, nowMs);
  }
}

function liveBytes(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function retain(writer: ProfileWriter, dataDir: string, nowMs: UnixMs): SoakDay['retention'] {
  const before = diskUsage(dataDir);
  const { removedFiles, removedBytes } = writer.retain(nowMs);
  return removedFiles.length === 0 ? undefined : { before, after: diskUsage(dataDir), removed: removedBytes };
}

/** What `du` says of a folder of files. */
export function diskUsage(folder: string): number {
  return readdirSync(folder).reduce((bytes, name) => {
    const { blocks } = statSync(join(folder, name), { throwIfNoEntry: false }) ?? { blocks: 0 };
    return bytes + 512 * blocks;
  }, 0);
}
