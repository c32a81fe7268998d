import type { WorkloadNumbers } from '../model/growth.ts';
import { labelValue, partitionLabels } from '../model/labels.ts';
import type { Target } from '../model/target.ts';
import type { Bytes } from '../model/units.ts';
import type { MetricsRegistry, Sample } from '../observe/metrics.ts';
import { LabelGroups } from '../scrape/label-groups.ts';
import { labelsOf } from './verdict-metrics.ts';

type WorkloadLabel = (typeof partitionLabels)[number];
type WorkloadLabels = Readonly<Record<WorkloadLabel, string>>;

/** Pairs of revision and image that one workload is told with: a roll-out has two. */
export const maxInfosPerWorkload = 4;

/** What workloads hold and allocate now, as the ingest thread last told it. */
export function registerWorkloadMetrics(registry: MetricsRegistry, read: () => readonly WorkloadNumbers[]): void {
  const all = registry.oncePerPage(() => read().map((numbers) => ({ labels: labelsOf(numbers.workload), numbers })));
  const samples = (of: (now: WorkloadNumbers) => number | undefined) => (): Sample<WorkloadLabel>[] =>
    all().flatMap(({ labels, numbers }) => {
      const value = of(numbers);
      return value === undefined ? [] : [{ labels, value }];
    });
  const gauge = (name: string, help: string, of: (now: WorkloadNumbers) => number | undefined) =>
    registry.gauge(name, help, partitionLabels, samples(of));
  const counter = (name: string, help: string, of: (now: WorkloadNumbers) => number | undefined) =>
    registry.readCounter(name, help, partitionLabels, samples(of));

  gauge(
    'flameherd_heap_inuse_bytes',
    'Live heap after the last garbage collection, over all processes.',
    (now) => now.heap?.bytes,
  );
  gauge('flameherd_heap_inuse_objects', 'Its objects.', (now) => now.heap?.objects);
  gauge(
    'flameherd_heap_inuse_pod_max_bytes',
    'Live heap of the process that holds most.',
    (now) => now.heap?.largestBytes,
  );
  counter(
    'flameherd_heap_alloc_bytes_total',
    'Bytes allocated by all processes, since this daemon began; a restart of the program does not reset it.',
    (now) => now.allocBytesTotal,
  );
  counter('flameherd_heap_alloc_objects_total', 'Objects allocated likewise.', (now) => now.allocObjectsTotal);
  gauge('flameherd_goroutines', 'Goroutines, over all processes.', (now) => now.goroutines);
  gauge(
    'flameherd_goroutines_leaked',
    'Goroutines that can never go on, where the runtime finds them (Go 1.27).',
    (now) => now.goroutinesLeaked,
  );
}

/** What the API server and the configuration say of the workloads whose targets are scraped. */
export function registerTargetMetrics(registry: MetricsRegistry, targets: () => Iterable<Target>): void {
  const groups = new LabelGroups([...partitionLabels, 'revision', 'image']);
  const told = registry.oncePerPage(() => byWorkload(targets(), groups));
  registry.gauge(
    'flameherd_container_memory_limit_bytes',
    'What a container of the workload may use: the least of its pods, so that an alert errs to the safe side.',
    partitionLabels,
    () => told().flatMap(({ labels, limit }) => (limit === undefined ? [] : [{ labels, value: limit }])),
  );
  registry.gauge(
    'flameherd_workload_info',
    `1 for each revision and image that runs, ${maxInfosPerWorkload} at most: those with the most pods.`,
    [...partitionLabels, 'revision', 'image'],
    () =>
      told().flatMap(({ labels, infos }) =>
        mostPods(infos).map(({ revision, image }) => ({ labels: { ...labels, revision, image }, value: 1 })),
      ),
  );
}

interface Info {
  readonly revision: string;
  readonly image: string;
  pods: number;
}

interface ToldOfTargets {
  readonly labels: WorkloadLabels;
  limit: Bytes | undefined;
  readonly infos: Map<string, Info>;
}

/** Pods that are being deleted count no more: they will not live to see their limit. */
function byWorkload(targets: Iterable<Target>, groups: LabelGroups): readonly ToldOfTargets[] {
  const told = new Map<string, ToldOfTargets>();
  const known = new Map<string, ToldOfTargets>();
  for (const { labels, state, terminating, memoryLimitBytes } of targets) {
    if (state.kind !== 'active' || terminating) continue;
    const { key, labels: picked } = groups.of(labels);
    const own = known.get(key) ?? toldOf(picked, told);
    known.set(key, own);
    if (memoryLimitBytes !== undefined) own.limit = Math.min(own.limit ?? Number.POSITIVE_INFINITY, memoryLimitBytes);
    const [revision, image] = [labelValue(picked, 'revision'), labelValue(picked, 'image')];
    if (revision === '' && image === '') continue;
    const info = own.infos.get(key);
    if (info) info.pods++;
    else own.infos.set(key, { revision, image, pods: 1 });
  }
  return [...told.values()];
}

function toldOf(labels: Target['labels'], told: Map<string, ToldOfTargets>): ToldOfTargets {
  const workload = workloadLabelsOf(labels);
  const key = Object.values(workload).join('\n');
  const own = told.get(key) ?? { labels: workload, limit: undefined, infos: new Map<string, Info>() };
  told.set(key, own);
  return own;
}

function workloadLabelsOf(labels: Target['labels']): WorkloadLabels {
  return Object.fromEntries(partitionLabels.map((name) => [name, labelValue(labels, name)])) as WorkloadLabels;
}

function mostPods(infos: ReadonlyMap<string, Info>): readonly Info[] {
  return [...infos.values()].sort((a, b) => b.pods - a.pods).slice(0, maxInfosPerWorkload);
}
