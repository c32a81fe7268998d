/** The parts of Grafana's dashboard model that are used here (schema version 39, Grafana 10 and later). */

export interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat?: string;
  readonly format?: 'table' | 'time_series';
  readonly instant?: boolean;
  /** The least step: `$__rate_interval` is longer by one scrape. */
  readonly interval?: string;
}

export interface Panel {
  readonly id: number;
  readonly type: 'timeseries' | 'table' | 'stat' | 'row';
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: typeof dataSource;
  readonly targets?: readonly (Target & { readonly datasource: typeof dataSource })[];
  readonly [option: string]: unknown;
}

/** Whatever Prometheus is chosen at the top of the dashboard. */
export const dataSource = { type: 'prometheus', uid: '${datasource}' } as const;

/** What a panel is before it has its number and place. */
export interface PanelDraft {
  readonly type: 'timeseries' | 'table' | 'stat';
  readonly title: string;
  readonly description?: string;
  /** Of the 24 columns of a dashboard. */
  readonly width: number;
  readonly targets: readonly Target[];
  readonly options?: Readonly<Record<string, unknown>>;
  readonly fieldConfig?: Readonly<Record<string, unknown>>;
  readonly transformations?: readonly unknown[];
}

export interface RowDraft {
  readonly title: string;
  readonly height: number;
  readonly panels: readonly PanelDraft[];
}

const columns = 24;

/** Numbers panels and lays them from left to right, row below row. */
export function layOut(rows: readonly RowDraft[]): readonly Panel[] {
  const panels: Panel[] = [];
  let y = 0;
  for (const { title, height, panels: drafts } of rows) {
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title,
      gridPos: { x: 0, y, w: columns, h: 1 },
      collapsed: false,
    });
    y += 1;
    let x = 0;
    for (const { width, targets, ...draft } of drafts) {
      if (x + width > columns) {
        x = 0;
        y += height;
      }
      panels.push({
        id: panels.length + 1,
        ...draft,
        gridPos: { x, y, w: width, h: height },
        datasource: dataSource,
        targets: targets.map((target) => ({ ...target, datasource: dataSource })),
      });
      x += width;
    }
    y += height;
  }
  return panels;
}

export interface Line {
  readonly expr: string;
  readonly legend: string;
}

/** Lines over time; `dashed` names those that are bounds, by their legend. */
export function timeseries(
  title: string,
  unit: string,
  lines: readonly Line[],
  { width = 12, description, dashed, stacked = false, interval }: Partial<TimeseriesOptions> = {},
): PanelDraft {
  return {
    type: 'timeseries',
    title,
    ...(description === undefined ? {} : { description }),
    width,
    targets: lines.map(({ expr, legend }, i) => ({
      refId: refId(i),
      expr,
      legendFormat: legend,
      ...(interval === undefined ? {} : { interval }),
    })),
    fieldConfig: {
      defaults: {
        unit,
        min: 0,
        custom: stacked
          ? { stacking: { mode: 'normal' }, fillOpacity: 30, lineWidth: 1 }
          : { fillOpacity: 0, lineWidth: 1 },
      },
      overrides:
        dashed === undefined
          ? []
          : [
              {
                matcher: { id: 'byRegexp', options: dashed },
                properties: [{ id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 8] } }],
              },
            ],
    },
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
  };
}

interface TimeseriesOptions {
  readonly width: number;
  readonly description: string;
  readonly dashed: string;
  readonly stacked: boolean;
  readonly interval: string;
}

/** A, B, C … */
export function refId(index: number): string {
  return String.fromCharCode(65 + index);
}
