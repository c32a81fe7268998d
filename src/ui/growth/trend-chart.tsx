import './trend-chart.css';
import { levelText } from '../../model/growth-words.ts';
import type { TimeWindow, UnixMs } from '../../model/units.ts';
import type { RangeAnswer } from '../api/answers.ts';
import { rangeUrl } from '../api/urls.ts';
import { latest, useAnswer } from '../api/use-answer.ts';
import { isoText, momentText } from '../format/time.ts';
import { sparkHeight, sparkPaths, sparkScale, sparkWidth } from '../parts/sparkline-path.ts';
import { drawnWindow, type PodLine, podLines, stepOf, type Trend, topValue, trendOf } from './trend.ts';
import { type Judged, signalNames, slopeOf } from './words.ts';

/** Of the largest value: what is kept free above it, for what is written there. */
const headroom = 1.2;
/** Pods drawn each; the others of a large workload are told by number. */
const maxPods = '12';

/** The level of every pod over time, and over it what was found: the slope with its interval, and what it is compared with. */
export function TrendChart({
  judged,
  query,
  endMs,
}: {
  readonly judged: Judged;
  readonly query: string;
  readonly endMs: UnixMs;
}) {
  const window = drawnWindow(judged.startMs, endMs);
  // Without a slope too little is known for a line; there may be no such profile at all.
  const isKnown = judged.tier !== null || judged.perSecond !== null;
  const url = rangeUrl(
    { query, from: isoText(window.fromMs), to: isoText(window.toMs) },
    { group_by: 'pod', limit: maxPods, step: stepOf(window) },
  );
  const asked = useAnswer<RangeAnswer>(isKnown ? url : undefined);
  const answer = latest(asked);
  if (asked.state === 'failed') return <p class="note">The level over time: {asked.problem.message}</p>;
  if (!isKnown || answer?.series.length === 0) return null;
  const lines = podLines(answer?.series ?? [], judged.pods);
  const trend = trendOf(lines, judged, endMs);
  return (
    <figure class={judged.tier === null ? 'growth-chart growth-low' : 'growth-chart'} aria-busy={!answer}>
      <Drawing judged={judged} lines={lines} trend={trend} window={window} />
      <figcaption>
        {lines.some(({ grows }) => grows) && <span class="growth-key growth-key-grows">pods that grow</span>}
        {lines.some(({ grows }) => !grows) && (
          <span class="growth-key growth-key-other">{lines.some(({ grows }) => grows) ? 'other pods' : 'pods'}</span>
        )}
        {trend && <span class="growth-key growth-key-trend">slope {slopeOf(judged)} with its 95 % interval</span>}
        {judged.baseline?.level != null && <span class="growth-key growth-key-base">{judged.baseline.text}</span>}
        {answer?.other && <span>and {answer.other.series} more pods, not drawn</span>}
      </figcaption>
    </figure>
  );
}

function Drawing({
  judged,
  lines,
  trend,
  window,
}: {
  readonly judged: Judged;
  readonly lines: readonly PodLine[];
  readonly trend: Trend | undefined;
  readonly window: TimeWindow;
}) {
  const { signal, baseline, startMs } = judged;
  const top = headroom * topValue(lines, trend, baseline?.level);
  const { x, y } = sparkScale(window, top);
  const [from, to] = trend?.ends ?? [];
  const label = `${signalNames[signal]} of ${lines.length} pods, at most ${levelText(signal, top / headroom)}`;
  const startShare = startMs === null ? 0 : (startMs - window.fromMs) / (window.toMs - window.fromMs);
  return (
    <div class="growth-drawing">
      <svg viewBox={`0 0 ${sparkWidth} ${sparkHeight}`} preserveAspectRatio="none" role="img" aria-label={label}>
        {from && to && (
          <path
            class="growth-band"
            d={`M${x(from.tMs)},${y(from.low)}V${y(from.high)}L${x(to.tMs)},${y(to.low)}V${y(to.high)}Z`}
          />
        )}
        {lines.map(({ pod, grows, points }) => (
          <path
            key={pod}
            class={grows ? 'growth-line growth-grows' : 'growth-line'}
            d={sparkPaths(points, window, top).line}
          >
            <title>{pod}</title>
          </path>
        ))}
        {baseline?.level != null && (
          <path class="growth-line growth-base" d={`M0,${y(baseline.level)}H${sparkWidth}`} />
        )}
        {from && to && (
          <path class="growth-line growth-trend" d={`M${x(from.tMs)},${y(from.value)}L${x(to.tMs)},${y(to.value)}`} />
        )}
      </svg>
      <span class="growth-top">{lines.length > 0 && levelText(signal, top)}</span>
      <span class="growth-zero">0</span>
      <Time ms={window.fromMs} />
      {startMs !== null && startShare > 0.12 && (
        <span class="growth-start" style={{ left: `${100 * startShare}%` }}>
          begins <Time ms={startMs} />
        </span>
      )}
      <Time ms={window.toMs} />
    </div>
  );
}

function Time({ ms }: { readonly ms: UnixMs }) {
  return (
    <time dateTime={isoText(ms)} title={isoText(ms)}>
      {momentText(ms)}
    </time>
  );
}
