import { type AlertingSettings, workloadLabelsOf } from './settings.ts';

/** Pieces of PromQL for one collector's series. */
export interface Expressions {
  /** A selector of our own series: `flameherd_x{job=~"flameherd|",tier="likely"}`. */
  readonly metric: (name: string, matchers?: string) => string;
  /** Brings an expression down to one value for each workload, whichever collector or process it came from. */
  readonly byWorkload: (expression: string, ...more: readonly string[]) => string;
  /** One value for each collector. */
  readonly byCollector: (expression: string, ...more: readonly string[]) => string;
  /** One value for all collectors of a job: what is compared with a time before a restart. */
  readonly byJob: (expression: string) => string;
}

/** Labels that Prometheus puts on a target: they tell collectors apart. */
const collectorLabels = ['namespace', 'job', 'pod', 'instance'];

/** Two collectors may watch one workload, and a restart changes `instance`: no operand may keep what tells them apart. */
export function expressionsFor(settings: AlertingSettings): Expressions {
  // Series that were aggregated on their way, as by federation, have no job any more.
  const job = `job=~${JSON.stringify(`${escapeRegex(settings.job)}|`)}`;
  return {
    metric: (name, matchers = '') => `${name}{${[job, matchers].filter((part) => part !== '').join(',')}}`,
    byWorkload: (expression, ...more) => maxBy([...workloadLabelsOf(settings), ...more], expression),
    byCollector: (expression, ...more) => maxBy([...collectorLabels, ...more], expression),
    byJob: (expression) => maxBy(['namespace', 'job'], expression),
  };
}

/** The text as it stands in a regular expression of RE2. */
export function escapeRegex(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, String.raw`\$&`);
}

function maxBy(labels: readonly string[], expression: string): string {
  return `max by (${labels.join(', ')}) (${expression})`;
}
