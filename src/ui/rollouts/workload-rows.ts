import { labelValue } from '../../model/labels.ts';
import type { UnixMs } from '../../model/units.ts';
import type { SeriesEntry } from '../api/answers.ts';
import type { Parameters } from '../state/href.ts';

/** A workload of which profiles are stored, and what its series tell about its revisions. */
export interface WorkloadRow {
  readonly namespace: string;
  readonly workload: string;
  readonly revisions: number;
  /** Of the revision that came last: its name, its version, and when it was seen first. */
  readonly newest: string;
  readonly version: string;
  readonly newestMs: UnixMs;
  readonly processes: number;
  readonly parameters: Parameters;
}

/** Those that were rolled out last come first; then those of which one revision alone was seen, by name. */
export function workloadRows(series: readonly SeriesEntry[]): WorkloadRow[] {
  const named = series.filter(({ labels }) => labelValue(labels, 'namespace') && labelValue(labels, 'workload'));
  const byName = Map.groupBy(named, ({ labels }) =>
    [labelValue(labels, 'namespace'), labelValue(labels, 'workload')].join('/'),
  );
  return [...byName.values()]
    .map(rowOf)
    .sort((a, b) =>
      a.revisions > 1 || b.revisions > 1
        ? Number(b.revisions > 1) - Number(a.revisions > 1) || b.newestMs - a.newestMs
        : compareNames(a, b),
    );
}

function rowOf(series: readonly SeriesEntry[]): WorkloadRow {
  const labels = series[0]?.labels ?? {};
  const [namespace, workload] = [labelValue(labels, 'namespace'), labelValue(labels, 'workload')];
  const byRevision = Map.groupBy(series, (one) => labelValue(one.labels, 'revision'));
  byRevision.delete('');
  const firsts = [...byRevision].map(([revision, own]) => ({
    revision,
    version: labelValue(own[0]?.labels ?? {}, 'version'),
    firstMs: Math.min(...own.map(({ firstMs }) => firstMs)),
  }));
  const newest = firsts.reduce<(typeof firsts)[number] | undefined>(
    (last, one) => (last && last.firstMs >= one.firstMs ? last : one),
    undefined,
  );
  return {
    namespace,
    workload,
    revisions: firsts.length,
    newest: newest?.revision ?? '',
    version: newest?.version ?? '',
    newestMs: newest?.firstMs ?? 0,
    processes: new Set(series.map(({ process, labels: own }) => process || JSON.stringify(own))).size,
    parameters: { namespace, workload },
  };
}

function compareNames(a: WorkloadRow, b: WorkloadRow): number {
  const [one, other] = [a, b].map(({ namespace, workload }) => `${namespace}/${workload}`) as [string, string];
  return one < other ? -1 : 1;
}
