import { partitionLabels } from '../model/labels.ts';
import type { MetricsRegistry } from '../observe/metrics.ts';
import type { FunctionSeries } from './function-series.ts';

const labels = [...partitionLabels, 'function_id', 'function'] as const;

/** What single functions hold, allocate and compute: those that are told, and `(other)`, which has no id. */
export function registerFunctionMetrics(registry: MetricsRegistry, series: FunctionSeries): void {
  registry.gauge(
    'flameherd_function_heap_inuse_bytes',
    'Live heap by the function of ours that allocated it: the nearest outside of runtime and standard library.',
    labels,
    () => [...series.samples('inuseBytes')],
  );
  registry.readCounter(
    'flameherd_function_heap_alloc_bytes_total',
    'Bytes allocated by a function, since this daemon began.',
    labels,
    () => [...series.samples('allocBytesTotal')],
  );
  registry.readCounter(
    'flameherd_function_cpu_seconds_total',
    'CPU time of a function over all processes, estimated from the share of time that was profiled.',
    labels,
    () => [...series.samples('cpuSecondsTotal')],
  );
  registry.readCounter(
    'flameherd_metrics_series_dropped_total',
    'Series of functions left out because of `metrics.maxSeries`, each once when it is; they are part of `(other)`.',
    [],
    () => [{ labels: {}, value: series.dropped }],
  );
}
