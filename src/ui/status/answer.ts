import type { UnixMs } from '../../model/units.ts';

/** What `/api/v1/status` answers, as far as the pages show it. Counters are since the daemon started. */
export interface StatusAnswer {
  readonly version: string;
  readonly node: string;
  readonly startedMs: UnixMs;
  readonly ready: boolean;
  readonly reasons: readonly string[];
  readonly problems: readonly { readonly what: string; readonly hint: string }[];
  readonly pauses: readonly { readonly namespace?: string; readonly workload?: string }[];
  readonly lease: {
    readonly role: 'alone' | 'holder' | 'standby';
    readonly lease: string;
    readonly holder: string;
    readonly detail: string;
  };
  readonly targets: Readonly<Record<string, number>>;
  readonly growth: GrowthStatus;
  readonly ingest: IngestStatus | null;
  readonly store: StoreStatus | null;
  /** What decides what is found and kept, by key, as it is written in the configuration. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface GrowthStatus {
  readonly enabled: boolean;
  readonly bucketMs: number;
  /** The end of the last bucket that was judged. */
  readonly evaluatedMs?: UnixMs;
  readonly workloads: number;
}

export interface IngestStatus {
  readonly queuedJobs: number;
  readonly queuedBytes: number;
  readonly stored: number;
  readonly refused: number;
  readonly dropped: number;
  readonly resets: number;
  readonly trimmedSamples: number;
  readonly droppedLabels: Readonly<Record<'name' | 'values', number>>;
  readonly growth: {
    readonly workloads: number;
    readonly processes: number;
    readonly functions: number;
    readonly seriesLeftOut: number;
    readonly profilesLeftOut: number;
    readonly floorsLost: number;
  };
}

export interface StoreStatus {
  readonly bytes: number;
  readonly files: number;
  readonly series: number;
  readonly partitions: number;
  readonly oldestMs?: UnixMs;
  readonly newestMs?: UnixMs;
  /** Set while nothing can be written. */
  readonly fullBecause?: string;
  readonly byKind: Readonly<Record<string, { readonly files: number; readonly bytes: number }>>;
  readonly compactionDueMs?: UnixMs;
  readonly damagedHoursMs: readonly UnixMs[];
  readonly treeBytes?: number;
}
