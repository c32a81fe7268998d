import type { PlainError } from '../model/errors.ts';
import type { LabelSet } from '../model/labels.ts';
import type { ProfileKind } from '../model/profile-type.ts';
import type { ProcessIdentity } from '../model/series.ts';
import type { Bytes, DurationMs, UnixMs } from '../model/units.ts';

/** A profile as it came, on its way to the store. The buffer of `bytes` is handed over, not copied: do not use it after. */
export interface IngestJob {
  /** (source, kind) is what the queue is fair between. */
  readonly source: string;
  readonly labels: LabelSet;
  readonly process: ProcessIdentity;
  /** Uploads: false when the client named no process; cumulative types are then `process_required` unless `asDelta`. */
  readonly processNamed?: boolean;
  /**
   * Names the binary, such as an image digest: processes of one build share what their addresses mean. Without it,
   * mappings that have no build id are looked up by process.
   */
  readonly build?: string | undefined;
  /** Undefined for an upload without one: then it is told by its sample types. */
  readonly kind: ProfileKind | undefined;
  /** Gzip or plain protobuf. */
  readonly bytes: Uint8Array;
  /** When it was answered; a delta profile: when it began. */
  readonly stampMs: UnixMs;
  /** Undefined for an upload without one: then it is the gap to the profile before it. */
  readonly intervalMs: DurationMs | undefined;
  readonly origin: 'scrape' | 'upload';
  /** Scrapes: when this run of ours first knew the workload. Decides whether a new process counts from zero. */
  readonly firstKnownMs: UnixMs | undefined;
  /** Uploads: cumulative types hold increases already. */
  readonly asDelta: boolean;
  /** Uploads: the process ended then. */
  readonly endedMs: UnixMs | undefined;
}

/** What became of a job, after commit. A refused profile is data, not a fault: `error` says why. */
export type IngestOutcome =
  | {
      readonly kind: 'stored';
      readonly id: string;
      readonly duplicate: boolean;
      readonly samples: number;
      readonly trimmed: number;
      /** The length of the profile's own window in milliseconds; 0 for snapshots. */
      readonly profiledMs: DurationMs;
      readonly warnings: readonly string[];
      /** The target's clock minus ours. */
      readonly skewMs: DurationMs | undefined;
    }
  | { readonly kind: 'refused'; readonly error: PlainError }
  /** The queue was full, and this was the newest of the source that held most of it. */
  | { readonly kind: 'dropped'; readonly queuedBytes: Bytes };

/** The way in: what scrape loops and uploads are given. */
export interface Ingest extends AsyncDisposable {
  submit(job: IngestJob): Promise<IngestOutcome>;
  endProcess(processId: string, endedMs: UnixMs): void;
  stats(): Promise<IngestStats>;
}

export interface IngestStats {
  readonly queuedJobs: number;
  readonly queuedBytes: Bytes;
  readonly stored: number;
  readonly refused: number;
  readonly dropped: number;
  readonly resets: number;
  readonly seeds: number;
  readonly trimmedSamples: number;
  /** Labels of samples that were left out of their stacks: for what their key is called, or for how many texts it has. */
  readonly droppedLabels: Readonly<Record<'name' | 'values', number>>;
  readonly commits: number;
  /** What is held for growth and metrics, and what there was no room for. */
  readonly growth: {
    readonly workloads: number;
    readonly processes: number;
    /** Functions over all workloads. */
    readonly functions: number;
    /** Functions whose floors are followed, over all processes. */
    readonly series: number;
    /** Functions that were to be followed in a bucket of a process, and were not. */
    readonly seriesLeftOut: number;
    readonly profilesLeftOut: number;
    readonly floorsLost: number;
    /** Saves that were refused; they are tried again. */
    readonly floorSaveFailures: number;
  };
}
