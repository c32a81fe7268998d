import type { StackTrace } from '../../src/model/frame.ts';
import { partitionKey, type SeriesIdentity, seriesKey } from '../../src/model/series.ts';
import type { UnixMs } from '../../src/model/units.ts';
import type {
  AppendOutcome,
  ProfileRecord,
  ProfileWriter,
  RetentionReport,
  StoredIncreases,
  StoreStats,
} from '../../src/store/profile-store.ts';
import type { Checkpoint, StateStore } from '../../src/store/state-store.ts';
import { noFiles } from './store-files.ts';

/** A stored profile: rows by stack hash as text, with exact values. */
export interface MemoryRow {
  readonly high: number;
  readonly low: number;
  readonly values: readonly bigint[];
}

export interface MemoryProfile extends Omit<ProfileRecord, 'stacks' | 'values'> {
  readonly id: string;
  readonly rows: readonly MemoryRow[];
}

/** The contract of `ProfileWriter` in the plainest way: what it holds is there to be looked at. */
export class MemoryWriter implements ProfileWriter {
  readonly profiles: MemoryProfile[] = [];
  readonly stacks = new Map<string, StackTrace>();
  readonly ended = new Map<string, UnixMs>();
  /** How often an append was asked for. */
  appends = 0;
  /** Only sums are left of what was before. */
  expiredBeforeMs = Number.NEGATIVE_INFINITY;
  /** Thrown by the next appends instead of storing. */
  failure: Error | undefined;

  append(records: readonly ProfileRecord[]): AppendOutcome[] {
    this.appends++;
    if (this.failure) throw this.failure;
    return records.map((record) => this.#appendOne(record));
  }

  endProcess(processId: string, endedMs: UnixMs): void {
    this.ended.set(processId, endedMs);
  }

  increasesSince(series: SeriesIdentity, afterMs: UnixMs): StoredIncreases {
    const found = this.of(series).filter(({ stampMs }) => stampMs > afterMs);
    const types = (found.at(-1)?.types ?? []).filter(({ temporality }) => temporality === 'cumulative');
    const sums = new Map<string, { high: number; low: number; values: bigint[] }>();
    for (const profile of found) {
      for (const { high, low, values } of profile.rows) {
        const key = `${high},${low}`;
        const sum = sums.get(key) ?? { high, low, values: types.map(() => 0n) };
        for (const [index, { type }] of types.entries()) {
          const from = profile.types.findIndex((other) => other.type === type && other.temporality === 'cumulative');
          sum.values[index] = (sum.values[index] ?? 0n) + (values[from] ?? 0n);
        }
        sums.set(key, sum);
      }
    }
    const rows = [...sums.values()];
    return {
      latestMs: this.newest(series)?.stampMs,
      types,
      hashHigh: Int32Array.from(rows, ({ high }) => high),
      hashLow: Int32Array.from(rows, ({ low }) => low),
      values: types.map((_, type) => BigInt64Array.from(rows, ({ values }) => values[type] ?? 0n)),
    };
  }

  lastLook(partition: string): UnixMs | undefined {
    const stamps = this.profiles.filter(({ series }) => partitionKey(series.labels) === partition);
    return stamps.length === 0 ? undefined : Math.max(...stamps.map(({ stampMs }) => stampMs));
  }

  newest(series: SeriesIdentity): { readonly stampMs: UnixMs; readonly contentHash: string } | undefined {
    return this.of(series).at(-1);
  }

  /** The profiles of one series, in the order of their stamps. */
  of(series: SeriesIdentity): MemoryProfile[] {
    return this.profiles.filter((profile) => seriesKey(profile.series) === seriesKey(series));
  }

  seal(): boolean {
    return false;
  }

  dropCompacted(): void {}

  quarantine(): void {}

  retain(nowMs: UnixMs): RetentionReport {
    const before = this.profiles.length;
    const kept = this.profiles.filter(({ stampMs }) => stampMs >= nowMs);
    this.profiles.splice(0, before, ...kept);
    const removedFiles = kept.length < before ? ['memory'] : [];
    return { removedFiles, removedBytes: 0, oldestMs: kept[0]?.stampMs, pausedBecause: undefined };
  }

  stats(): StoreStats {
    const count = this.profiles.length;
    return {
      bytes: 0,
      files: 0,
      series: 0,
      partitions: 0,
      oldestMs: this.profiles[0]?.stampMs,
      newestMs: this.profiles[count - 1]?.stampMs,
      fullBecause: undefined,
      byKind: noFiles,
      compactionDueMs: undefined,
      damagedHoursMs: [],
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #appendOne(record: ProfileRecord): AppendOutcome {
    const same = this.of(record.series).find(({ stampMs }) => stampMs === record.stampMs);
    if (same?.contentHash === record.contentHash) return { kind: 'duplicate', id: same.id };
    const newest = this.newest(record.series);
    if (newest && newest.stampMs >= record.stampMs) {
      return { kind: 'conflict', reason: same ? 'duplicate_time' : 'out_of_order', lastStampMs: newest.stampMs };
    }
    if (record.stampMs < this.expiredBeforeMs) {
      return { kind: 'conflict', reason: 'expired', lastStampMs: newest?.stampMs ?? record.stampMs };
    }
    const { stacks, values, ...rest } = record;
    const rows = Array.from({ length: stacks.count }, (_, row): MemoryRow => {
      const high = stacks.hashHigh[row] ?? 0;
      const low = stacks.hashLow[row] ?? 0;
      if (!this.stacks.has(`${high},${low}`)) this.stacks.set(`${high},${low}`, stacks.describe(row));
      return { high, low, values: values.map((column) => BigInt(column[row] ?? 0)) };
    });
    const id = String(this.profiles.length + 1);
    this.profiles.push({ ...rest, id, rows });
    return { kind: 'stored', id };
  }
}

/** The contract of `StateStore` in memory. */
export class MemoryState implements StateStore {
  readonly checkpoints = new Map<string, Checkpoint>();
  readonly values = new Map<string, string>();
  /** How many checkpoints were ever saved. */
  saves = 0;

  saveCheckpoints(checkpoints: readonly Checkpoint[]): void {
    for (const checkpoint of checkpoints) {
      this.saves++;
      this.checkpoints.set(seriesKey(checkpoint.series), structuredClone(checkpoint));
    }
  }

  loadCheckpoint(series: SeriesIdentity): Checkpoint | undefined {
    return this.checkpoints.get(seriesKey(series));
  }

  pruneCheckpoints(olderThanMs: UnixMs): number {
    const old = [...this.checkpoints].filter(([, { stampMs }]) => stampMs < olderThanMs);
    for (const [key] of old) this.checkpoints.delete(key);
    return old.length;
  }

  get(key: string): string | undefined {
    return this.values.get(key);
  }

  set(key: string, value: string): void {
    this.values.set(key, value);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** The sum of one type over stored profiles. */
export function totalOf(profiles: readonly MemoryProfile[], type: string): bigint {
  let sum = 0n;
  for (const profile of profiles) {
    const index = profile.types.findIndex((other) => other.type === type);
    for (const { values } of profile.rows) sum += values[index] ?? 0n;
  }
  return sum;
}
