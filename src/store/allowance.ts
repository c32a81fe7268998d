import type { Bytes } from '../model/units.ts';

/**
 * What a question may spend. Whoever works on it asks before it goes on, and says what it holds; all but `expect` may throw. A
 * question may read several times.
 */
export interface Allowance {
  /** A reading begins, perhaps anew: nothing is held but what is kept. */
  begin(): void;
  /** Between steps of a few milliseconds. Throws when nobody waits for the answer any more. */
  check(): void;
  /** The answer holds so much more, until the next reading begins. Throws when that is more than a question may. */
  hold(bytes: Bytes): void;
  /** As `hold`, until the answer is made: what was read before, while more is read. */
  keep(bytes: Bytes): void;
  /** How many parts the answer will hold, so that the first ones tell what all will come to. */
  expect(parts: number): void;
  /** As `hold`, for one of the parts. */
  holdPart(bytes: Bytes): void;
}

/** For readers of one's own thread, whose questions are small. */
export const unlimited: Allowance = { begin() {}, check() {}, hold() {}, keep() {}, expect() {}, holdPart() {} };
