import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rulesFile } from '../../src/alerting/rules.ts';
import { alertsOf } from '../../src/alerting/rules-file.ts';
import type { AlertingSettings } from '../../src/alerting/settings.ts';
import { type PrometheusTools, runPromtool } from './promtool.ts';

/** How one Prometheus sees our series, and the rules that are made for it. */
export interface RuleVariant {
  readonly name: string;
  readonly settings: AlertingSettings;
  /** What the target labels of a collector are; where they clash with ours, ours are renamed. */
  readonly targetLabels: Readonly<Record<string, string>>;
}

const base: AlertingSettings = {
  job: 'flameherd',
  baseUrl: 'https://flameherd.example.com',
  runbooks: 'https://flameherd.example.com/runbooks',
  namespaceLabel: 'namespace',
  containerLabel: 'container',
  bucketMs: 600_000,
  intervalMs: 60_000,
};

const inPod = { namespace: 'monitoring', container: 'flameherd', endpoint: 'ops' };

export const variants: readonly RuleVariant[] = [
  { name: 'honorLabels', settings: base, targetLabels: {} },
  { name: 'another release', settings: { ...base, job: 'monitoring/team.a+b' }, targetLabels: {} },
  {
    name: 'overrideHonorLabels',
    settings: { ...base, namespaceLabel: 'exported_namespace', containerLabel: 'exported_container' },
    targetLabels: inPod,
  },
];

/** Series and alerts as a case writes them: with our own labels, whatever they are called in a variant. */
export interface LabSeries {
  readonly metric: string;
  /** Labels of ours. */
  readonly labels?: Readonly<Record<string, string>>;
  /** `a` unless given: the instance of the collector that tells it. */
  readonly collector?: string;
  readonly values: string;
}

export interface LabCase {
  readonly series: readonly LabSeries[];
  readonly expected: readonly {
    readonly at: string;
    readonly alert: string;
    readonly alerts: readonly LabAlert[];
  }[];
}

export interface LabAlert {
  /** Labels of ours, for an alert about a workload. */
  readonly workload?: Readonly<Record<string, string>>;
  /** For an alert about a collector. */
  readonly collector?: string;
  /** For an alert about a job that has no collector. */
  readonly isAboutJob?: boolean;
  readonly more?: Readonly<Record<string, string>>;
  /** Of an alert that has several; by default that of its first rule. */
  readonly severity?: string;
  /** `JOB` stands for the job of the variant. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** Our labels and those of the target as this Prometheus stores them. */
export function storedLabels(
  { settings, targetLabels }: RuleVariant,
  { labels = {}, collector = 'a' }: Partial<LabSeries>,
) {
  const renamed = Object.entries(labels).map(([name, value]) => [
    name in targetLabels ? `exported_${name}` : name,
    value,
  ]);
  return { ...targetLabels, job: settings.job, instance: collector, ...Object.fromEntries(renamed) };
}

/**
 * Tests of rules: each case is a test of its own, against the rules of each variant. `promtool test rules` runs once for all cases of a
 * test file, when the first of them is asked for, since most of its time is its start; a case that fails is run again by itself.
 */
export function ruleTests(tools: PrometheusTools): (name: string, labCase: LabCase) => void {
  const cases: LabCase[] = [];
  let good: ReadonlySet<string> | undefined;
  return (name, labCase) => {
    const index = cases.push(labCase) - 1;
    test(name, { skip: tools.skip }, () => {
      good ??= goodFiles(runPromtool(tools, ['test', 'rules'], filesOf(cases)).text);
      if (variants.every((_, i) => good?.has(testFile(index, i)))) return;
      const { status, text } = runPromtool(tools, ['test', 'rules'], filesOf([labCase]));
      assert.fail(status === 0 ? 'it holds by itself, and not beside the others' : text);
    });
  };
}

const testFile = (index: number, variant: number): string => `test-${index}-${variant}.yml`;

/** Files of tests that promtool has nothing against. */
function goodFiles(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/^Unit Testing: +(\S+)\n +SUCCESS$/gm)].map(([, file = '']) => file));
}

/** The rules of each variant, and each case for each variant. */
function filesOf(cases: readonly LabCase[]): Readonly<Record<string, unknown>> {
  const files: Record<string, unknown> = {};
  for (const [i, variant] of variants.entries()) {
    const rules = rulesFile(variant.settings);
    const severities = new Map(
      alertsOf(rules)
        .toReversed()
        .map(({ alert, labels }) => [alert, labels.severity]),
    );
    files[`rules-${i}.part`] = rules;
    for (const [index, labCase] of cases.entries()) {
      files[testFile(index, i)] = promtoolFile(`rules-${i}.part`, variant, severities, labCase);
    }
  }
  return files;
}

function promtoolFile(
  rules: string,
  variant: RuleVariant,
  severities: ReadonlyMap<string, string>,
  { series, expected }: LabCase,
) {
  return {
    rule_files: [rules],
    evaluation_interval: '1m',
    tests: [
      {
        name: variant.name,
        interval: '1m',
        input_series: series.map((one) => ({
          series: `${one.metric}{${matchers(storedLabels(variant, one))}}`,
          values: one.values,
        })),
        alert_rule_test: expected.map(({ at, alert, alerts }) => {
          const severity = severities.get(alert) ?? assert.fail(`no alert ${alert}`);
          return {
            eval_time: at,
            alertname: alert,
            exp_alerts: alerts.map((one) => ({
              exp_labels: { severity: one.severity ?? severity, ...alertLabels(variant, one) },
              exp_annotations: {
                ...inVariant(one.annotations, variant),
                runbook_url: `${variant.settings.runbooks}/${alert}`,
              },
            })),
          };
        }),
      },
    ],
  };
}

/** Alerts about workloads have our labels only; those about collectors what tells collectors apart. */
function alertLabels(
  variant: RuleVariant,
  { workload, collector, isAboutJob, more = {} }: LabAlert,
): Record<string, string> {
  const { namespace, job, instance } = storedLabels(variant, collector === undefined ? {} : { collector });
  if (isAboutJob) return { job: variant.settings.job };
  const ofTarget = { ...(namespace === undefined ? {} : { namespace }), job };
  if (collector !== undefined) return { ...ofTarget, instance, ...more };
  if (workload === undefined) return { ...ofTarget, ...more };
  const names = Object.entries(workload).map(([name, value]) => [
    name in variant.targetLabels ? `exported_${name}` : name,
    value,
  ]);
  return { ...Object.fromEntries(names), ...more };
}

function inVariant(annotations: LabAlert['annotations'], { settings }: RuleVariant): Record<string, string> {
  const filled = Object.entries(annotations).map(([name, text]) => [name, text.replace('JOB', () => settings.job)]);
  return Object.fromEntries(filled);
}

function matchers(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',');
}

/** A query of the dashboard as Grafana fills it in before it asks. */
export function filledQuery(expr: string): string {
  return expr.replaceAll('$__rate_interval', '5m').replaceAll(/\$(namespace|workload)/g, '.*');
}
