import { FlameherdError } from '../model/errors.ts';
import { type GrowthEvent, type GrowthVerdict, type Workload, workloadKey } from '../model/growth.ts';
import type { TimeWindow } from '../model/units.ts';
import type { GrowthStore } from '../store/growth-store.ts';
import { byBucket } from './by-bucket.ts';
import type { Choices } from './choices.ts';
import type { Backtest, WorkloadFilter } from './contract.ts';
import { isChosen } from './filter.ts';
import { type FoldOptions, WorkloadFold } from './fold.ts';

/** A back-test folds over weeks of floors; more workloads than this are asked for in several. */
export const maxBacktestWorkloads = 100;

export interface ReplayOptions extends FoldOptions {
  readonly store: Pick<GrowthStore, 'floors' | 'workloads'>;
  readonly choices: Choices;
  /** Called again and again; lets others have their turn, and throws when all is to stop. */
  readonly rest: () => Promise<void>;
}

/**
 * What would have been found over a window, from the floors that are stored now, imports included. A fold from the first floors
 * on, as the live evaluation made it, so that over the same floors it says the same. Throws `query_too_large` over
 * `maxBacktestWorkloads` workloads.
 */
export async function replay(filter: WorkloadFilter, window: TimeWindow, options: ReplayOptions): Promise<Backtest> {
  const { store, settings, choices, rest } = options;
  const { bucketMs } = settings;
  const throughBucket = Math.floor(window.toMs / bucketMs) - 1;
  const events: GrowthEvent[] = [];
  const verdicts: GrowthVerdict[] = [];
  let evaluations = 0;
  for (const workload of chosen(filter, throughBucket, options)) {
    const skipped = choices.skipped(workload);
    if (skipped !== undefined) {
      const atMs = (throughBucket + 1) * bucketMs;
      verdicts.push({ workload, atMs, skipped, signals: [], processes: 0 });
      continue;
    }
    const fold = new WorkloadFold({ workload }, options);
    fold.minAge = choices.minAge(workload, bucketMs);
    for (const { bucket, floors } of byBucket(store.floors({ bucketMs, workload, from: 0, to: throughBucket + 1 }))) {
      fold.step(bucket, floors);
      await rest();
    }
    fold.passTo(throughBucket);
    if (fold.verdict) verdicts.push(fold.verdict);
    evaluations += fold.steps;
    events.push(...fold.takeEvents().events.filter((event) => isIn(event, window)));
  }
  events.sort((a, b) => a.openedMs - b.openedMs || (a.id < b.id ? -1 : 1));
  return { window, bucketMs, events, verdicts, evaluations };
}

function chosen(
  filter: WorkloadFilter,
  throughBucket: number,
  { store, settings }: ReplayOptions,
): readonly Workload[] {
  const stored = store.workloads({ bucketMs: settings.bucketMs, from: 0, to: throughBucket + 1 });
  const chosen = stored.filter((workload) => isChosen(workload, filter));
  if (chosen.length > maxBacktestWorkloads) {
    throw new FlameherdError(
      'query_too_large',
      `${chosen.length} workloads are asked for: ${maxBacktestWorkloads} may be judged again at a time`,
      { hint: 'name a namespace or a workload' },
    );
  }
  return chosen.sort((a, b) => (workloadKey(a) < workloadKey(b) ? -1 : 1));
}

function isIn({ openedMs, resolvedMs }: GrowthEvent, { fromMs, toMs }: TimeWindow): boolean {
  return openedMs < toMs && (resolvedMs === undefined || resolvedMs >= fromMs);
}
