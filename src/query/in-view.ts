import type { Matcher } from '../model/selector.ts';
import { isPlainView, type View } from '../model/view.ts';
import type { Profile } from '../profile/profile.ts';
import { type Viewed, viewed } from '../profile/view/apply-view.ts';
import { selectRows } from './label-matchers.ts';
import { bytesToRebuild, type WorkAllowance } from './work-allowance.ts';

/** The samples whose labels meet the matchers, the memory of their values counted. */
export function ofSamples(profile: Profile, matchers: readonly Matcher[], allowance: WorkAllowance): Profile {
  if (matchers.length > 0) allowance.hold?.(8 * profile.stacks.size * profile.values.length);
  return selectRows(profile, matchers);
}

/** A profile as a view shows it, its memory counted. */
export function inView(profile: Profile, view: View, allowance: WorkAllowance): Viewed {
  if (!isPlainView(view)) allowance.hold?.(bytesToRebuild(profile));
  return viewed(profile, view, () => allowance.check());
}
