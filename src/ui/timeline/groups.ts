import { labelValue } from '../../model/labels.ts';
import type { DurationMs, TimeWindow } from '../../model/units.ts';
import type { RangeAnswer } from '../api/answers.ts';
import { isoText } from '../format/time.ts';
import { exchange, selectorOf, writeQuery } from '../selection/query.ts';
import { hrefOf } from '../state/href.ts';
import { averageIn, type LinePoint, withGaps } from './lines.ts';
import type { ScrapedProcess } from './provenance.ts';

/** What most people split by comes first. */
const usualLabels = ['revision', 'version', 'pod', 'node', 'container', 'workload', 'namespace'];

/** Labels by which some processes differ: those it makes sense to split by. */
export function labelsThatDiffer(processes: readonly ScrapedProcess[]): string[] {
  const names = new Set(processes.flatMap(({ labels }) => Object.keys(labels)));
  const differing = [...names].filter((name) => new Set(processes.map(({ labels }) => labels[name] ?? '')).size > 1);
  const rankOf = (name: string): number =>
    (usualLabels.indexOf(name) + usualLabels.length + 1) % (usualLabels.length + 1);
  return differing.toSorted((one, other) => rankOf(one) - rankOf(other) || (one < other ? -1 : 1));
}

/** A part of a selection by the value of a label. */
export interface Group {
  /** '' where the label is absent. */
  readonly value: string;
  readonly points: readonly LinePoint[];
  /** Over the window that the graph is of; undefined where nothing was measured in it. */
  readonly average: number | undefined;
  /** The selection narrowed to it. */
  readonly query: string;
}

/** Groups as the answer has them: the largest first. */
export function groupsOf(
  { series, stepMs }: RangeAnswer,
  {
    query,
    label,
    part,
    heldMs,
  }: {
    readonly query: string;
    readonly label: string;
    readonly part: TimeWindow;
    readonly heldMs: DurationMs;
  },
): Group[] {
  const selector = selectorOf(query);
  return series.map(({ labels, points }) => {
    const value = labelValue(labels, label);
    const line = withGaps(points, Math.max(stepMs, heldMs));
    const narrowed = selector && exchange(selector, undefined, { name: label, operator: '=', value });
    return { value, points: line, average: averageIn(line, part), query: narrowed ? writeQuery(narrowed) : query };
  });
}

/** Where two groups are compared over the same time; the first is what the second changed from. */
export function compareHref(base: Group, compare: Group, { fromMs, toMs }: TimeWindow): string {
  return hrefOf('/diff', {
    query: compare.query,
    base_query: base.query,
    from: isoText(fromMs),
    to: isoText(toMs),
  });
}

const nameLetters = 18;

/** What fits on a card: ends of names of pods tell them apart. */
export function shortGroupName(name: string): string {
  return name.length <= nameLetters + 2 ? name : `…${name.slice(-nameLetters)}`;
}
