import { labelValue } from '../../model/labels.ts';
import type { Matcher } from '../../model/selector.ts';
import type { SeriesEntry } from '../api/answers.ts';

/** What there is to select, counted from the list of series. */

/** Everything that runs under one name: a workload, or what uploads call themselves. */
export interface Service {
  /** Empty where its series have none. */
  readonly namespace: string;
  readonly name: string;
  /** Only this service has them. */
  readonly matchers: readonly Matcher[];
  readonly processes: number;
  /** Such as `cpu`, `heap`. */
  readonly kinds: readonly string[];
}

export interface Counted {
  readonly value: string;
  readonly processes: number;
}

/** By namespace and name. */
export function servicesOf(series: readonly SeriesEntry[]): Service[] {
  const byName = Map.groupBy(series, ({ labels }) => JSON.stringify(nameParts(labels)));
  const places = Map.groupBy(byName.keys(), (key) => JSON.stringify((JSON.parse(key) as string[]).slice(0, 3)));
  const isAlone = (key: string) => places.get(JSON.stringify((JSON.parse(key) as string[]).slice(0, 3)))?.length === 1;
  return [...byName]
    .map(([key, members]) => serviceFrom(members, isAlone(key)))
    .sort((a, b) => order(a.namespace, b.namespace) || order(a.name, b.name));
}

function serviceFrom(members: readonly SeriesEntry[], isAlone: boolean): Service {
  const [namespace = '', label = '', name = '', kind = ''] = nameParts(members[0]?.labels ?? {});
  const matchers: Matcher[] = [];
  if (namespace !== '') matchers.push({ name: 'namespace', operator: '=', value: namespace });
  if (!isAlone && kind !== '') matchers.push({ name: 'workload_kind', operator: '=', value: kind });
  matchers.push({ name: label, operator: '=', value: name });
  const kinds = [...new Set(members.map((one) => one.kind))].sort(order);
  return { namespace, name, matchers, processes: processesOf(members), kinds };
}

/** `[namespace, the label that names it, name, kind]`. */
function nameParts(labels: Readonly<Record<string, string>>): string[] {
  const label = labelValue(labels, 'workload') === '' ? 'service_name' : 'workload';
  return [
    labelValue(labels, 'namespace'),
    label,
    labelValue(labels, label),
    label === 'workload' ? labelValue(labels, 'workload_kind') : '',
  ];
}

/** How many processes; sums over processes that are not told apart any more count as one. */
export function processesOf(series: readonly SeriesEntry[]): number {
  return new Set(series.map(({ process, labels }) => process || JSON.stringify(labels))).size;
}

/** The values of a label, those of most processes first. */
export function countValues(series: readonly SeriesEntry[], label: string): Counted[] {
  const byValue = Map.groupBy(series, ({ labels }) => labelValue(labels, label));
  byValue.delete('');
  return [...byValue]
    .map(([value, members]) => ({ value, processes: processesOf(members) }))
    .sort((a, b) => b.processes - a.processes || order(a.value, b.value));
}

/** The names of labels with how many values each has; those that tell series apart first. */
export function countLabels(series: readonly SeriesEntry[]): { name: string; values: number }[] {
  const names = new Set(series.flatMap(({ labels }) => Object.keys(labels)));
  return [...names]
    .map((name) => ({ name, values: new Set(series.map(({ labels }) => labels[name])).size }))
    .sort((a, b) => Number(b.values > 1) - Number(a.values > 1) || order(a.name, b.name));
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
