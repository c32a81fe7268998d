import { formatDuration } from '../model/duration.ts';
import { type Expressions, expressionsFor } from './expressions.ts';
import { type AlertingSettings, spansOf } from './settings.ts';

/** As `expressionsFor`, for the workloads that are chosen at the top of the dashboard. */
export interface PanelExpressions extends Expressions {
  /** A selector for the chosen workloads. */
  readonly chosen: (name: string, matchers?: string) => string;
  /** `shop/checkout (app)`. */
  readonly legend: string;
  /** The least step of what is made of counters, which rise once in a heap interval. */
  readonly rateStep: string;
}

export function panelExpressions(settings: AlertingSettings): PanelExpressions {
  const { namespaceLabel, containerLabel } = settings;
  const of = expressionsFor(settings);
  const where = `${namespaceLabel}=~"$namespace",workload=~"$workload"`;
  return {
    ...of,
    chosen: (name, matchers = '') => of.metric(name, matchers === '' ? where : `${where},${matchers}`),
    legend: `{{${namespaceLabel}}}/{{workload}} ({{${containerLabel}}})`,
    rateStep: formatDuration(spansOf(settings).rateMs),
  };
}
