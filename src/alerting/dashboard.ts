import { growthRow } from './dashboard-growth.ts';
import { healthRow, resourceRow } from './dashboard-health.ts';
import { workloadRow } from './dashboard-workloads.ts';
import { escapeRegex } from './expressions.ts';
import { dataSource, layOut, type Panel } from './panels.ts';
import type { AlertingSettings } from './settings.ts';

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly [option: string]: unknown;
}

/** One dashboard: what grows, what workloads use, and how profiling itself does. Its links open the API's pages. */
export function dashboard(settings: AlertingSettings): Dashboard {
  return {
    uid: 'flameherd',
    title: 'flameherd',
    description: 'Growth, live heap, allocation, goroutines and CPU by profiles; health of profiling.',
    tags: ['flameherd', 'profiling'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '1m',
    time: { from: 'now-24h', to: 'now' },
    timezone: 'browser',
    links: [{ title: 'flameherd', type: 'link', url: '${base}', targetBlank: true }],
    templating: { list: variables(settings) },
    annotations: { list: [] },
    panels: layOut([growthRow(settings), workloadRow(settings), healthRow(settings), resourceRow(settings)]),
  };
}

function variables({ job, baseUrl, namespaceLabel }: AlertingSettings): readonly unknown[] {
  const ours = `job=~${JSON.stringify(`${escapeRegex(job)}|`)}`;
  const ofLabel = (name: string, label: string, matchers: string) => {
    const query = `label_values(flameherd_target_up{${matchers}}, ${label})`;
    return {
      name,
      type: 'query',
      label: name,
      datasource: dataSource,
      query: { qryType: 1, query, refId: name },
      definition: query,
      refresh: 2,
      multi: true,
      includeAll: true,
      allValue: '.*',
      sort: 1,
      current: { selected: true, text: ['All'], value: ['$__all'] },
    };
  };
  return [
    { name: 'datasource', type: 'datasource', query: 'prometheus', label: 'data source', hide: 0, multi: false },
    ofLabel('namespace', namespaceLabel, ours),
    ofLabel('workload', 'workload', `${ours},${namespaceLabel}=~"$namespace"`),
    { name: 'base', type: 'constant', query: baseUrl, label: 'URL of flameherd', hide: 2 },
  ];
}
