import { useMemo } from 'preact/hooks';
import { labelValue } from '../../model/labels.ts';
import type { TimeWindow } from '../../model/units.ts';
import type { DiffMeta, RangeAnswer, RolloutsAnswer } from '../api/answers.ts';
import { rangeUrl } from '../api/urls.ts';
import { latest, useAnswer } from '../api/use-answer.ts';
import { rolloutMarks } from '../rollouts/marks.ts';
import type { Parameters } from '../state/href.ts';
import { goTo, hrefOf } from '../state/place.ts';
import { type Line, stepFor, withGaps } from '../timeline/lines.ts';
import { Timeline } from '../timeline/timeline.tsx';
import {
  brushed,
  type Mode,
  modeOf,
  revisionOf,
  type Side,
  sidesOf,
  windowOf,
  windowParameters,
  withRevision,
} from './comparison.ts';

/** Both sides over time, and the windows that are compared: they are pulled, or drawn anew. */
export function DiffTimeline({
  parameters,
  meta,
  shown,
  rollouts,
}: {
  readonly parameters: Parameters;
  readonly meta: DiffMeta;
  readonly shown: TimeWindow;
  readonly rollouts: RolloutsAnswer | undefined;
}) {
  const sides = sidesOf(parameters, meta);
  const mode = modeOf(parameters);
  const asked = useLines(mode, sides, { shown, functionName: parameters['function'] });
  const marks = useMemo(
    () => (rollouts ? rolloutMarks(rollouts, parameters['query'] ?? '') : []),
    [rollouts, parameters['query']],
  );
  const brush = (side: 'compare' | 'base') => (window: TimeWindow | undefined) =>
    goTo(hrefOf('/diff', { ...brushed(parameters, { meta, side, window }), zoom: undefined }));
  if (!asked) return null;
  return (
    <Timeline
      label={mode === 'revisions' || mode === 'rollout' ? 'By revision' : 'Total'}
      {...asked}
      shown={shown}
      marks={marks}
      range={windowOf(meta)}
      base={windowOf(meta.base)}
      averageOver={asked.lines.length > 1 ? [undefined, windowOf(meta.base)] : []}
      onRange={brush('compare')}
      onBase={brush('base')}
      height={110}
    />
  );
}

const assumedWidth = 1200;

/** A line for each side where they differ by labels, else the one they share. */
function useLines(
  mode: Mode,
  { compare, base }: { readonly compare: Side; readonly base: Side },
  { shown, functionName }: { readonly shown: TimeWindow; readonly functionName: string | undefined },
): { readonly unit: string; readonly lines: readonly Line[]; readonly under?: Line } | undefined {
  const byRevision = mode === 'rollout' || mode === 'revisions';
  const window = { ...windowParameters(shown), step: `${stepFor(shown, assumedWidth) / 1000}s` };
  const own = byRevision ? withRevision(compare.query, undefined) : compare.query;
  const ask = (query: string, also = {}) =>
    rangeUrl({ query, ...windowParameters(shown) }, { step: window.step, ...also });
  const first = latest(useAnswer<RangeAnswer>(ask(own, byRevision ? { group_by: 'revision' } : {})));
  const second = latest(useAnswer<RangeAnswer>(mode === 'labels' ? ask(base.query) : undefined));
  const ofFunction = latest(
    useAnswer<RangeAnswer>(functionName ? ask(compare.query, { function: functionName }) : undefined),
  );
  return useMemo(() => {
    if (!first) return undefined;
    const line = (label: string, answer: RangeAnswer | undefined, revision?: string): Line[] => {
      const series = answer?.series.find(
        ({ labels }) => revision === undefined || labelValue(labels, 'revision') === revision,
      );
      return answer && series ? [{ label, points: withGaps(series.points, answer.stepMs) }] : [];
    };
    const ofRevision = (query: string) => line(revisionOf(query) ?? '', first, revisionOf(query));
    const lines = byRevision
      ? [...ofRevision(compare.query), ...ofRevision(base.query)]
      : mode === 'labels'
        ? [...line('compare', first), ...line('base', second)]
        : line('total', first);
    const [under] = functionName ? line(functionName, ofFunction) : [];
    return { unit: first.unit, lines, ...(under && { under }) };
  }, [first, second, ofFunction, mode, compare.query, base.query, functionName]);
}
