import { type LabelSet, labelValue } from '../../model/labels.ts';
import type { UnixMs } from '../../model/units.ts';
import type { RangeAnswer } from '../api/answers.ts';
import { serviceKey } from './services.ts';

/** A service whose revision changed, about when it did. */
export interface RolledOut {
  readonly key: string;
  readonly labels: LabelSet;
  readonly aboutMs: UnixMs;
}

/**
 * Services that began to run another revision in the window, the newest first, from their totals by revision. One that is new
 * itself was not rolled out over anything.
 */
export function latestRollouts(answer: Pick<RangeAnswer, 'series'>): RolledOut[] {
  const services = Map.groupBy(
    answer.series.filter(({ labels, points }) => labelValue(labels, 'revision') !== '' && points.length > 0),
    ({ labels }) => serviceKey(labels),
  );
  return [...services]
    .flatMap(([key, revisions]) => {
      const firsts = revisions.map(({ points }) => points[0]?.[0] ?? 0);
      const aboutMs = Math.max(...firsts);
      const labels = revisions[0]?.labels;
      return labels && aboutMs > Math.min(...firsts) ? [{ key, labels, aboutMs }] : [];
    })
    .sort((a, b) => b.aboutMs - a.aboutMs);
}
