import type { ComponentChildren } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { type DurationMs, minute, second, type TimeWindow } from '../../model/units.ts';
import type { RangeAnswer, ScrapesAnswer } from '../api/answers.ts';
import { rangeUrl } from '../api/urls.ts';
import { latest, useAnswer } from '../api/use-answer.ts';
import { ServerText } from '../format/server-text.tsx';
import { durationText, isoText, readWindow, windowText } from '../format/time.ts';
import { Answered } from '../parts/answered.tsx';
import { selectorOf } from '../selection/query.ts';
import { typeWords } from '../selection/type-words.ts';
import { hrefOf } from '../state/href.ts';
import { usePlace } from '../state/place.ts';
import { GroupSelect } from './group-select.tsx';
import { GroupTimelines } from './group-timelines.tsx';
import { jumpMarks } from './happenings.ts';
import { findOwnJumps } from './jumps.ts';
import { type Line, stepFor, withGaps } from './lines.ts';
import type { Mark } from './mark.ts';
import { useProvenance } from './provenance.tsx';
import { plotRoom } from './scale.ts';
import { Timeline } from './timeline.tsx';
import { useHappenings } from './use-happenings.ts';
import { useWidth } from './use-width.ts';

export interface SelectionTimelineProps {
  readonly query: string;
  /** What is shown, as the URL has it: `now-1h`, RFC 3339; absent: the last hour. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** The part of it that the graph is of; undefined: all of it. */
  readonly range?: TimeWindow | undefined;
  readonly base?: TimeWindow | undefined;
  /** Drawn under the total, with its jumps marked. */
  readonly functionName?: string | undefined;
  readonly onRange?: (window: TimeWindow | undefined) => void;
  readonly onBase?: (window: TimeWindow | undefined) => void;
  readonly height?: number;
}

/** A selection over time: its total, a function of it, what happened, and the scrapes that it is made of. */
export function SelectionTimeline({ query, from, to, functionName, range, ...rest }: SelectionTimelineProps) {
  const groupBy = usePlace().parameters['group_by'] || undefined;
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const shown = useMemo(() => readWindow(from, to, Date.now()), [from, to, query]);
  const stepMs = shown && width > 0 ? stepFor(shown, width) : undefined;
  const asked = shown && stepMs ? { query, from: isoText(shown.fromMs), to: isoText(shown.toMs) } : undefined;
  const step = `${(stepMs ?? 0) / second}s`;
  const total = useAnswer<RangeAnswer>(asked && rangeUrl(asked, { step }));
  const ofFunction = useAnswer<RangeAnswer>(
    asked && functionName ? rangeUrl(asked, { step, function: functionName }) : undefined,
  );
  const scrapes = latest(useAnswer<ScrapesAnswer>(asked && hrefOf('/api/v1/scrapes', asked)));
  const happenings = useHappenings(query, shown, scrapes);
  const held = heldMs(scrapes);
  const functionLine = useFunctionLine(functionName, latest(ofFunction), held);
  const jumps = useJumpMarks(query, functionName, shown, latest(ofFunction), latest(total));
  const marks = useMemo(() => [...happenings, ...jumps], [happenings, jumps]);
  const provenance = useProvenance(scrapes, shown, range, width - plotRoom.left - plotRoom.right);
  return (
    <div ref={box} class="selection-timeline">
      {shown && (
        <Answered asked={total} what="Adding up totals">
          {(answer) => (
            <Answer
              {...rest}
              {...{ query, answer, shown, range, marks, held }}
              under={functionLine}
              below={provenance?.strip}
              beside={
                <>
                  {provenance?.summary}
                  <GroupSelect scrapes={scrapes} groupBy={groupBy} />
                </>
              }
            />
          )}
        </Answered>
      )}
      {provenance?.details}
      {shown && groupBy && <GroupTimelines key={groupBy} {...{ query, shown, range }} label={groupBy} heldMs={held} />}
    </div>
  );
}

function Answer({
  query,
  answer,
  shown,
  held,
  ...rest
}: {
  readonly query: string;
  readonly answer: RangeAnswer;
  readonly held: DurationMs;
  readonly shown: TimeWindow;
  readonly under: Line | undefined;
  readonly marks: readonly Mark[];
  readonly range: TimeWindow | undefined;
  readonly below: ComponentChildren;
  readonly beside: ComponentChildren;
}) {
  const { series, stepMs, unit, aggregation, meta } = answer;
  const lines = useMemo(
    () =>
      series
        .slice(0, 1)
        .map(({ points }): Line => ({ label: 'total', points: withGaps(points, Math.max(stepMs, held)) })),
    [series, stepMs, held],
  );
  const type = selectorOf(query)?.type;
  if (lines.length === 0) {
    return (
      <p class="note timeline-empty">
        Nothing was profiled {windowText(shown)}. {meta.hint !== undefined && <ServerText text={meta.hint} />}
      </p>
    );
  }
  return (
    <>
      <Timeline height={130} {...rest} {...{ lines, unit, shown }} label={type ? typeWords(type) : query} />
      {meta.warnings.length > 0 && <p class="note timeline-warnings">{meta.warnings.join('; ')}</p>}
      <p class="unseen">
        {aggregation === 'avg' ? 'Averages' : 'Rates'} over {durationText(stepMs)} each.
      </p>
    </>
  );
}

/** For how long a scrape may be the newest, as far as it is known: the longest interval of the selection. */
function heldMs(scrapes: ScrapesAnswer | undefined): DurationMs {
  const intervals = scrapes?.processes.flatMap(({ stored }) => stored.interval) ?? [];
  return intervals.reduce((most, interval) => Math.max(most, interval), minute);
}

function useFunctionLine(
  name: string | undefined,
  answer: RangeAnswer | undefined,
  held: DurationMs,
): Line | undefined {
  return useMemo(() => {
    const points = name ? answer?.series[0]?.points : undefined;
    if (!name || !answer || !points) return undefined;
    return { label: name.slice(name.lastIndexOf('/') + 1), points: withGaps(points, Math.max(answer.stepMs, held)) };
  }, [name, answer, held]);
}

function useJumpMarks(
  query: string,
  functionName: string | undefined,
  shown: TimeWindow | undefined,
  ofFunction: RangeAnswer | undefined,
  total: RangeAnswer | undefined,
): Mark[] {
  return useMemo(() => {
    const points = ofFunction?.series[0]?.points;
    if (!functionName || !shown || !points) return [];
    const jumps = findOwnJumps(points, total?.series[0]?.points ?? []);
    return jumpMarks(jumps, { query, functionName, shown });
  }, [query, functionName, shown, ofFunction, total]);
}
