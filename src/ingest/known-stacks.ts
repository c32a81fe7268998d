import type { Bytes } from '../model/units.ts';
import { PairTable } from './pair-table.ts';

/**
 * The stacks of a partition by hash: which row each has in the profile at hand, and whether it was ever spelled out to the
 * store. One look at the table answers both.
 */
export class KnownStacks {
  /** The slot of the stack that `rowFor` was asked for last; good until the next profile begins. */
  at = 0;
  readonly #table = new PairTable();
  /** Counts from 1: in the table, 0 is a free slot. */
  #profile = 0;
  #ownersAreOf: object | undefined;

  get size(): number {
    return this.#table.size;
  }

  get bytes(): Bytes {
    return this.#table.bytes;
  }

  reset(): void {
    this.#table.reset();
  }

  /** Begins a profile of at most so many samples. */
  begin(samples: number): void {
    this.#profile++;
    this.#table.reserve(samples);
  }

  /** The stack's row in this profile: `next`, unless it has one. The slot is left in `at`. */
  rowFor(high: number, low: number, next: number): number {
    const table = this.#table;
    const at = table.place(high, low);
    this.at = at;
    const { slots } = table;
    const profile = slots[at + 2] as number;
    if (profile === this.#profile) return (slots[at + 3] as number) >> 1;
    if (profile === 0) table.put(at, high, low, this.#profile, next << 1);
    else {
      slots[at + 2] = this.#profile;
      slots[at + 3] = (next << 1) | ((slots[at + 3] as number) & 1);
    }
    return next;
  }

  /** The row of a stack in this profile, or -1. */
  rowOf(high: number, low: number): number {
    const { slots } = this.#table;
    const at = this.#table.place(high, low);
    return slots[at + 2] === this.#profile ? (slots[at + 3] as number) >> 1 : -1;
  }

  /** Whether the stack at a slot was spelled out to the store. */
  isDescribed(at: number): boolean {
    return ((this.#table.slots[at + 3] as number) & 1) === 1;
  }

  /**
   * The number of the function that each stack belongs to, at a fourth of its slot; 0 where it was not looked for. `of` is what
   * the numbers are of: those of anything else are forgotten. Good until the next profile begins.
   */
  owners(of: object): Uint16Array {
    if (this.#ownersAreOf !== of) this.#table.forgetNotes();
    this.#ownersAreOf = of;
    return this.#table.notes;
  }

  setDescribed(at: number): void {
    this.#table.slots[at + 3] = (this.#table.slots[at + 3] as number) | 1;
  }
}
