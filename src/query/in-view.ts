import { isPlainView, type View } from '../model/view.ts';
import type { Profile } from '../profile/profile.ts';
import { type Viewed, viewed } from '../profile/view/apply-view.ts';
import { bytesToRebuild, type WorkAllowance } from './work-allowance.ts';

/** A profile as a view shows it, its memory counted. */
export function inView(profile: Profile, view: View, allowance: WorkAllowance): Viewed {
  if (!isPlainView(view)) allowance.hold?.(bytesToRebuild(profile));
  return viewed(profile, view, () => allowance.check());
}
