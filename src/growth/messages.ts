import type { PlainError } from '../model/errors.ts';
import type { EventSide, GrowthEvent } from '../model/growth.ts';
import type { DurationMs, TimeWindow, UnixMs } from '../model/units.ts';
import type { Backtest, LiveChoice, WorkloadFilter } from './contract.ts';
import type { DetectorSettings } from './detector/contract.ts';
import type { EvaluationBounds, Judged, RunReport } from './evaluation.ts';

/** What crosses the border between the main thread and the growth threads; all of it can be cloned. */

export interface GrowthThreadSettings {
  readonly dataDir: string;
  readonly synchronous: 'normal' | 'full';
  readonly detector: DetectorSettings;
  readonly bounds: EvaluationBounds;
}

export interface EvaluateAsk {
  readonly throughBucket: number;
  readonly choices: JudgingChoices;
}

/** Who is not judged as usual: the same until the configuration or an annotation changes. */
export interface JudgingChoices {
  /** Matchers of who is never judged. */
  readonly deny: readonly string[];
  readonly live: readonly LiveChoice[];
}

export interface EvaluateAnswer extends RunReport {
  readonly cpuMs: DurationMs;
}

export interface ReplayAsk {
  readonly filter: WorkloadFilter;
  readonly window: TimeWindow;
  readonly choices: JudgingChoices;
}

export interface SaveProfilesAsk {
  readonly event: string;
  readonly windows: NonNullable<GrowthEvent['profiles']>;
  readonly profiles: Readonly<Partial<Record<EventSide, Uint8Array>>>;
}

/** Calls and what each answers. */
export interface GrowthCalls {
  readonly evaluate: { readonly ask: EvaluateAsk; readonly answer: EvaluateAnswer };
  readonly replay: { readonly ask: ReplayAsk; readonly answer: Backtest };
  readonly saveProfiles: { readonly ask: SaveProfilesAsk; readonly answer: undefined };
  /** Answers whether there is more to forget. */
  readonly prune: {
    readonly ask: { readonly olderThanMs: UnixMs; readonly eventsOlderThanMs: UnixMs };
    readonly answer: boolean;
  };
}

export type GrowthCallName = keyof GrowthCalls;

export type GrowthCall =
  | {
      [Name in GrowthCallName]: { readonly id: number; readonly name: Name; readonly ask: GrowthCalls[Name]['ask'] };
    }[GrowthCallName]
  /** Nobody waits for the answer any more. */
  | { readonly name: 'cancel'; readonly id: number }
  /** Ends what is under way after its step, and then the thread. */
  | { readonly name: 'stop' };

export type GrowthReply =
  /** What an evaluation has committed so far. */
  | ({ readonly kind: 'judged' } & Judged)
  | { readonly kind: 'answer'; readonly id: number; readonly answer: GrowthCalls[GrowthCallName]['answer'] }
  | { readonly kind: 'failed'; readonly id: number; readonly error: PlainError };
