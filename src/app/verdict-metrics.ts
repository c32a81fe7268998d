import {
  type GrowthSignal,
  type GrowthVerdict,
  growthTiers,
  type SignalVerdict,
  type Workload,
} from '../model/growth.ts';
import { partitionLabels } from '../model/labels.ts';
import type { MetricsRegistry, Sample } from '../observe/metrics.ts';
import { lasting } from '../observe/metrics-text.ts';

type WorkloadLabel = (typeof partitionLabels)[number];

/** One signal of a workload that was judged. */
interface Judged {
  readonly labels: Readonly<Record<WorkloadLabel, string>>;
  readonly verdict: SignalVerdict;
}

/**
 * The last verdicts. A workload that is judged has each `detected`, 0 or 1; one that is not (switched off, a Job, over a bound, or not
 * once yet) has none, for 0 would say that it was looked at. Verdicts are stored, so that a restart makes no 1 a 0.
 */
export function registerVerdictMetrics(registry: MetricsRegistry, verdicts: () => readonly GrowthVerdict[]): void {
  const judged = registry.oncePerPage(() => bySignal(verdicts()));
  const gauge = (signal: GrowthSignal, name: string, help: string, value: (of: SignalVerdict) => number | undefined) =>
    registry.gauge(name, help, partitionLabels, () =>
      judged()[signal].flatMap(({ labels, verdict }) => sampleOf(labels, value(verdict))),
    );
  const baselineOf = (signal: GrowthSignal, name: string, help: string) =>
    registry.gauge(
      name,
      `${help}, with what it was compared with: none, earlier, yesterday, plateau, revision.`,
      [...partitionLabels, 'baseline'],
      () =>
        judged()[signal].flatMap(({ labels, verdict: { tier, baseline } }) =>
          tier === undefined || baseline === undefined
            ? []
            : [{ labels: { ...labels, baseline: baseline.kind }, value: 1 }],
        ),
    );
  const isFound = ({ tier }: SignalVerdict) => (tier === undefined ? 0 : 1);

  registry.gauge(
    'flameherd_heap_growth_detected',
    '1 while live heap grows as a leak does, by how sure that is; what is `likely` is `suspected`, too.',
    [...partitionLabels, 'tier'],
    () =>
      judged().heap.flatMap(({ labels, verdict }) =>
        growthTiers.map((tier) => ({ labels: { ...labels, tier }, value: reaches(verdict, tier) ? 1 : 0 })),
      ),
  );
  gauge(
    'heap',
    'flameherd_heap_growth_bytes_per_second',
    'Slope of live heap in the process that grows fastest, as a median of slopes (Theil-Sen); may be negative.',
    ({ perSecond }) => perSecond,
  );
  gauge(
    'heap',
    'flameherd_heap_growth_start_timestamp_seconds',
    'While live heap grows: where that begins, as far as it can be seen.',
    ({ tier, startMs }) => (tier === undefined || startMs === undefined ? undefined : startMs / 1000),
  );
  baselineOf('heap', 'flameherd_heap_growth_baseline', '1 while live heap grows');
  gauge(
    'goroutines',
    'flameherd_goroutine_growth_detected',
    '1 while goroutines become ever more in a process.',
    isFound,
  );
  gauge(
    'goroutines',
    'flameherd_goroutine_growth_per_second',
    'While they do: how many more a second, in the process that grows fastest.',
    ({ tier, perSecond }) => (tier === undefined ? undefined : perSecond),
  );
  baselineOf('goroutines', 'flameherd_goroutine_growth_baseline', '1 while goroutines become ever more');
  gauge(
    'allocations',
    'flameherd_heap_alloc_regression_detected',
    '1 while much more is allocated than before, by the revision before it or the day before.',
    isFound,
  );
  gauge(
    'allocations',
    'flameherd_heap_alloc_regression_ratio',
    'While it is: the rate of allocation now, as a multiple of the one before.',
    allocationRatio,
  );
}

function bySignal(verdicts: readonly GrowthVerdict[]): Readonly<Record<GrowthSignal, readonly Judged[]>> {
  const judged: Record<GrowthSignal, Judged[]> = { heap: [], goroutines: [], allocations: [] };
  for (const { workload, skipped, signals } of verdicts) {
    if (skipped !== undefined) continue;
    const labels = labelsOf(workload);
    for (const verdict of signals) judged[verdict.signal].push({ labels, verdict });
  }
  return judged;
}

function reaches({ tier }: SignalVerdict, least: (typeof growthTiers)[number]): boolean {
  return tier !== undefined && growthTiers.indexOf(tier) >= growthTiers.indexOf(least);
}

function allocationRatio({ tier, rise, baseline }: SignalVerdict): number | undefined {
  const before = baseline?.level;
  if (tier === undefined || rise === undefined || before === undefined || before <= 0) return undefined;
  return (before + rise) / before;
}

const known = new WeakMap<Workload, Readonly<Record<WorkloadLabel, string>>>();

/** The same object for the same workload. */
export function labelsOf(workload: Workload): Readonly<Record<WorkloadLabel, string>> {
  const found = known.get(workload);
  if (found) return found;
  const { namespace, workloadKind, container } = workload;
  const labels = lasting({ namespace, workload_kind: workloadKind, workload: workload.workload, container });
  known.set(workload, labels);
  return labels;
}

function sampleOf<Label extends string>(
  labels: Readonly<Record<Label, string>>,
  value: number | undefined,
): Sample<Label>[] {
  return value === undefined || !Number.isFinite(value) ? [] : [{ labels, value }];
}
