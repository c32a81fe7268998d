import { type AlertingSettings, workloadLabelsOf } from './settings.ts';

/** Pieces of annotations in Prometheus's template language, which is evaluated anew while an alert fires. */
export interface Templates {
  /** `shop/checkout (app)`. */
  readonly workload: string;
  /** `shop Deployment/checkout`, as `flameherd explain` takes it. */
  readonly explained: string;
  /** The value of a metric of the alert's workload through a template function, between two texts; nothing where there is none. */
  readonly value: (
    metric: string,
    format: string,
    around?: { readonly before?: string; readonly after?: string },
  ) => string;
  /** One text where the metric has a series with this matcher, else the other. */
  readonly choice: (metric: string, matcher: string, thenText: string, elseText: string) => string;
  /** Opens the page of growth at the workload. */
  readonly growthUrl: string;
  /** The same at what its heap did since the growth began. */
  readonly heapGrowthUrl: string;
}

export function templatesFor(settings: AlertingSettings): Templates {
  const { baseUrl, namespaceLabel, containerLabel } = settings;
  const label = (name: string): string => `$labels.${name}`;
  const shown = (name: string): string => `{{ ${label(name)} }}`;
  const labels = workloadLabelsOf(settings);
  // Of two collectors the largest counts: one that no longer scrapes has nothing newer to say.
  const asked = (metric: string, matcher = ''): string => {
    const matchers = [...labels.map((name) => `${name}=%q`), ...(matcher === '' ? [] : [matcher])].join(',');
    return `printf \`max(${metric}{${matchers}})\` ${labels.map(label).join(' ')} | query`;
  };
  const value: Templates['value'] = (metric, format, { before = '', after = '' } = {}) =>
    `{{ with ${asked(metric)} }}${before}{{ . | first | value | ${format} }}${after}{{ end }}`;
  const parameters = (
    [
      ['namespace', namespaceLabel],
      ['workload_kind', 'workload_kind'],
      ['workload', 'workload'],
      ['container', containerLabel],
    ] as const
  ).map(([name, from]) => `${name}={{ ${label(from)} | urlquery }}`);
  const since = value('flameherd_heap_growth_start_timestamp_seconds', 'printf "%.0f"', { before: '&since=' });
  const growthUrl = `${baseUrl}/growth?${parameters.join('&')}`;
  return {
    workload: `${shown(namespaceLabel)}/${shown('workload')}{{ with ${label(containerLabel)} }} ({{ . }}){{ end }}`,
    explained: `${shown(namespaceLabel)} ${shown('workload_kind')}/${shown('workload')}`,
    value,
    choice: (metric, matcher, thenText, elseText) =>
      `{{ if ${asked(metric, matcher)} }}${thenText}{{ else }}${elseText}{{ end }}`,
    growthUrl,
    heapGrowthUrl: `${growthUrl}${since}`,
  };
}
