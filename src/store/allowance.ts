import type { Bytes } from '../model/units.ts';

/** What a reader may spend on a question. It asks before it goes on, and says what it holds; all but `expect` may throw. */
export interface Allowance {
  /** The answer begins, perhaps anew: nothing is held. */
  begin(): void;
  /** Between steps of a few milliseconds. Throws when nobody waits for the answer any more. */
  check(): void;
  /** The answer holds so much more, until it is made. Throws when that is more than a question may. */
  hold(bytes: Bytes): void;
  /** How many parts the answer will hold, so that the first ones tell what all will come to. */
  expect(parts: number): void;
  /** As `hold`, for one of the parts. */
  holdPart(bytes: Bytes): void;
}

/** For readers of one's own thread, whose questions are small. */
export const unlimited: Allowance = { begin() {}, check() {}, hold() {}, expect() {}, holdPart() {} };
