import { formatDuration } from '../model/duration.ts';
import { expressionsFor } from './expressions.ts';
import type { RuleGroup } from './rules-file.ts';
import { type AlertingSettings, spansOf } from './settings.ts';

/**
 * Series for dashboards and rules of others, named `level:metric:operations`. The level is what is left of the labels; the
 * window stands in the operation.
 */
export function recordingGroup(settings: AlertingSettings): RuleGroup {
  const { metric, byWorkload } = expressionsFor(settings);
  const window = formatDuration(spansOf(settings).rateMs);
  const rate = (name: string): string => `rate(${metric(name)}[${window}])`;
  const largest = byWorkload(metric('flameherd_heap_inuse_pod_max_bytes'));
  const limit = byWorkload(metric('flameherd_container_memory_limit_bytes'));
  const growth = byWorkload(metric('flameherd_heap_growth_bytes_per_second'));
  const all = (name: string): string => byWorkload(`sum without (kind, reason) (${rate(name)})`);
  const level = 'namespace_workload_container';
  return {
    name: 'flameherd-recordings',
    rules: [
      {
        record: `${level}:flameherd_heap_alloc_bytes:rate${window}`,
        expr: byWorkload(rate('flameherd_heap_alloc_bytes_total')),
      },
      {
        record: `${level}_function:flameherd_function_cpu_seconds:rate${window}`,
        expr: byWorkload(rate('flameherd_function_cpu_seconds_total'), 'function_id', 'function'),
      },
      { record: `${level}:flameherd_heap_inuse_pod_max_bytes:limit_ratio`, expr: `${largest} / ${limit}` },
      {
        record: `${level}:flameherd_heap_growth_bytes:seconds_to_limit`,
        expr: `clamp_min(${limit} - ${largest}, 0) / (${growth} > 0)`,
      },
      {
        record: `${level}:flameherd_scrape_failures:ratio_rate${window}`,
        expr: `${all('flameherd_scrape_failures_total')} / ${all('flameherd_scrapes_total')}`,
      },
    ],
  };
}
