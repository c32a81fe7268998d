import type { DetectorSettings } from '../../src/growth/detector/contract.ts';
import { createDetector } from '../../src/growth/detector/detector.ts';
import type { Baseline, GrowthTier, GrowthVerdict, SignalVerdict } from '../../src/model/growth.ts';
import { type NaiveRule, NaiveRules, naiveRules } from './growth-naive.ts';
import type { GrowthRun } from './growth-runs.ts';
import { FloorMaker, startSeconds, testWorkload } from './growth-scrapes.ts';

/** Plays a run to the detector and the naive rules, and compares what they said with what is true. */

export const usualSettings: DetectorSettings = { bucketMs: 600_000, minAge: 33, minPeriods: 64, minShare: 0.05 };

export interface Score {
  readonly name: string;
  readonly scenario: string;
  readonly verdict: GrowthRun['truth']['expect']['verdict'];
  readonly signal: GrowthRun['truth']['expect']['signal'];
  /** Whether what is required was found by its deadline, the right function first, and cleared in time; true where nothing is. */
  readonly ok: boolean;
  /** Hours. */
  readonly by: number | undefined;
  readonly at: number | undefined;
  readonly likelyAt: number | undefined;
  readonly right: boolean;
  readonly names: readonly string[];
  /** Where nothing was to be said: before a leak began, or outside tolerated time. */
  readonly falseAt: number | undefined;
  readonly falseLikelyAt: number | undefined;
  readonly isSuspectedInside: boolean;
  /** Baseline of what was said falsely or first. */
  readonly baseline: Baseline['kind'] | undefined;
  /** Findings of signals that have nothing to find. */
  readonly otherFalse: string | undefined;
  readonly naive: Readonly<Record<NaiveRule, { readonly onTime: boolean; readonly isFalse: boolean }>>;
}

interface Said {
  readonly hours: number;
  readonly tier: GrowthTier | undefined;
  readonly names: readonly string[];
  readonly baseline: Baseline['kind'] | undefined;
  readonly goroutines: boolean;
  readonly allocations: string | undefined;
}

export function scoreOf(run: GrowthRun, settings: DetectorSettings = usualSettings): Score {
  const { said, naive, newestHours } = play(run, settings);
  return judgeRun(run, said, naive, newestHours);
}

function play(run: GrowthRun, settings: DetectorSettings): { said: Said[]; naive: NaiveRules; newestHours: number } {
  const bucketMs = settings.bucketMs / run.scale;
  const detector = createDetector(testWorkload, { ...settings, bucketMs });
  const maker = new FloorMaker(bucketMs / 1000);
  const base = run.truth.parameters?.['base'];
  const naive = new NaiveRules(base === undefined ? 256 * 2 ** 20 : Math.max(512 * 2 ** 20, 2.5 * base));
  const said: Said[] = [];
  const step = (floors: ReturnType<FloorMaker['take']>): void => {
    if (floors?.[0]) said.push(saidIn(detector.step(floors[0].bucket, floors), run.scale));
  };
  let revision = 0;
  let newestHours = 0;
  for (const line of run.lines()) {
    if ((line.revision ?? 0) > revision) {
      revision = line.revision ?? 0;
      newestHours = (line.t * run.scale) / 3600;
    }
    naive.see({ ...line, t: line.t * run.scale });
    step(maker.take(line));
  }
  step(maker.finish());
  return { said, naive, newestHours };
}

function saidIn({ atMs, signals }: GrowthVerdict, scale: number): Said {
  const of = (signal: SignalVerdict['signal']): SignalVerdict | undefined =>
    signals.find((one) => one.signal === signal);
  const heap = of('heap');
  const allocations = of('allocations');
  return {
    hours: ((atMs / 1000 - startSeconds) * scale) / 3600,
    tier: heap?.tier,
    names: heap?.functions.map(({ name }) => name) ?? [],
    baseline: heap?.baseline?.kind,
    goroutines: of('goroutines')?.tier !== undefined,
    allocations: allocations?.tier && (allocations.functions[0]?.name ?? ''),
  };
}

