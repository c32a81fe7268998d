import { useMemo } from 'preact/hooks';
import { labelValue } from '../../model/labels.ts';
import { type DurationMs, minute, second, type TimeWindow } from '../../model/units.ts';
import type { RangeAnswer, ScrapesAnswer } from '../api/answers.ts';
import { rangeUrl } from '../api/urls.ts';
import { latest, useAnswer } from '../api/use-answer.ts';
import { hrefOf } from '../state/href.ts';
import { type Line, stepFor, withGaps } from '../timeline/lines.ts';
import type { Mark } from '../timeline/mark.ts';
import { useHappenings } from '../timeline/use-happenings.ts';
import { type Mode, revisionOf, type Side, windowParameters, withRevision } from './comparison.ts';

export interface SideLines {
  readonly unit: string;
  /** The compared side first; one for both where they differ by time alone. */
  readonly lines: readonly Line[];
  /** Of the function that is chosen, on the compared side. */
  readonly under?: Line;
  readonly marks: readonly Mark[];
}

/** About as wide as a timeline is: how fine the steps are that are asked for. */
const assumedWidth = 1200;

/** Both sides over time, and what happened meanwhile; undefined until it is answered. */
export function useSideLines(
  mode: Mode,
  { compare, base }: { readonly compare: Side; readonly base: Side },
  { shown, functionName }: { readonly shown: TimeWindow; readonly functionName: string | undefined },
): SideLines | undefined {
  const byRevision = mode === 'rollout' || mode === 'revisions';
  const own = byRevision ? withRevision(compare.query, undefined) : compare.query;
  const step = `${stepFor(shown, assumedWidth) / second}s`;
  const ask = (query: string, also = {}) => rangeUrl({ query, ...windowParameters(shown) }, { step, ...also });
  const first = latest(useAnswer<RangeAnswer>(ask(own, byRevision ? { group_by: 'revision' } : {})));
  const ofBase = latest(useAnswer<RangeAnswer>(mode === 'labels' ? ask(base.query) : undefined));
  const ofFunction = latest(
    useAnswer<RangeAnswer>(functionName ? ask(compare.query, { function: functionName }) : undefined),
  );
  const scrapes = latest(
    useAnswer<ScrapesAnswer>(hrefOf('/api/v1/scrapes', { query: own, ...windowParameters(shown) })),
  );
  const marks = useHappenings(own, shown, scrapes);
  const heldMs = longestInterval(scrapes);
  const lines = useMemo((): Omit<SideLines, 'marks'> | undefined => {
    if (!first) return undefined;
    const [under] = functionName ? lineOf(functionName, ofFunction, { heldMs }) : [];
    return { unit: first.unit, lines: ofSides(), ...(under && { under }) };

    function ofSides(): Line[] {
      if (mode === 'labels') return [...lineOf('compare', first, { heldMs }), ...lineOf('base', ofBase, { heldMs })];
      if (!byRevision) return lineOf('total', first, { heldMs });
      return [compare, base].flatMap(({ query }) => {
        const revision = revisionOf(query) ?? '';
        return lineOf(revision, first, { heldMs, revision });
      });
    }
  }, [first, ofBase, ofFunction, heldMs, mode, compare.query, base.query, functionName]);
  return lines && { ...lines, marks };
}

function lineOf(
  label: string,
  answer: RangeAnswer | undefined,
  { heldMs, revision }: { readonly heldMs: DurationMs; readonly revision?: string },
): Line[] {
  const series = answer?.series.find(
    ({ labels }) => revision === undefined || labelValue(labels, 'revision') === revision,
  );
  return answer && series ? [{ label, points: withGaps(series.points, Math.max(answer.stepMs, heldMs)) }] : [];
}

/** For how long a scrape may be the newest. */
function longestInterval(scrapes: ScrapesAnswer | undefined): DurationMs {
  const intervals = scrapes?.processes.flatMap(({ stored }) => stored.interval) ?? [];
  return intervals.reduce((most, interval) => Math.max(most, interval), minute);
}
