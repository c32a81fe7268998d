import type { MetricsRegistry } from '../observe/metrics.ts';
import { lanes } from '../query/lane.ts';
import type { QueryNumbers } from '../query/pool.ts';

/** What the query threads are at. Lanes: `lists`, `small` (a workload or a few, a day at most), `wide`. */
export function registerQueryMetrics(registry: MetricsRegistry, read: () => QueryNumbers): void {
  registry.gauge('flameherd_queries_running', 'Queries being answered, by lane.', ['lane'], () =>
    lanes.map((lane) => ({ labels: { lane }, value: read().lanes[lane].running })),
  );
  registry.gauge(
    'flameherd_queries_waiting',
    'Queries that wait for a thread of their lane; `http.maxQueries` is the bound.',
    ['lane'],
    () => lanes.map((lane) => ({ labels: { lane }, value: read().lanes[lane].waiting })),
  );
  registry.readCounter(
    'flameherd_queries_ended_total',
    'Queries without an answer: cancelled, timeout, too_large, busy.',
    ['because'],
    () => Object.entries(read().ended).map(([because, value]) => ({ labels: { because }, value })),
  );
  registry.readCounter(
    'flameherd_query_threads_ended_total',
    'Query threads that were ended because a query did not stop when it was told to.',
    [],
    () => [{ labels: {}, value: read().threadsEnded }],
  );
}
