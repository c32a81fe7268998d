import { useMemo } from 'preact/hooks';
import type { TimeWindow } from '../../model/units.ts';
import type { RangeAnswer } from '../api/answers.ts';
import { rangeUrl } from '../api/urls.ts';
import { latest, useAnswer } from '../api/use-answer.ts';
import { isoText, readWindow } from '../format/time.ts';
import { Answered } from '../parts/answered.tsx';
import { withGaps } from './lines.ts';
import { Timeline } from './timeline.tsx';

export interface SelectionTimelineProps {
  readonly query: string;
  /** What is shown, as the URL has it: `now-1h`, RFC 3339; absent: the last hour. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** The part of it that the graph is of; undefined: all of it. */
  readonly range?: TimeWindow | undefined;
  readonly base?: TimeWindow | undefined;
  /** Drawn under the total. */
  readonly functionName?: string | undefined;
  readonly onRange?: (window: TimeWindow | undefined) => void;
  readonly onBase?: (window: TimeWindow | undefined) => void;
}

/** A selection over time: its total, a function of it, what happened, and the scrapes that it is made of. */
export function SelectionTimeline({ query, from, to, functionName, ...chosen }: SelectionTimelineProps) {
  const shown = useMemo(() => readWindow(from, to, Date.now()), [from, to, query]);
  const window = shown && { query, from: isoText(shown.fromMs), to: isoText(shown.toMs) };
  const total = useAnswer<RangeAnswer>(window && rangeUrl(window));
  const ofFunction = latest(
    useAnswer<RangeAnswer>(window && functionName ? rangeUrl(window, { function: functionName }) : undefined),
  );
  if (!shown) return null;
  return (
    <Answered asked={total} what="Adding up totals">
      {(answer) => (
        <Timeline
          {...chosen}
          label="Total"
          unit={answer.unit}
          shown={shown}
          lines={answer.series
            .slice(0, 1)
            .map(({ points }) => ({ label: 'total', points: withGaps(points, answer.stepMs) }))}
          under={
            ofFunction?.series[0] && {
              label: functionName ?? '',
              points: withGaps(ofFunction.series[0].points, ofFunction.stepMs),
            }
          }
        />
      )}
    </Answered>
  );
}
