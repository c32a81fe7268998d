import { formatLabels } from '../../model/labels.ts';
import type { DurationMs, TimeWindow } from '../../model/units.ts';
import type { RevisionEntry, RolloutEntry, RolloutsAnswer } from '../api/answers.ts';
import { isoText } from '../format/time.ts';
import { hrefOf } from '../state/href.ts';

/** A roll-out, and what the others say about it. */
export interface RolloutStory {
  readonly entry: RolloutEntry;
  /** The revision that came had run before: something was taken back. */
  readonly isUndo: boolean;
  /** For how long both ran, over all overlaps that are listed. */
  readonly togetherMs: DurationMs;
  /** What it changed in a profile type: `cpu`. */
  readonly diffHref: (type: string) => string;
}

/** How a revision begins that is named by the image of one container. */
const imagePrefix = 'img-';

/** The roll-outs in the order of the answer: by kind of workload, the newest first. */
export function rolloutsOf(answer: RolloutsAnswer): RolloutStory[] {
  const { rollouts } = answer;
  const lanes = rollouts.map((entry) => laneOf(answer, entry));
  return rollouts.map((entry, at) => {
    const isSameLane = (_: RolloutEntry, other: number) => lanes[other] === lanes[at];
    const newer = rollouts.slice(0, at).findLast(isSameLane);
    const older = rollouts.filter((other, index) => index > at && isSameLane(other, index));
    return {
      entry,
      isUndo: older.some(({ compare, base }) => entry.compare === compare || entry.compare === base),
      togetherMs: entry.overlaps.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0),
      // As of the next roll-out this one is the latest.
      diffHref: (type) =>
        hrefOf('/diff', {
          query: queryOf(answer, entry, type),
          rollout: 'latest',
          to: newer && isoText(newer.compareFirstSeenMs),
        }),
    };
  });
}

/** What was rolled out at once: the workload, or one container of it where revisions are images. */
function laneOf(answer: RolloutsAnswer, { workloadKind, compare }: RolloutEntry): string {
  return `${workloadKind}/${containerOf(answer, compare) ?? ''}`;
}

function containerOf({ revisions }: RolloutsAnswer, revision: string | null): string | undefined {
  if (!revision?.startsWith(imagePrefix)) return undefined;
  return revisions.find((one) => one.revision === revision)?.images[0]?.container ?? undefined;
}

/** Of the workload alone: its kind where several have the name, its container where each has revisions of its own. */
function queryOf(answer: RolloutsAnswer, { workloadKind, compare }: RolloutEntry, type: string): string {
  const { namespace, workload, revisions } = answer;
  const kinds = new Set(revisions.map((revision) => revision.workloadKind));
  const container = containerOf(answer, compare);
  const labels = {
    namespace,
    workload,
    ...(kinds.size > 1 && workloadKind !== null && { workload_kind: workloadKind }),
    ...(container !== undefined && { container }),
  };
  return type + formatLabels(labels);
}

/** When a revision ran: once, or again after it was brought back. Oldest first. */
export function stintsOf(answer: RolloutsAnswer, revision: RevisionEntry): TimeWindow[] {
  const own = answer.rollouts.filter(({ workloadKind }) => workloadKind === revision.workloadKind);
  const brought = own
    .filter(({ compare }) => compare === revision.revision)
    .map(({ compareFirstSeenMs: fromMs, compareLastSeenMs: toMs }) => ({ fromMs, toMs }))
    .reverse();
  const { firstSeenMs, lastSeenMs } = revision;
  const [first] = brought;
  if (!first) return [{ fromMs: firstSeenMs, toMs: lastSeenMs }];
  if (firstSeenMs >= first.fromMs) return brought;
  // The oldest one of all was rolled out over nothing that is known.
  const gone = own.findLast(({ base, baseLastSeenMs }) => base === revision.revision && baseLastSeenMs < first.fromMs);
  return [{ fromMs: firstSeenMs, toMs: gone?.baseLastSeenMs ?? first.fromMs }, ...brought];
}
