import type { GrowthTier } from '../../model/growth.ts';
import { formatLabels, type LabelSet, labelValue, pickLabels } from '../../model/labels.ts';
import type { DurationMs, UnixMs } from '../../model/units.ts';
import type { RangeAnswer, VerdictEntry } from '../api/answers.ts';
import type { SparkPoint } from '../parts/sparkline-path.ts';

/** What is shown of each service, in three answers of `query_range` by these labels. */

export const serviceLabels = ['namespace', 'workload_kind', 'workload'] as const;
export const measures = [
  { query: 'cpu', label: 'CPU cores' },
  { query: 'heap', label: 'Live heap' },
  { query: 'allocs', label: 'Allocates' },
] as const;
export type MeasureName = (typeof measures)[number]['query'];

export interface Measure {
  readonly unit: string;
  readonly points: readonly SparkPoint[];
  /** The newest. */
  readonly value: number;
}

export interface Service {
  readonly key: string;
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  /** Matchers that select it: `{namespace="shop",…}`. */
  readonly matchers: string;
  readonly measures: Partial<Readonly<Record<MeasureName, Measure>>>;
  /** When anything was last seen of it. */
  readonly lastMs: UnixMs;
}

export type Answers = Partial<Readonly<Record<MeasureName, RangeAnswer>>>;

/** One text for a service, whatever is said of it. */
export function serviceKey(labels: LabelSet): string {
  return JSON.stringify(serviceLabels.map((name) => labelValue(labels, name)));
}

/** Every service that any of the answers knows. */
export function joinServices(answers: Answers): Service[] {
  const services = new Map<string, Service>();
  for (const { query } of measures) {
    const answer = answers[query];
    for (const { labels, points } of answer?.series ?? []) {
      const key = serviceKey(labels);
      const before = services.get(key) ?? emptyService(key, labels);
      const lastMs = (points.at(-1)?.[0] ?? 0) + (answer?.stepMs ?? 0);
      services.set(key, {
        ...before,
        lastMs: Math.max(before.lastMs, lastMs),
        measures: {
          ...before.measures,
          [query]: { unit: answer?.unit ?? '', points: sparkPoints(points), value: points.at(-1)?.[1] ?? 0 },
        },
      });
    }
  }
  return [...services.values()];
}

function emptyService(key: string, labels: LabelSet): Service {
  return {
    key,
    namespace: labelValue(labels, 'namespace'),
    kind: labelValue(labels, 'workload_kind'),
    name: labelValue(labels, 'workload'),
    matchers: formatLabels(pickLabels(labels, serviceLabels)),
    measures: {},
    lastMs: 0,
  };
}

function sparkPoints(points: readonly (readonly number[])[]): SparkPoint[] {
  return points.map(([tMs = 0, value = 0]) => [tMs, value]);
}

export const sortOrders = ['cpu', 'heap', 'allocs', 'name'] as const;
export type SortOrder = (typeof sortOrders)[number];

export function readSort(text: string | undefined): SortOrder {
  return sortOrders.find((order) => order === text) ?? 'cpu';
}

/** Names in the order of the alphabet, all else the largest first; what is not known comes last. */
export function sortServices(services: readonly Service[], order: SortOrder): Service[] {
  const byName = (a: Service, b: Service) =>
    a.namespace.localeCompare(b.namespace) || a.name.localeCompare(b.name) || a.kind.localeCompare(b.kind);
  if (order === 'name') return services.toSorted(byName);
  const size = ({ measures: known }: Service) => known[order]?.value ?? -1;
  return services.toSorted((a, b) => size(b) - size(a) || byName(a, b));
}

/** Those whose namespace and name hold every word, in any order and case: `shop check`, `shop/checkout`. */
export function searchServices(services: readonly Service[], search: string): Service[] {
  const words = search.toLowerCase().split(/[\s/]+/);
  return services.filter(({ namespace, name, kind }) => {
    const text = `${namespace}/${name} ${kind}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** The highest tier of each service that grows. */
export function tiersOf(verdicts: readonly VerdictEntry[]): ReadonlyMap<string, GrowthTier> {
  const tiers = new Map<string, GrowthTier>();
  for (const { namespace, workloadKind, workload, tier } of verdicts) {
    const key = serviceKey({ namespace, workload_kind: workloadKind, workload });
    if (tier !== null && tiers.get(key) !== 'likely') tiers.set(key, tier);
  }
  return tiers;
}

/** Steps of which no window that is offered has more than 75. */
const steps: Readonly<Record<string, string>> = {
  'now-15m': '15s',
  'now-1h': '1m',
  'now-6h': '5m',
  'now-1d': '20m',
  'now-7d': '3h',
};
export const windows: Readonly<Record<string, string>> = {
  'now-15m': 'last 15 min',
  'now-1h': 'last hour',
  'now-6h': 'last 6 h',
  'now-1d': 'last day',
  'now-7d': 'last 7 days',
};
export const defaultFrom = 'now-1h';

/** Of a window that is not offered the server chooses the step. */
export function stepOf(from: string): string | undefined {
  return steps[from];
}

/** Whether a service is not there any more: nothing of it is seen for a while before the end of the window. */
export function isGone({ lastMs }: Service, { toMs }: RangeAnswer['meta'], stepMs: DurationMs): boolean {
  return toMs - lastMs > Math.max(5 * 60_000, 2 * stepMs);
}
