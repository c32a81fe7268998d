/** One family of samples: what `# HELP` and `# TYPE` say of it. */
export interface MetricFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
}

export interface WrittenSample {
  /** Where it is another than the family's: the parts of a histogram. */
  readonly metricName?: string | undefined;
  readonly labels: Readonly<Partial<Record<string, string | number>>>;
  readonly value: number;
}

/**
 * A family in Prometheus's text format 0.0.4. A label whose value is empty is written, too: with `honor_labels` it keeps a label of
 * the target from being put in its place. The samples are told apart by their labels: the caller sees to that.
 */
export function familyText({ name, type, help }: MetricFamily, samples: Iterable<WrittenSample>): string {
  let text = `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`;
  for (const { metricName = name, labels, value } of samples) {
    text += `${metricName}${labelsText(labels)} ${numberText(value)}\n`;
  }
  return text;
}

/** Where labels that are told again and again keep their text. */
const written = Symbol('written');

/** The same labels, with their text worked out once: for those that many pages tell. They must not change after. */
export function lasting<T extends WrittenSample['labels']>(labels: T): T {
  return Object.defineProperty(labels, written, { value: textOf(labels) });
}

function labelsText(labels: WrittenSample['labels'] & { readonly [written]?: string }): string {
  return labels[written] ?? textOf(labels);
}

function textOf(labels: WrittenSample['labels']): string {
  let text = '';
  for (const name in labels) {
    const value = labels[name];
    if (value === undefined) continue;
    text += `${text === '' ? '{' : ','}${name}="${typeof value === 'string' ? escapeValue(value) : value}"`;
  }
  return text === '' ? '' : `${text}}`;
}

/** What must not stand in a quoted value as it is; names of functions and workloads hardly ever have any of it. */
const special = /["\\\n]/;

function escapeValue(value: string): string {
  if (!special.test(value)) return value;
  return escapeHelp(value).replaceAll('"', String.raw`\"`);
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', String.raw`\\`).replaceAll('\n', String.raw`\n`);
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}
