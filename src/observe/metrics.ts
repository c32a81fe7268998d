import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/**
 * The door to the metrics library. Each part registers its own metrics here, beside the code that knows the numbers;
 * `docs/METRICS.md` lists them all, and a test keeps the two equal.
 */
export interface MetricsRegistry {
  /** A number that only grows, or restarts from 0 with the process. */
  counter<Label extends string>(name: string, help: string, labels?: readonly Label[]): CounterMetric<Label>;
  /** A number read when asked for: `read` gives it, or one for each label set. */
  gauge<Label extends string>(
    name: string,
    help: string,
    labels: readonly Label[],
    read: () => readonly Sample<Label>[],
  ): void;
  /** A counter kept elsewhere, read when asked for. */
  readCounter<Label extends string>(
    name: string,
    help: string,
    labels: readonly Label[],
    read: () => readonly Sample<Label>[],
  ): void;
  histogram<Label extends string>(
    name: string,
    help: string,
    labels: readonly Label[],
    buckets: readonly number[],
  ): HistogramMetric<Label>;
  /** What `/metrics` answers. */
  text(): Promise<{ readonly contentType: string; readonly body: string }>;
  /** All that is registered. */
  describe(): Promise<readonly MetricDescription[]>;
}

export interface MetricDescription {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labels: readonly string[];
}

export interface Sample<Label extends string> {
  readonly labels: Readonly<Record<Label, string>>;
  readonly value: number;
}

export interface CounterMetric<Label extends string> {
  add(labels: Readonly<Record<Label, string>>, amount?: number): void;
}

export interface HistogramMetric<Label extends string> {
  observe(labels: Readonly<Record<Label, string>>, value: number): void;
}

/** Seconds, as Prometheus's own servers use them. */
export const durationBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] as const;

export function createMetrics(): MetricsRegistry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const common = { registers: [] };
  return {
    counter(name, help, labels = []) {
      const counter = new Counter({ ...common, name, help, labelNames: [...labels] });
      registry.registerMetric(counter);
      return { add: (values, amount = 1) => counter.inc(values, amount) };
    },
    gauge: (...metric) => registry.registerMetric(readWhenAsked(Gauge, ...metric)),
    readCounter: (...metric) => registry.registerMetric(readWhenAsked(Counter, ...metric)),
    histogram(name, help, labels, buckets) {
      const histogram = new Histogram({ ...common, name, help, labelNames: [...labels], buckets: [...buckets] });
      registry.registerMetric(histogram);
      return { observe: (values, value) => histogram.observe(values, value) };
    },
    text: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
    describe: async () =>
      (await registry.getMetricsAsJSON()).map(({ name, help, type }) => ({
        name,
        help,
        type: String(type),
        labels: labelNamesOf(registry.getSingleMetric(name)),
      })),
  };
}

/** A metric whose samples are read anew each time `/metrics` is asked. */
function readWhenAsked<Label extends string>(
  Metric: typeof Gauge<Label> | typeof Counter<Label>,
  name: string,
  help: string,
  labels: readonly Label[],
  read: () => readonly Sample<Label>[],
): Gauge<Label> | Counter<Label> {
  return new Metric({
    name,
    help,
    labelNames: [...labels],
    registers: [],
    collect() {
      this.reset();
      for (const { labels: values, value } of read()) this.inc(values, value);
    },
  });
}

/** The library knows the label names of a metric but does not tell them in its types. */
function labelNamesOf(metric: unknown): readonly string[] {
  return (metric as { labelNames?: readonly string[] } | undefined)?.labelNames ?? [];
}
