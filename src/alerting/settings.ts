import { type DurationMs, minute, second } from '../model/units.ts';

/** What rules and dashboard are made for: how Prometheus sees this collector, and how the collector is configured. */
export interface AlertingSettings {
  /** The `job` under which Prometheus scrapes it: the release's name, as a rule. */
  readonly job: string;
  /** Where people reach the API: alerts link to it. No slash at the end. */
  readonly baseUrl: string;
  /** Run-book pages are `RUNBOOKS/ALERT`. No slash at the end. */
  readonly runbooks: string;
  /**
   * The label that holds the namespace of a workload: `namespace`, or `exported_namespace` where Prometheus keeps that name for the
   * namespace of the collector (no `honorLabels`, or `overrideHonorLabels`).
   */
  readonly namespaceLabel: string;
  /** Likewise of the container. */
  readonly containerLabel: string;
  /** `growth.bucket`. */
  readonly bucketMs: DurationMs;
  /** `scrape.interval`: counters rise once in it. */
  readonly intervalMs: DurationMs;
}

export const defaultJob = 'flameherd';

/** What Prometheus puts before a label of ours that clashes with one of its own. */
const exported = 'exported_';

/** Where the namespace was renamed because of a clash, the container was, too. */
export function containerLabelFor(namespaceLabel: string): string {
  return namespaceLabel.startsWith(exported) ? `${exported}container` : 'container';
}

/** The labels of a workload as Prometheus has them. Each operand is brought down to these, so that operands always meet. */
export function workloadLabelsOf({ namespaceLabel, containerLabel }: AlertingSettings): readonly string[] {
  return [namespaceLabel, 'workload_kind', 'workload', containerLabel];
}

/** Spans that follow from the configured intervals. */
export interface Spans {
  /** Over which counters are made rates: four heap intervals, so that one missed scrape leaves no hole. */
  readonly rateMs: DurationMs;
  /** How long the first tier holds before it is told of, and how long it stays when its series are gone. */
  readonly suspectedMs: DurationMs;
  readonly suspectedKeepMs: DurationMs;
  readonly likelyMs: DurationMs;
  readonly likelyKeepMs: DurationMs;
  readonly targetsDownMs: DurationMs;
  /** Growth was to be judged three times since, and was not. */
  readonly unjudgedMs: DurationMs;
  /** How often the growth rules are evaluated; undefined leaves it to Prometheus. */
  readonly evaluationMs: DurationMs | undefined;
}

/** The gap that a restart of the collector leaves in what Prometheus sees. */
const restartGapMs = minute;

export function spansOf({ bucketMs, intervalMs }: AlertingSettings): Spans {
  const suspectedMs = 1.5 * bucketMs;
  const likelyMs = 3 * bucketMs;
  return {
    rateMs: Math.ceil(Math.max(5 * minute, 4 * intervalMs) / minute) * minute,
    suspectedMs,
    suspectedKeepMs: Math.max(suspectedMs, restartGapMs),
    likelyMs,
    likelyKeepMs: Math.max(likelyMs, restartGapMs),
    targetsDownMs: Math.max(15 * minute, 5 * intervalMs),
    unjudgedMs: Math.max(5 * minute, 3 * bucketMs),
    evaluationMs: bucketMs < 2 * minute ? Math.max(second, Math.floor(bucketMs / 2 / second) * second) : undefined,
  };
}
