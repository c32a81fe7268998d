import { panelExpressions } from './dashboard-expressions.ts';
import { type RowDraft, timeseries } from './panels.ts';
import type { AlertingSettings } from './settings.ts';

/** Whether profiles come in. */
export function healthRow(settings: AlertingSettings): RowDraft {
  const { byWorkload, byCollector, chosen, metric, rateStep: interval } = panelExpressions(settings);
  const failures = `sum without (kind) (rate(${chosen('flameherd_scrape_failures_total')}[$__rate_interval]))`;
  const dropped = `rate(${metric('flameherd_profiles_dropped_total')}[$__rate_interval])`;
  const stored = `rate(${metric('flameherd_profiles_stored_total')}[$__rate_interval])`;
  return {
    title: 'Scrapes',
    height: 8,
    panels: [
      timeseries(
        'Targets by health',
        'none',
        [
          {
            expr: `sum by (health) (${byWorkload(`sum without (pod, exported_pod) (${chosen('flameherd_targets')})`, 'health')})`,
            legend: '{{health}}',
          },
        ],
        { width: 8, stacked: true },
      ),
      timeseries(
        'Failed scrapes',
        'ops',
        [{ expr: byWorkload(failures, 'reason'), legend: '{{workload}} {{reason}}' }],
        { width: 8, interval },
      ),
      timeseries(
        'Profiles stored and dropped',
        'ops',
        [
          { expr: byCollector(stored), legend: 'stored {{instance}}' },
          { expr: byCollector(dropped), legend: 'dropped {{instance}}' },
        ],
        { width: 8, interval },
      ),
    ],
  };
}

/** What the collector itself uses. */
export function resourceRow(settings: AlertingSettings): RowDraft {
  const { byCollector, metric, rateStep: interval } = panelExpressions(settings);
  const own = `job=${JSON.stringify(settings.job)}`;
  return {
    title: 'Collector',
    height: 8,
    panels: [
      timeseries(
        'Store',
        'bytes',
        [
          { expr: byCollector(metric('flameherd_store_bytes'), 'kind'), legend: '{{kind}} {{instance}}' },
          { expr: byCollector(metric('flameherd_store_limit_bytes')), legend: 'limit {{instance}}' },
        ],
        { width: 8, dashed: '/^limit /' },
      ),
      timeseries(
        'CPU',
        'cores',
        [{ expr: `rate(process_cpu_seconds_total{${own}}[$__rate_interval])`, legend: '{{instance}}' }],
        { width: 8, interval },
      ),
      timeseries(
        'Resident memory',
        'bytes',
        [{ expr: `process_resident_memory_bytes{${own}}`, legend: '{{instance}}' }],
        { width: 8 },
      ),
    ],
  };
}
