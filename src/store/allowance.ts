import type { Bytes } from '../model/units.ts';

/** What a reader may spend on a question. It asks before it goes on, and says what it holds; both may throw. */
export interface Allowance {
  /** The answer begins, perhaps anew: nothing is held. */
  begin(): void;
  /** Between steps of a few milliseconds. Throws when nobody waits for the answer any more. */
  check(): void;
  /**
   * The answer holds so much more, until it is made. `share` is how much of what such an answer holds is held by then, as
   * far as can be told. Throws when it is more than a question may.
   */
  hold(bytes: Bytes, share?: number): void;
}

/** For readers of one's own thread, whose questions are small. */
export const unlimited: Allowance = { begin() {}, check() {}, hold() {} };