function judgeRun({ name, truth }: GrowthRun, said: readonly Said[], naive: NaiveRules, newestHours: number): Score {
  const { scenario, expect, leak } = truth;
  const { signal, verdict } = expect;
  const quiet = expect.quiet_until_hours ?? 0;
  const by = expect.fire_by_hours ?? undefined;
  const tolerated = (expect.tolerated_until_hours ?? 0) > 0 ? newestHours + (expect.tolerated_until_hours ?? 0) : 0;
  const isLeak = signal === 'inuse' && verdict === 'leak';
  const mayLeak = isLeak || verdict === 'optional' || signal === 'goroutines';
  const isFalse = (hours: number): boolean => (mayLeak ? hours < quiet : hours > tolerated);
  const on = said.filter(({ tier }) => tier);
  const first = on.find(({ hours }) => hours >= quiet);
  const falseOne = on.find(({ hours }) => isFalse(hours));
  const goroutines = said.find((one) => one.goroutines);
  const allocations = said.find((one) => one.allocations !== undefined);
  const right = first !== undefined && (leak?.functions.includes(first.names[0] ?? '') ?? false);
  const clearBy = expect.clear_by_hours;
  const cleared = clearBy === undefined || !on.some(({ hours }) => hours > clearBy);
  const at = signal === 'goroutines' ? goroutines?.hours : signal === 'alloc-rate' ? allocations?.hours : first?.hours;
  const isOnTime = at !== undefined && at >= quiet && (by === undefined || at <= by);
  const wanted = truth.alloc_rate?.function ?? expect.function;
  return {
    name,
    scenario,
    verdict,
    signal,
    ok: isRequired({ verdict })
      ? isOnTime && isRight(signal, right && cleared, allocations?.allocations === wanted)
      : true,
    by,
    at,
    likelyAt: on.find(({ tier }) => tier === 'likely')?.hours,
    right,
    names: (falseOne ?? first)?.names.slice(0, 3) ?? [],
    falseAt: falseOne?.hours,
    falseLikelyAt: on.find(({ tier, hours }) => tier === 'likely' && isFalse(hours))?.hours,
    isSuspectedInside: !mayLeak && on.some(({ hours }) => hours <= tolerated),
    baseline: (falseOne ?? first)?.baseline,
    otherFalse:
      signal !== 'goroutines' && goroutines
        ? `goroutines @ ${goroutines.hours.toFixed(1)}`
        : signal !== 'alloc-rate' && allocations
          ? `allocations of ${allocations.allocations} @ ${allocations.hours.toFixed(1)}`
          : undefined,
    naive: naiveScores(naive, { quiet, by, isFalse }),
  };
}

const isRight = (signal: Score['signal'], leak: boolean, allocations: boolean): boolean =>
  signal === 'inuse' ? leak : signal === 'alloc-rate' ? allocations : true;

function naiveScores(
  { fired }: NaiveRules,
  { quiet, by, isFalse }: { quiet: number; by: number | undefined; isFalse: (hours: number) => boolean },
): Score['naive'] {
  const entries = naiveRules.map((rule) => {
    const after = fired[rule].find((hours) => hours >= quiet);
    return [
      rule,
      { onTime: after !== undefined && (by === undefined || after <= by), isFalse: fired[rule].some(isFalse) },
    ];
  });
  return Object.fromEntries(entries) as Score['naive'];
}

/** Whether something must be found. */
export function isRequired({ verdict }: Pick<Score, 'verdict'>): boolean {
  return verdict === 'leak' || verdict === 'regression';
}

/** Whether nothing may be said of the live heap. */
export function isHealthy({ verdict }: Pick<Score, 'verdict'>): boolean {
  return verdict === 'none' || verdict === 'regression';
}
