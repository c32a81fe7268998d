/** The rule file of Prometheus as plain objects: what is written as YAML, key by key. */

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  /** Stays for so long after its last evaluation that found something: over gaps of the series. Prometheus 2.42. */
  readonly keep_firing_for?: string;
  readonly labels: { readonly severity: 'critical' | 'warning' | 'info' };
  readonly annotations: Readonly<Record<string, string>>;
}

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

export interface RuleGroup {
  readonly name: string;
  readonly interval?: string;
  readonly rules: readonly (AlertRule | RecordingRule)[];
}

export interface RulesFile {
  readonly groups: readonly RuleGroup[];
}

/** The same as an object of the Prometheus operator (`keepFiringFor` is known to it since 0.65, under the same name). */
export interface PrometheusRule {
  readonly apiVersion: 'monitoring.coreos.com/v1';
  readonly kind: 'PrometheusRule';
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: RulesFile;
}

export function alertsOf({ groups }: RulesFile): readonly AlertRule[] {
  return groups.flatMap(({ rules }) => rules.filter((rule) => 'alert' in rule));
}
