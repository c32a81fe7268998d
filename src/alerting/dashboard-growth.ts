import { panelExpressions } from './dashboard-expressions.ts';
import { type PanelDraft, type RowDraft, refId } from './panels.ts';
import { type AlertingSettings, workloadLabelsOf } from './settings.ts';

/** What grows now: a line for each finding, which opens its page. */
export function growthRow(settings: AlertingSettings): RowDraft {
  const { byWorkload, chosen } = panelExpressions(settings);
  const tier = byWorkload(
    `${chosen('flameherd_heap_growth_detected', 'tier="likely"')} * 2 or ${chosen('flameherd_heap_growth_detected', 'tier="suspected"')}`,
  );
  const ofFindings = (metric: string, factor = ''): string => `${byWorkload(chosen(metric))}${factor} and ${tier} > 0`;
  return {
    title: 'Growth',
    height: 8,
    panels: [
      findings(settings, [
        `${tier} > 0`,
        ofFindings('flameherd_heap_growth_bytes_per_second'),
        ofFindings('flameherd_heap_inuse_pod_max_bytes'),
        ofFindings('flameherd_container_memory_limit_bytes'),
        ofFindings('flameherd_heap_growth_start_timestamp_seconds', ' * 1000'),
      ]),
      count(
        'Memory leaks likely',
        `count(${byWorkload(chosen('flameherd_heap_growth_detected', 'tier="likely"'))} == 1)`,
      ),
      count('Goroutines growing', `count(${byWorkload(chosen('flameherd_goroutine_growth_detected'))} == 1)`),
      count('Allocating more', `count(${byWorkload(chosen('flameherd_heap_alloc_regression_detected'))} == 1)`),
    ],
  };
}

/** The columns after the labels, in the order of their queries. */
const findingColumns = [
  { title: 'finding', unit: 'none' },
  { title: 'growth', unit: 'binBps' },
  { title: 'largest pod', unit: 'bytes' },
  { title: 'limit', unit: 'bytes' },
  { title: 'since', unit: 'dateTimeAsIso' },
] as const;

function findings(settings: AlertingSettings, expressions: readonly string[]): PanelDraft {
  const { namespaceLabel, containerLabel } = settings;
  const field = (name: string): string => `\${__data.fields["${name}"]}`;
  const url = `\${base}/growth?namespace=${field(namespaceLabel)}&workload_kind=${field('workload_kind')}&workload=${field('workload')}&container=${field(containerLabel)}`;
  const link = { title: 'what grows in ${__data.fields.workload}', url, targetBlank: true };
  return {
    type: 'table',
    title: 'Live heap that grows',
    description: 'Findings of the detector: suspected is information, likely a warning. A click opens the functions.',
    width: 15,
    targets: expressions.map((expr, i) => ({ refId: refId(i), expr, format: 'table', instant: true })),
    transformations: [
      { id: 'merge', options: {} },
      {
        id: 'organize',
        options: {
          excludeByName: { Time: true },
          indexByName: Object.fromEntries(workloadLabelsOf(settings).map((name, i) => [name, i])),
          renameByName: Object.fromEntries(findingColumns.map(({ title }, i) => [`Value #${refId(i)}`, title])),
        },
      },
    ],
    fieldConfig: {
      defaults: { links: [link] },
      overrides: [
        ...findingColumns.map(({ title, unit }) => ({
          matcher: { id: 'byName', options: title },
          properties: [{ id: 'unit', value: unit }],
        })),
        {
          matcher: { id: 'byName', options: 'finding' },
          properties: [
            {
              id: 'mappings',
              value: [
                {
                  type: 'value',
                  options: { 1: { text: 'suspected', color: 'yellow' }, 2: { text: 'likely', color: 'red' } },
                },
              ],
            },
            { id: 'custom.cellOptions', value: { type: 'color-text' } },
          ],
        },
      ],
    },
    options: { showHeader: true, sortBy: [{ displayName: 'finding', desc: true }] },
  };
}

/** A number that is good when it is 0. */
function count(title: string, expr: string): PanelDraft {
  return {
    type: 'stat',
    title,
    width: 3,
    targets: [{ refId: 'A', expr: `${expr} or vector(0)`, instant: true }],
    fieldConfig: {
      defaults: {
        thresholds: {
          mode: 'absolute',
          steps: [
            { color: 'green', value: null },
            { color: 'red', value: 1 },
          ],
        },
      },
      overrides: [],
    },
    options: { colorMode: 'value', graphMode: 'none', reduceOptions: { calcs: ['lastNotNull'] } },
  };
}
