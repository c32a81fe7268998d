import type { EventSide, GrowthEvent, GrowthVerdict, Workload } from '../model/growth.ts';
import type { DurationMs, TimeWindow, UnixMs } from '../model/units.ts';
import type { EventQuery } from '../store/growth-store.ts';

/** Which workloads a question is about; an undefined part means any. */
export interface WorkloadFilter {
  /** Only workloads of one of these, whatever the rest says. */
  readonly namespaces?: ReadonlySet<string> | undefined;
  readonly namespace?: string | undefined;
  readonly workloadKind?: string | undefined;
  readonly workload?: string | undefined;
  readonly container?: string | undefined;
}

/** What would have been found over a stretch of stored floors. */
export interface Backtest {
  readonly window: TimeWindow;
  readonly bucketMs: DurationMs;
  /** In the order in which they would have been opened; those that did not end in the window have no `resolvedMs`. */
  readonly events: readonly GrowthEvent[];
  /** The last verdict of each workload. */
  readonly verdicts: readonly GrowthVerdict[];
  readonly evaluations: number;
}

/** What others may ask about growth. */
export interface GrowthQueries {
  /** The last verdicts, by workload. */
  verdicts(filter: WorkloadFilter): readonly GrowthVerdict[];
  /** The verdicts as they would have been at a moment, from the floors stored then, imports included. */
  verdictsAt(filter: WorkloadFilter, atMs: UnixMs, signal: AbortSignal): Promise<readonly GrowthVerdict[]>;
  /** Throws `query_too_large` over `maxBacktestWorkloads` workloads. */
  backtest(filter: WorkloadFilter, window: TimeWindow, signal: AbortSignal): Promise<Backtest>;
  events(query: EventQuery): readonly GrowthEvent[];
  event(id: string): GrowthEvent | undefined;
  /** Gzipped pprof. */
  eventProfile(id: string, side: EventSide): Uint8Array | undefined;
  /**
   * The name behind a `functionId`, where floors are kept of the function, or a live workload has it. With namespaces, where a
   * live workload or a verdict of these has it: floors do not tell whose a name is.
   */
  functionName(id: string, namespaces?: ReadonlySet<string>): string | undefined;
  readonly status: GrowthStatus;
}

export interface GrowthStatus {
  readonly enabled: boolean;
  readonly bucketMs: DurationMs;
  /** The end of the last bucket that was judged. */
  readonly evaluatedMs: UnixMs | undefined;
  readonly workloads: number;
}

/** Verdicts of what changed, for whoever is told of it: webhook, Kubernetes Events, the log. */
export interface EventChange {
  readonly kind: 'opened' | 'likely' | 'resolved';
  readonly event: GrowthEvent;
}

export interface LiveChoice {
  readonly workload: Workload;
  readonly isOff: boolean;
  readonly minAgeMs: DurationMs | undefined;
}
