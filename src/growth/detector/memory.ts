import type { ClockLevels } from './clock-levels.ts';
import type { Found } from './finding.ts';
import type { Recurrences } from './likely.ts';
import type { Plateaus } from './plateaus.ts';
import type { FollowedProcess, Series } from './process.ts';

/** What the floors alone do not tell, as JSON: small, because most series have never grown. */

/** Short names, since there may be hundreds of each. */
interface SeriesMemory {
  /** Function, `` for the whole heap, `goroutines` for these. */
  readonly f: string;
  /** Evaluations in a row: steady, envelope, week. */
  readonly s?: number;
  readonly e?: number;
  readonly w?: number;
  readonly hit?: number;
  readonly grew?: 1;
  readonly found?: Series['found'];
}

interface ProcessMemory {
  readonly id: string;
  readonly first: number;
  readonly series?: readonly SeriesMemory[];
}

type EntriesOf<Store extends { entries(): unknown }> = ReturnType<Store['entries']>;

export interface Memory {
  readonly format: 1;
  readonly processes: readonly ProcessMemory[];
  readonly plateaus: EntriesOf<Plateaus>;
  readonly doubts: EntriesOf<ClockLevels>;
  readonly died: EntriesOf<Recurrences>;
  readonly found: Partial<Readonly<Record<'heap' | 'goroutines' | 'allocations', Found>>>;
}

export function processMemory(process: FollowedProcess): ProcessMemory {
  const series = seriesOf(process)
    .filter((one) => one.steady + one.envelope + one.week > 0 || one.lastHit >= 0 || one.grew || one.found)
    .map(seriesMemory);
  return { id: process.id, first: process.first, ...(series.length > 0 ? { series } : {}) };
}

function seriesMemory({ id, steady, envelope, week, lastHit, grew, found }: Series): SeriesMemory {
  return {
    f: id,
    ...(steady > 0 ? { s: steady } : {}),
    ...(envelope > 0 ? { e: envelope } : {}),
    ...(week > 0 ? { w: week } : {}),
    ...(lastHit >= 0 ? { hit: lastHit } : {}),
    ...(grew ? { grew: 1 } : {}),
    ...(found ? { found } : {}),
  };
}

/** Puts back what was remembered into a process whose floors have been read again. */
export function recallProcess(process: FollowedProcess, { first, series = [] }: ProcessMemory): void {
  process.first = first;
  const byId = new Map(seriesOf(process).map((one) => [one.id, one]));
  for (const { f, s = 0, e = 0, w = 0, hit = -1, grew, found } of series) {
    const one = byId.get(f);
    if (!one) continue;
    one.steady = s;
    one.envelope = e;
    one.week = w;
    one.lastHit = hit;
    one.grew = grew === 1;
    one.found = found;
  }
}

function seriesOf(process: FollowedProcess): Series[] {
  return [process.whole, process.goroutines, ...[...process.functions.values()].sort((a, b) => (a.id < b.id ? -1 : 1))];
}

/** Throws `SyntaxError` where the text is not JSON; undefined for a memory of another format, which is none. */
export function readMemory(text: string): Memory | undefined {
  const memory = JSON.parse(text) as Memory;
  return memory.format === 1 ? memory : undefined;
}
