import { panelExpressions } from './dashboard-expressions.ts';
import { type RowDraft, timeseries } from './panels.ts';
import type { AlertingSettings } from './settings.ts';

/** What workloads hold and use, by their profiles. */
export function workloadRow(settings: AlertingSettings): RowDraft {
  const { byWorkload, chosen, legend, rateStep: interval } = panelExpressions(settings);
  const now = (metric: string): string => byWorkload(chosen(metric));
  const rate = (metric: string): string => `rate(${chosen(metric)}[$__rate_interval])`;
  const byFunction = (expr: string): string => `topk(15, ${byWorkload(expr, 'function_id', 'function')})`;
  const ofFunction = '{{workload}} {{function}}';
  return {
    title: 'Workloads',
    height: 9,
    panels: [
      timeseries(
        'Live heap of the largest pod, and its limit',
        'bytes',
        [
          { expr: now('flameherd_heap_inuse_pod_max_bytes'), legend },
          { expr: now('flameherd_container_memory_limit_bytes'), legend: `limit ${legend}` },
        ],
        {
          dashed: '/^limit /',
          description:
            'What is left after garbage collection. Stacks, cgo, page cache and idle spans come on top of it.',
        },
      ),
      timeseries('Live heap of all pods', 'bytes', [{ expr: now('flameherd_heap_inuse_bytes'), legend }]),
      timeseries('Allocation', 'binBps', [{ expr: byWorkload(rate('flameherd_heap_alloc_bytes_total')), legend }], {
        interval,
        description: 'Bytes allocated a second, over all pods.',
      }),
      timeseries('Goroutines', 'none', [
        { expr: now('flameherd_goroutines'), legend },
        { expr: `${now('flameherd_goroutines_leaked')} > 0`, legend: `leaked ${legend}` },
      ]),
      timeseries(
        'CPU by function',
        'cores',
        [{ expr: byFunction(rate('flameherd_function_cpu_seconds_total')), legend: ofFunction }],
        {
          interval,
          stacked: true,
          description: 'Cores, estimated from the time that was profiled. Each sample is attributed to one function.',
        },
      ),
      timeseries(
        'Live heap by function',
        'bytes',
        [{ expr: byFunction(chosen('flameherd_function_heap_inuse_bytes')), legend: ofFunction }],
        { stacked: true },
      ),
    ],
  };
}
