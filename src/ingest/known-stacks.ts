import type { Bytes } from '../model/units.ts';
import { PairTable } from './pair-table.ts';

const ownerBits = 14;
const ownerMask = (1 << ownerBits) - 1;
/** Profiles are told apart by so many numbers; then all stacks are marked anew. */
const lastProfile = 2 ** (32 - ownerBits) - 1;
/** The highest number that a stack's owner may have. */
export const highestOwner = ownerMask;

/**
 * The stacks of a partition by hash: which row each has in the profile at hand, whether it was ever spelled out to the store,
 * and which function it belongs to. One look at the table answers all of it.
 *
 *     slot   high │ low │ profile (18 bits), owner (14) │ row (31), described (1)
 */
export class KnownStacks {
  /** The slot of the stack that `rowFor` was asked for last; good until the next profile begins. */
  at = 0;
  /** The number of the function that it belongs to; 0 where nobody looked. */
  owner = 0;
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
    if (this.#profile === lastProfile) this.#markAll();
    this.#profile++;
    this.#table.reserve(samples);
  }

  /** The stack's row in this profile: `next`, unless it has one. The slot is left in `at`. */
  rowFor(high: number, low: number, next: number): number {
    const table = this.#table;
    const at = table.place(high, low);
    this.at = at;
    const { slots } = table;
    const first = slots[at + 2] as number;
    this.owner = first & ownerMask;
    if (first >>> ownerBits === this.#profile) return (slots[at + 3] as number) >> 1;
    if (first === 0) table.put(at, high, low, this.#profile << ownerBits, next << 1);
    else {
      slots[at + 2] = (this.#profile << ownerBits) | (first & ownerMask);
      slots[at + 3] = (next << 1) | ((slots[at + 3] as number) & 1);
    }
    return next;
  }

  /** The row of a stack in this profile, or -1. */
  rowOf(high: number, low: number): number {
    const { slots } = this.#table;
    const at = this.#table.place(high, low);
    return (slots[at + 2] as number) >>> ownerBits === this.#profile ? (slots[at + 3] as number) >> 1 : -1;
  }

  /** Whether the stack at a slot was spelled out to the store. */
  isDescribed(at: number): boolean {
    return ((this.#table.slots[at + 3] as number) & 1) === 1;
  }

  setOwner(at: number, owner: number): void {
    const { slots } = this.#table;
    slots[at + 2] = ((slots[at + 2] as number) & ~ownerMask) | owner;
  }

  /** Whether owners are numbers of that. They are forgotten if not, and are from now on. */
  hasOwnersOf(of: object): boolean {
    if (this.#ownersAreOf === of) return true;
    if (this.#ownersAreOf) {
      const { slots } = this.#table;
      for (let at = 2; at < slots.length; at += 4) slots[at] = (slots[at] as number) & ~ownerMask;
    }
    this.#ownersAreOf = of;
    return false;
  }

  setDescribed(at: number): void {
    this.#table.slots[at + 3] = (this.#table.slots[at + 3] as number) | 1;
  }

  /** All as if they were last seen in profile 1, to count from there. */
  #markAll(): void {
    const { slots } = this.#table;
    for (let at = 2; at < slots.length; at += 4) {
      const first = slots[at] as number;
      if (first !== 0) slots[at] = (1 << ownerBits) | (first & ownerMask);
    }
    this.#profile = 1;
  }
}
