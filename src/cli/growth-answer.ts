import type { Baseline, GrowthSignal, GrowthTier, LikelyBecause } from '../model/growth.ts';

/** What `/api/v1/growth` and the routes below it answer, as far as it is drawn. */

export interface WorkloadAnswer {
  readonly namespace: string;
  readonly workloadKind: string;
  readonly workload: string;
  readonly container: string;
}

export interface SignalAnswer {
  readonly signal: GrowthSignal;
  readonly tier: GrowthTier | null;
  readonly sinceMs: number | null;
  readonly startMs: number | null;
  readonly perSecond: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly rise: number | null;
  readonly baseline: (Pick<Baseline, 'kind'> & { readonly text: string }) | null;
  readonly likelyBecause: LikelyBecause | null;
  readonly functions: readonly {
    readonly function: string;
    readonly functionId: string;
    readonly perSecond: number;
    readonly level: number;
  }[];
  readonly pods: readonly string[];
  readonly judged: number;
  readonly whyNot: string | null;
  readonly gates: readonly { readonly name: string; readonly passed: boolean; readonly text: string }[];
}

export interface VerdictAnswer extends WorkloadAnswer {
  readonly atMs: number;
  readonly tier: GrowthTier | null;
  readonly skipped: string | null;
  readonly processes: number;
  readonly signals: readonly (SignalAnswer & {
    readonly eventId: string | null;
    readonly links: { readonly diff: string | null };
  })[];
}

export interface EventAnswer extends WorkloadAnswer {
  readonly id: string;
  readonly signal: GrowthSignal;
  readonly tier: GrowthTier;
  readonly openedMs: number;
  readonly likelyMs: number | null;
  readonly resolvedMs: number | null;
  readonly revision: string | null;
  readonly verdict: SignalAnswer;
  readonly links: Readonly<Record<'diff' | 'pprof', string>> &
    Readonly<Record<'baseProfile' | 'compareProfile', string | null>>;
}

interface Meta {
  readonly bucketMs: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly warnings: readonly string[];
  readonly hint?: string;
}

export interface GrowthAnswer {
  readonly verdicts: readonly VerdictAnswer[];
  readonly events: readonly EventAnswer[];
  readonly nextCursor: string | null;
  readonly meta: Meta & {
    readonly evaluatedMs: number | null;
    readonly atMs: number | null;
    readonly workloads: number;
    readonly tiers: Readonly<Record<GrowthTier | 'none' | 'skipped', number>>;
  };
}

export interface BacktestAnswer {
  readonly events: readonly EventAnswer[];
  readonly verdicts: readonly VerdictAnswer[];
  readonly meta: Meta & { readonly evaluations: number };
}
