import { counted } from '../model/human-value.ts';
import { formatTime } from '../model/time.ts';
import type { ProfileHeader } from '../profile/profile.ts';
import type { MergeAnswer } from '../store/profile-store.ts';
import type { MergeQuestion } from './engine.ts';
import { sampledShare } from './meta.ts';

/**
 * The header of a merged pprof, as `go tool pprof` shows it: it begins with the window, lasts as long as was profiled (heap
 * profiles and snapshots last no time), opens on the type that was asked for, and says in its comments how it came about.
 */
export function mergeHeader(
  answer: MergeAnswer,
  question: Pick<MergeQuestion, 'selector' | 'aggregation'>,
): ProfileHeader {
  const { profile, coverage } = answer;
  const { type } = question.selector;
  const lasts = type.name !== 'memory' && answer.temporalities.some((temporality) => temporality !== 'gauge');
  const share = lasts ? sampledShare(coverage) : undefined;
  return {
    ...profile.header,
    timeNanos: BigInt(coverage.window.fromMs) * 1_000_000n,
    durationNanos: lasts ? BigInt(Math.round(coverage.profiledSeconds * 1e9)) : 0n,
    defaultSampleType: type.sampleType,
    comments: [...profile.header.comments, describeMerge(answer, question), ...(share === undefined ? [] : [share])],
  };
}

/** `flameherd: 60 profiles of 3 processes, …Z to …Z; alloc_space: sum; inuse_space: avg over time`. */
export function describeMerge(
  { profile, temporalities, coverage }: MergeAnswer,
  { aggregation }: Pick<MergeQuestion, 'aggregation'>,
): string {
  const { profiles, processes, window } = coverage;
  const typesThat = (areGauges: boolean): string =>
    profile.sampleTypes
      .filter((_, index) => (temporalities[index] === 'gauge') === areGauges)
      .map(({ type }) => type)
      .join(', ');
  const [sums, gauges] = [typesThat(false), typesThat(true)];
  const parts = [
    `flameherd: ${counted(profiles, 'profile')} of ${counted(processes, 'process', 'processes')}, ${formatTime(window.fromMs)} to ${formatTime(window.toMs)}`,
    ...(sums === '' ? [] : [`${sums}: sum`]),
    ...(gauges === '' ? [] : [`${gauges}: ${aggregation} over time`]),
  ];
  return parts.join('; ');
}
