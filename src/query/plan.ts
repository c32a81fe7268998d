import { formatDuration } from '../model/duration.ts';
import { FlameherdError } from '../model/errors.ts';
import { formatTime } from '../model/time.ts';
import { type DurationMs, day, hour, minute, second, type TimeWindow, type UnixMs } from '../model/units.ts';

/** A window as it will be answered, and what had to be done to it. */
export interface PlannedWindow {
  readonly window: TimeWindow;
  readonly warnings: readonly string[];
}

/** How far a client's clock may be ahead before its `now` is worth a warning. */
const toleratedSkewMs: DurationMs = minute;

/** Points of one series of `query_range`; Prometheus has the same bound. */
export const maxPoints = 11_000;
/** Points that a default step aims at: about what a chart can show. */
export const defaultPoints = 300;

const niceSteps: readonly DurationMs[] = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 3, 6, 12].map((count) => count * hour),
];

/**
 * Checks that the window is one and cuts off what lies ahead, with a warning when it is much. Edges keep their milliseconds: profiles are
 * selected by stamp; gauges are integrated by whole seconds, which is the reader's work.
 */
export function planWindow({ fromMs, toMs }: TimeWindow, nowMs: UnixMs): PlannedWindow {
  if (!(fromMs < toMs)) {
    throw new FlameherdError('bad_time', `from (${formatTime(fromMs)}) must be before to (${formatTime(toMs)})`, {
      hint: 'the window is [from, to); without both it is the last hour',
    });
  }
  if (fromMs >= nowMs) {
    throw new FlameherdError(
      'bad_time',
      `from: ${formatTime(fromMs)} lies ahead by ${formatDuration(fromMs - nowMs)}; it must be before now (${formatTime(nowMs)})`,
      { hint: "compare the client's clock and time zone with the collector's" },
    );
  }
  if (toMs <= nowMs) return { window: { fromMs, toMs }, warnings: [] };
  const aheadMs = toMs - nowMs;
  const warning = `to lay ahead by ${formatDuration(aheadMs)}; the window ends now (${formatTime(nowMs)})`;
  return { window: { fromMs, toMs: nowMs }, warnings: aheadMs > toleratedSkewMs ? [warning] : [] };
}

/**
 * The step of a range question: as given, or with 0 the smallest nice one that gives at most `defaultPoints` and is not much
 * shorter than scrapes are apart (sums have no point in a step without a scrape). A given one must be whole seconds, the grid on which gauges are integrated, and give at most `maxPoints`.
 */
export function planStep(stepMs: DurationMs, { fromMs, toMs }: TimeWindow): DurationMs {
  const lengthMs = toMs - fromMs;
  if (stepMs === 0) {
    const leastMs = Math.max(lengthMs / defaultPoints, lengthMs < hour / 2 ? 15 * second : minute);
    return niceSteps.find((nice) => nice >= leastMs) ?? Math.ceil(leastMs / day) * day;
  }
  if (!(stepMs > 0) || stepMs % second !== 0) {
    throw new FlameherdError('bad_parameter', `step: ${formatDuration(stepMs)} must be whole seconds, at least 1s`, {
      hint: `leave it out for about ${defaultPoints} points`,
    });
  }
  const points = Math.ceil(lengthMs / stepMs);
  if (points <= maxPoints) return stepMs;
  const leastMs = Math.ceil(lengthMs / maxPoints / second) * second;
  throw new FlameherdError(
    'bad_parameter',
    `step: ${formatDuration(stepMs)} gives ${points} points over ${formatDuration(lengthMs)}; at most ${maxPoints} are answered`,
    { hint: `use step=${formatDuration(leastMs)} or more, or leave it out for about ${defaultPoints} points` },
  );
}
