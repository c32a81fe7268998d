/**
 * A set of labels: names to values, no name twice. Values come from the Kubernetes API object or the configuration, never
 * from what a target answers.
 */
export type LabelSet = Readonly<Record<string, string>>;

/** The labels that name a workload's container: the scope of one tree of stacks in the store. */
export const partitionLabels = ['namespace', 'workload_kind', 'workload', 'container'] as const;

/** One text per label set, whatever the order its labels were given in: a JSON object sorted by name. */
export function canonicalLabels(labels: LabelSet): string {
  return JSON.stringify(Object.fromEntries(sortedLabels(labels)));
}

/** The labels as pairs, sorted by name in code-unit order; empty values are left out, for they mean "no such label". */
export function sortedLabels(labels: LabelSet): [name: string, value: string][] {
  return Object.entries(labels)
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** The value of a label, '' when it is absent. Names come from queries: `constructor` is a label like any other. */
export function labelValue(labels: LabelSet, name: string): string {
  return Object.hasOwn(labels, name) ? (labels[name] ?? '') : '';
}

/** A subset of the labels, by name. */
export function pickLabels(labels: LabelSet, names: readonly string[]): LabelSet {
  return Object.fromEntries(
    names.map((name) => [name, labelValue(labels, name)] as const).filter(([, value]) => value !== ''),
  );
}

/** As Prometheus writes a series: `{namespace="shop",workload="checkout"}`. */
export function formatLabels(labels: LabelSet): string {
  return `{${sortedLabels(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',')}}`;
}
