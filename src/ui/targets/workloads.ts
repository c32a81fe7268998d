import type { TargetEntry } from '../api/answers.ts';
import { type Counts, countStandings, type Standing, standings, worstOf } from './standing.ts';
import { type Trouble, troublesOf } from './troubles.ts';

/** A workload and its sources, with what is known of them at a glance. */
export interface WorkloadRow {
  /** Names it in the URL. */
  readonly key: string;
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  readonly targets: readonly TargetEntry[];
  readonly counts: Counts;
  readonly standing: Standing;
  readonly troubles: readonly Trouble[];
  readonly warnings: readonly string[];
  readonly transports: readonly string[];
  /** Of any kind of any source; undefined: never. */
  readonly lastMs: number | undefined;
  readonly nextMs: number | undefined;
  /** The slowest answer, without the seconds that a profile was asked to last. */
  readonly tookMs: number | undefined;
  /** Of the last scrape of each kind, together. */
  readonly bytes: number | undefined;
  readonly samples: number | undefined;
}

/** Sources by workload, the gravest first, then by name. */
export function workloadRows(targets: readonly TargetEntry[]): WorkloadRow[] {
  const groups = Map.groupBy(targets, keyOf);
  return [...groups].map(([key, group]) => rowOf(key, group)).sort(byStandingThenName);
}

/** Orders of the table that the URL may ask for: `sort=bytes` ascending, `sort=-bytes` descending. */
export const sortColumns = ['name', 'lastMs', 'nextMs', 'tookMs', 'bytes', 'samples'] as const;
export type SortColumn = (typeof sortColumns)[number];

export interface Sort {
  readonly column: SortColumn;
  readonly isDescending: boolean;
}

export function readSort(text: string | undefined): Sort | undefined {
  const column = sortColumns.find((each) => each === text?.replace(/^-/, ''));
  return column && { column, isDescending: text?.startsWith('-') ?? false };
}

/** In the order asked for; rows that have no such number come last, whichever way. */
export function sortRows(rows: readonly WorkloadRow[], sort: Sort | undefined): readonly WorkloadRow[] {
  if (!sort) return rows;
  const { column } = sort;
  const sign = sort.isDescending ? -1 : 1;
  if (column === 'name') return rows.toSorted((a, b) => sign * byName(a, b));
  const known = rows.filter((row) => row[column] !== undefined);
  const unknown = rows.filter((row) => row[column] === undefined);
  return [...known.toSorted((a, b) => sign * ((a[column] ?? 0) - (b[column] ?? 0)) || byName(a, b)), ...unknown];
}

/** How long an answer took beyond the seconds that the profile was asked to last. */
export function overheadMs({ durationMs, seconds }: TargetEntry['scrapes'][number]): number | undefined {
  return durationMs === null ? undefined : Math.max(0, durationMs - 1000 * (seconds ?? 0));
}

/** `shop/Deployment/checkout`, without what divides keys in the URL. */
export function keyOf({ labels }: Pick<TargetEntry, 'labels'>): string {
  return ['namespace', 'workload_kind', 'workload']
    .map((name) => labels[name] ?? '')
    .join('/')
    .replaceAll(',', ';');
}

function rowOf(key: string, targets: readonly TargetEntry[]): WorkloadRow {
  const labels = targets[0]?.labels ?? {};
  const counts = countStandings(targets);
  const scrapes = targets.flatMap((target) => target.scrapes);
  return {
    key,
    namespace: labels['namespace'] ?? '',
    kind: labels['workload_kind'] ?? '',
    name: labels['workload'] ?? '',
    targets,
    counts,
    standing: worstOf(counts),
    troubles: troublesOf(targets),
    warnings: [...new Set(targets.flatMap((target) => target.warnings))],
    transports: [...new Set(targets.flatMap(({ transport }) => transport ?? []))],
    lastMs: largest(scrapes.map(({ lastScrapeMs }) => lastScrapeMs)),
    nextMs: smallest(scrapes.map(({ nextScrapeMs }) => nextScrapeMs)),
    tookMs: largest(scrapes.map(overheadMs)),
    bytes: sum(scrapes.map(({ bytes }) => bytes)),
    samples: sum(scrapes.map(({ samples }) => samples)),
  };
}

type Numbers = readonly (number | null | undefined)[];

function largest(numbers: Numbers): number | undefined {
  return numbers.reduce<number | undefined>(
    (best, each) => (each == null ? best : Math.max(best ?? each, each)),
    undefined,
  );
}

function smallest(numbers: Numbers): number | undefined {
  return numbers.reduce<number | undefined>(
    (best, each) => (each == null ? best : Math.min(best ?? each, each)),
    undefined,
  );
}

function sum(numbers: Numbers): number | undefined {
  return numbers.reduce<number | undefined>((total, each) => (each == null ? total : (total ?? 0) + each), undefined);
}

function byStandingThenName(a: WorkloadRow, b: WorkloadRow): number {
  return standings.indexOf(a.standing) - standings.indexOf(b.standing) || byName(a, b);
}

function byName(a: WorkloadRow, b: WorkloadRow): number {
  return compare(a.namespace, b.namespace) || compare(a.name, b.name) || compare(a.kind, b.kind);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
