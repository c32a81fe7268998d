import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { familyText, type WrittenSample } from './metrics-text.ts';

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
  /** One look for many metrics: what it gives is called at most once a page, and always anew for the next. */
  oncePerPage<T>(look: () => T): () => T;
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

/**
 * The Node.js metrics that the library adds and that are left out: sums of what it tells by type as well, whose names end as
 * those of counters do.
 */
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** A family and how its samples are come by. */
interface Family extends MetricDescription {
  samples(): Iterable<WrittenSample> | Promise<Iterable<WrittenSample>>;
}

export function createMetrics(): MetricsRegistry {
  const families = new Map<string, Family>();
  const add = (family: Family): void => {
    if (families.has(family.name)) throw new Error(`the metric ${family.name} is registered twice`);
    families.set(family.name, family);
  };
  let page = 0;
  const common = { registers: [] };
  const library = new Registry();
  collectDefaultMetrics({ register: library });
  for (const { name, help, type } of library.getMetricsAsArray()) {
    const metric = library.getSingleMetric(name);
    if (metric && !misnamed.includes(name)) add({ ...ofLibrary(metric), name, help, type: String(type) });
  }
  return {
    counter(name, help, labels = []) {
      const counter = new Counter({ ...common, name, help, labelNames: [...labels] });
      add({ ...ofLibrary(counter), name, help, type: 'counter' });
      return { add: (values, amount = 1) => counter.inc(values, amount) };
    },
    gauge: (name, help, labels, read) => add({ name, help, type: 'gauge', labels, samples: read }),
    readCounter: (name, help, labels, read) => add({ name, help, type: 'counter', labels, samples: read }),
    histogram(name, help, labels, buckets) {
      const histogram = new Histogram({ ...common, name, help, labelNames: [...labels], buckets: [...buckets] });
      add({ ...ofLibrary(histogram), name, help, type: 'histogram' });
      return { observe: (values, value) => histogram.observe(values, value) };
    },
    oncePerPage(look) {
      let seen: { readonly page: number; readonly value: ReturnType<typeof look> } | undefined;
      return () => {
        if (seen?.page !== page) seen = { page, value: look() };
        return seen.value;
      };
    },
    async text() {
      page++;
      let body = '';
      for (const family of families.values()) body += familyText(family, await family.samples());
      return { contentType: library.contentType, body };
    },
    describe: async () => [...families.values()].map(({ name, type, help, labels }) => ({ name, type, help, labels })),
  };
}

/** The library keeps what is counted and observed; it knows the label names of a metric but does not tell them in its types. */
function ofLibrary(metric: {
  get(): Promise<{ readonly values: readonly WrittenSample[] }>;
}): Pick<Family, 'labels' | 'samples'> {
  return {
    labels: (metric as { labelNames?: readonly string[] }).labelNames ?? [],
    samples: async () => (await metric.get()).values,
  };
}
