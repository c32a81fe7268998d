import type { FunctionFloor } from '../../store/growth-store.ts';
import type { HeapObservation } from './observation.ts';
import { strikesAllowed } from './settings.ts';
import { largestScores } from './top-set.ts';
import { otherNumber, type WorkloadFunctions } from './workload-functions.ts';

/** Functions that may be followed over all processes, and how often there was no room. */
export class SeriesBudget {
  used = 0;
  leftOut = 0;
  readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }
}

/**
 * The functions of a process whose floors are kept: chosen with the first heap of a bucket and followed to its end, so that each
 * floor is of the whole bucket. A function comes in when it is among the `most` first of `rankedOf`, and goes when it was below
 * rank `2 · most` in six buckets one after the other, or at once where more than `2 · most` would be followed. 27 bytes each.
 */
export class FollowedFunctions {
  readonly #most: number;
  readonly #budget: SeriesBudget;
  #numbers = new Uint16Array(0);
  #strikes = new Uint8Array(0);
  #bytes = new Float64Array(0);
  #objects = new Float64Array(0);
  #allocated = new Float64Array(0);

  constructor(most: number, budget: SeriesBudget) {
    this.#most = most;
    this.#budget = budget;
  }

  get count(): number {
    return this.#numbers.length;
  }

  /** Chooses for a bucket that begins with this heap. */
  begin(observed: HeapObservation): void {
    const ranked = rankedOf(observed, 2 * this.#most);
    const rankOf = new Map(ranked.map((number, rank) => [number, rank]));
    const most = this.#most;
    const stay = Array.from(this.#numbers, (number, at) => {
      const rank = rankOf.get(number) ?? beyondAll;
      return { number, rank, strikes: rank >= 2 * most ? (this.#strikes[at] ?? 0) + 1 : 0 };
    }).filter(({ strikes }) => strikes < strikesAllowed);
    const known = new Set(stay.map(({ number }) => number));
    const wanted = ranked.slice(0, most).filter((number) => !known.has(number));
    const room = Math.max(0, this.#budget.limit - this.#budget.used + this.count - stay.length);
    this.#budget.leftOut += Math.max(0, wanted.length - room);
    const enter = wanted.slice(0, room).map((number) => ({ number, rank: rankOf.get(number) ?? 0, strikes: 0 }));
    this.#follow([...stay, ...enter].sort((a, b) => a.rank - b.rank).slice(0, 2 * most));
  }

  /** Takes one heap of the bucket; `at` says where each function is in its columns, -1 where it is not. */
  take({ columns }: HeapObservation, place: (number: number) => number, isFirst: boolean): void {
    for (let slot = 0; slot < this.count; slot++) {
      const at = place(this.#numbers[slot] as number);
      const bytes = Math.max(0, at < 0 ? 0 : (columns.inuse_space?.[at] ?? 0));
      this.#allocated[slot] =
        (this.#allocated[slot] as number) + Math.max(0, at < 0 ? 0 : (columns.alloc_space?.[at] ?? 0));
      if (!isFirst && bytes >= (this.#bytes[slot] as number)) continue;
      this.#bytes[slot] = bytes;
      this.#objects[slot] = Math.max(0, at < 0 ? 0 : (columns.inuse_objects?.[at] ?? 0));
    }
  }

  floors(functions: WorkloadFunctions): FunctionFloor[] {
    return Array.from(this.#numbers, (number, at) => ({
      id: functions.at(number).id,
      name: functions.at(number).name,
      bytes: this.#bytes[at] as number,
      objects: this.#objects[at] as number,
      allocBytes: this.#allocated[at] as number,
    }));
  }

  /** What was allocated is stored. */
  saved(): void {
    this.#allocated.fill(0);
  }

  /** Follows nothing any more. */
  end(): void {
    this.#follow([]);
  }

  renumber(numbers: Uint16Array): void {
    for (let at = 0; at < this.count; at++) this.#numbers[at] = numbers[this.#numbers[at] as number] ?? otherNumber;
  }

  markUsed(isUsed: Uint8Array): void {
    for (const number of this.#numbers) isUsed[number] = 1;
  }

  #follow(chosen: readonly { readonly number: number; readonly strikes: number }[]): void {
    this.#budget.used += chosen.length - this.count;
    this.#numbers = Uint16Array.from(chosen, ({ number }) => number);
    this.#strikes = Uint8Array.from(chosen, ({ strikes }) => strikes);
    this.#bytes = new Float64Array(chosen.length);
    this.#objects = new Float64Array(chosen.length);
    this.#allocated = new Float64Array(chosen.length);
  }
}

/** The rank of who is not among them. */
const beyondAll = Number.MAX_SAFE_INTEGER;
/** Of four places three are for those that hold most, and one for those that allocate most: their rate is judged as well. */
const placesPerAllocator = 4;

/** The functions that hold or allocate anything, the `most` most important, in that order. */
function rankedOf({ numbers, columns }: HeapObservation, most: number): number[] {
  const places = new Map<number, number>();
  for (const [rank, number] of largest(numbers, columns.inuse_space, most).entries()) places.set(number, rank);
  for (const [rank, number] of largest(numbers, columns.alloc_space, most).entries()) {
    places.set(number, Math.min(places.get(number) ?? Infinity, placesPerAllocator * (rank + 1) - 1.5));
  }
  return [...places]
    .sort(([a, place], [b, other]) => place - other || a - b)
    .slice(0, most)
    .map(([number]) => number);
}

/** The functions with the `most` largest values above 0: nobody further down is among the first `most` of both together. */
function largest(numbers: Int32Array, values: Float64Array | undefined, most: number): number[] {
  if (!values) return [];
  return largestScores(values, most + 1)
    .map((at) => numbers[at] as number)
    .filter((number) => number !== otherNumber)
    .slice(0, most);
}
