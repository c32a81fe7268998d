import type { GaugeAggregation, SecondRange } from '../../profile-store.ts';
import { secondsIn } from '../../standing.ts';

/** What decides how much a snapshot counts. `total` is asked only for `peak`. */
export interface StandingSnapshot {
  /** Where it stands, cut to the window. */
  readonly standing: SecondRange;
  readonly total: bigint;
}

/**
 * How often each snapshot counts in an answer about gauges: the seconds it stands (`avg`, to be divided by the observed
 * seconds), or 1 for those that stand in the window's last second (`last`) or in the second of the largest total (`peak`).
 */
export function gaugeWeights(
  snapshots: readonly StandingSnapshot[],
  aggregation: GaugeAggregation,
  windowEnd: number,
): number[] {
  if (aggregation === 'avg') return snapshots.map(({ standing }) => secondsIn(standing));
  const moment = aggregation === 'last' ? windowEnd - 1 : peakSecond(snapshots);
  return snapshots.map(({ standing }) =>
    moment !== undefined && standing.from <= moment && moment < standing.to ? 1 : 0,
  );
}

/** The first second at which the totals of all that stands add up to the most; undefined when nothing stands. */
function peakSecond(snapshots: readonly StandingSnapshot[]): number | undefined {
  const standing = snapshots.filter((snapshot) => secondsIn(snapshot.standing) > 0);
  const changes = standing.flatMap(({ standing: { from, to }, total }) => [
    { second: from, total, count: 1 },
    { second: to, total: -total, count: -1 },
  ]);
  changes.sort((a, b) => a.second - b.second);
  let [sum, count] = [0n, 0];
  let best: { readonly second: number; readonly sum: bigint } | undefined;
  changes.forEach((change, at) => {
    sum += change.total;
    count += change.count;
    const isWhole = changes[at + 1]?.second !== change.second;
    if (isWhole && count > 0 && (!best || sum > best.sum)) best = { second: change.second, sum };
  });
  return best?.second;
}
