import type { TimeWindow } from '../../model/units.ts';
import type { DiffMeta } from '../api/answers.ts';
import type { Parameters } from '../state/href.ts';
import { goTo, hrefOf } from '../state/place.ts';
import { Timeline } from '../timeline/timeline.tsx';
import { brushed, modeOf, sidesOf, windowOf } from './comparison.ts';
import { useSideLines } from './use-side-lines.ts';

/** Both sides over time, and the windows that are compared: they are pulled, or drawn anew. */
export function DiffTimeline({
  parameters,
  meta,
  shown,
}: {
  readonly parameters: Parameters;
  readonly meta: DiffMeta;
  readonly shown: TimeWindow;
}) {
  const sides = sidesOf(parameters, meta);
  const mode = modeOf(parameters);
  const asked = useSideLines(mode, sides, { shown, functionName: parameters['function'] });
  const brush = (side: 'compare' | 'base') => (window: TimeWindow | undefined) =>
    goTo(hrefOf('/diff', { ...brushed(parameters, { meta, side, window }), zoom: undefined }));
  if (!asked) return null;
  return (
    <Timeline
      label={mode === 'revisions' || mode === 'rollout' ? 'By revision' : 'Total'}
      {...asked}
      shown={shown}
      range={windowOf(meta)}
      base={windowOf(meta.base)}
      averageOver={asked.lines.length > 1 ? [undefined, windowOf(meta.base)] : []}
      onRange={brush('compare')}
      onBase={brush('base')}
      height={110}
    />
  );
}
