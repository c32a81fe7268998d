import type { PlainError } from '../model/errors.ts';
import type { UnixMs } from '../model/units.ts';
import type { DecodeLimits } from '../pprof/decoded-profile.ts';
import type { RetentionReport, StoreStats } from '../store/profile-store.ts';
import type { Retention } from '../store/retention.ts';
import type { GrowthObserverCounts } from './growth/growth-observer.ts';
import type { ToldNumbers } from './growth/numbers-teller.ts';
import type { GrowthIngestSettings } from './growth/settings.ts';
import type { IngestJob, IngestOutcome } from './messages.ts';
import type { PipelineCounts, PipelineLimits } from './pipeline.ts';

/** What crosses the border between the main thread and the ingest thread; all of it can be cloned. */

export interface IngestThreadSettings {
  readonly dataDir: string;
  readonly minFreeBytes: number;
  readonly synchronous: 'normal' | 'full';
  readonly retention: Retention;
  readonly decode: DecodeLimits;
  readonly limits: PipelineLimits;
  readonly growth: GrowthIngestSettings;
}

/** Calls and what each answers. */
export interface ThreadCalls {
  readonly ingest: { readonly ask: readonly IngestJob[]; readonly answer: readonly IngestOutcome[] };
  readonly counts: { readonly ask: undefined; readonly answer: ThreadCounts };
  readonly storeStats: { readonly ask: undefined; readonly answer: StoreStats };
  readonly retain: {
    readonly ask: { readonly nowMs: UnixMs; readonly retention: Retention | undefined };
    readonly answer: RetentionReport;
  };
  readonly checkpoint: { readonly ask: undefined; readonly answer: undefined };
  /** As the calls of `ProfileWriter`. */
  readonly seal: { readonly ask: UnixMs; readonly answer: boolean };
  readonly dropCompacted: { readonly ask: undefined; readonly answer: undefined };
  readonly quarantine: {
    readonly ask: { readonly hourMs: UnixMs; readonly because: string };
    readonly answer: undefined;
  };
  readonly endProcess: {
    readonly ask: { readonly processId: string; readonly endedMs: UnixMs };
    readonly answer: undefined;
  };
  /** Saves all floors; the answer is the newest bucket of which live ones were saved since the start. */
  readonly saveFloors: { readonly ask: undefined; readonly answer: number | undefined };
  /** What changed since it was asked for last. */
  readonly liveNumbers: { readonly ask: undefined; readonly answer: ToldNumbers };
  /** Saves all state and lets go of the stores; nothing may follow. */
  readonly close: { readonly ask: undefined; readonly answer: undefined };
}

export interface ThreadCounts extends PipelineCounts {
  readonly growth: GrowthObserverCounts;
}

export type CallName = keyof ThreadCalls;

export type ThreadCall = {
  [Name in CallName]: { readonly id: number; readonly name: Name; readonly ask: ThreadCalls[Name]['ask'] };
}[CallName];

export type ThreadReply =
  | { readonly kind: 'ready' }
  /** The stores could not be opened, for a reason that an operator can mend. */
  | { readonly kind: 'unusable'; readonly error: PlainError }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: ThreadCalls[CallName]['answer'] }
  | { readonly kind: 'failed'; readonly id: number; readonly error: PlainError };
