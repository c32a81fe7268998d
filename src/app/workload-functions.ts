import { type FunctionNumbers, otherFunction, type WorkloadNumbers } from '../model/growth.ts';
import type { DurationMs, UnixMs } from '../model/units.ts';

/** What is told of a function: a series each, where there is a number. */
export const functionParts = ['inuseBytes', 'allocBytesTotal', 'cpuSecondsTotal'] as const;
export type FunctionPart = (typeof functionParts)[number];
type Values = Record<FunctionPart, number>;

/** A set of parts, a bit each: sets are made for every function of every page. */
type PartSet = number;
const bitOf: Readonly<Record<FunctionPart, PartSet>> = { inuseBytes: 1, allocBytesTotal: 2, cpuSecondsTotal: 4 };
const sizes = [0, 1, 1, 2, 1, 2, 2, 3] as const;
const sizeOf = (parts: PartSet): number => sizes[parts] ?? 0;

export interface FunctionOptions {
  /** A function that is told stays for this long at least. */
  readonly stayMs: DurationMs;
  /** After that another one takes its place when it is so many times as large. */
  readonly lead: number;
}

/** The same object for as long as the function is listed. */
export interface NamedFunction {
  readonly id: string;
  readonly name: string;
}

interface Followed extends NamedFunction {
  numbers: FunctionNumbers;
  /** Those with a number: its series. */
  parts: PartSet;
  /** The largest of its shares of the workload. */
  rank: number;
  /** Undefined while it is left out. */
  shownMs: UnixMs | undefined;
  /** How far its counters were told, by itself or in `(other)`. */
  told: Pick<FunctionNumbers, FunctionPart>;
  /** Parts that were counted as left out. */
  dropped: PartSet;
  /** The last time that it was listed. */
  seen: number;
}

const nothing: Values = { inuseBytes: 0, allocBytesTotal: 0, cpuSecondsTotal: 0 };

/**
 * Which functions of one workload are told as series of their own. The rest is in `(other)`, whose counters take up what the
 * functions left out rise by from then on: so they never fall, and all of a workload still add up to the whole when one comes or
 * goes.
 */
export class WorkloadFunctions {
  readonly #options: FunctionOptions;
  readonly #followed = new Map<string, Followed>();
  readonly #folded: Values = { ...nothing };
  readonly #rest: NamedFunction = { id: '', name: otherFunction };
  #numbers: WorkloadNumbers | undefined;
  #takes = 0;
  #other: Pick<FunctionNumbers, FunctionPart> = nothing;
  #parts: PartSet = 0;
  #wanted = 0;
  #tellsOther = false;
  #otherDropped: PartSet = 0;
  /** Since when it has more than its share. */
  overSinceMs: UnixMs | undefined;

  constructor(options: FunctionOptions) {
    this.#options = options;
  }

  /** Series that there would be, were there no bound. */
  get wanted(): number {
    return this.#wanted;
  }

  /** Series that are told. */
  get used(): number {
    let used = this.#tellsOther ? sizeOf(this.#parts) : 0;
    for (const { parts, shownMs } of this.#followed.values()) if (shownMs !== undefined) used += sizeOf(parts);
    return used;
  }

  /** Takes over the numbers of now; decides nothing. The same object means that nothing is new. */
  take(numbers: WorkloadNumbers): void {
    if (this.#numbers === numbers) return;
    this.#numbers = numbers;
    this.#takes++;
    this.#other = nothing;
    this.#parts = 0;
    this.#wanted = 0;
    const total = { ...nothing };
    for (const each of numbers.functions) {
      const parts = partsOf(each);
      this.#parts |= parts;
      for (const part of functionParts) total[part] += each[part] ?? 0;
      if (each.name === otherFunction) this.#other = each;
      else this.#follow(each, parts);
    }
    this.#wanted += sizeOf(this.#parts);
    for (const [id, each] of this.#followed) {
      if (each.seen !== this.#takes) this.#followed.delete(id);
      else each.rank = rankOf(each.numbers, total);
    }
  }

  /** Leaves the smallest out until no more than `series` are told, `(other)` last. */
  shrinkTo(series: number): void {
    let used = this.used;
    for (const each of this.#ranked(true).reverse()) {
      if (used <= series) return;
      each.shownMs = undefined;
      used -= sizeOf(each.parts);
    }
    if (used > series) this.#tellsOther = false;
  }

  /** Tells the largest that are left out, as long as `room` is enough for them. */
  grow(room: number, nowMs: UnixMs): void {
    let left = room;
    if (left < 1 || this.#parts === 0) return;
    if (!this.#tellsOther) {
      if (sizeOf(this.#parts) > left) return;
      this.#tellsOther = true;
      left -= sizeOf(this.#parts);
    }
    for (const each of this.#ranked(false)) {
      if (sizeOf(each.parts) > left) return;
      each.shownMs = nowMs;
      left -= sizeOf(each.parts);
    }
  }

  /** Lets one that has grown much larger take the place of the smallest; `room` is what is free besides. */
  swap(room: number, nowMs: UnixMs): void {
    const { stayMs, lead } = this.#options;
    let next: Followed | undefined;
    let last: Followed | undefined;
    for (const each of this.#followed.values()) {
      if (each.parts === 0) continue;
      if (each.shownMs === undefined) next = next && byRank(next, each) < 0 ? next : each;
      else if (nowMs - each.shownMs >= stayMs) last = last && byRank(last, each) > 0 ? last : each;
    }
    if (!next || !last || next.rank <= lead * last.rank || sizeOf(next.parts) > room + sizeOf(last.parts)) return;
    last.shownMs = undefined;
    next.shownMs = nowMs;
  }

  /** Once all is decided: puts what is left out into `(other)`. Says how many series were left out that were not before. */
  settle(nowMs: UnixMs): number {
    const other = this.#tellsOther ? 0 : this.#parts;
    let dropped = sizeOf(other & ~this.#otherDropped);
    this.#otherDropped = other;
    for (const each of this.#followed.values()) {
      const isLeftOut = each.shownMs === undefined;
      // One that has just come in was in `(other)` until now; one that is new and told never was.
      const hasJustComeIn = each.shownMs === nowMs && each.dropped !== 0;
      if (isLeftOut || hasJustComeIn) this.#fold(each);
      each.told = each.numbers;
      if (isLeftOut) dropped += sizeOf(each.parts & ~each.dropped);
      each.dropped = isLeftOut ? each.parts : 0;
    }
    return dropped;
  }

  /** Each function that has a series of this part, and `(other)`, with its value now. */
  *told(part: FunctionPart): Generator<{ readonly of: NamedFunction; readonly value: number }> {
    let leftOut = 0;
    for (const each of this.#followed.values()) {
      const value = each.numbers[part];
      if (value === undefined) continue;
      if (each.shownMs === undefined) leftOut += value;
      else yield { of: each, value };
    }
    if (!this.#tellsOther || (this.#parts & bitOf[part]) === 0) return;
    const rest = part === 'inuseBytes' ? leftOut : this.#folded[part];
    yield { of: this.#rest, value: (this.#other[part] ?? 0) + rest };
  }

  #follow(numbers: FunctionNumbers, parts: PartSet): void {
    const { id, name } = numbers;
    this.#wanted += sizeOf(parts);
    const known = this.#followed.get(id);
    if (known) {
      known.numbers = numbers;
      known.parts = parts;
      known.seen = this.#takes;
      return;
    }
    const fresh = { rank: 0, shownMs: undefined, told: nothing, dropped: 0, seen: this.#takes };
    this.#followed.set(id, { id, name, numbers, parts, ...fresh });
  }

  /** Those with any series, the largest first. */
  #ranked(isShown: boolean): Followed[] {
    const some: Followed[] = [];
    for (const each of this.#followed.values()) {
      if ((each.shownMs !== undefined) === isShown && each.parts !== 0) some.push(each);
    }
    return some.sort(byRank);
  }

  #fold({ numbers, told }: Followed): void {
    if (numbers === told) return;
    for (const part of functionParts) {
      const [value, before] = [numbers[part] ?? 0, told[part] ?? 0];
      // A counter that fell began anew.
      this.#folded[part] += value < before ? value : value - before;
    }
  }
}

/** Of equal ones always the same comes first. */
function byRank(a: Followed, b: Followed): number {
  return b.rank - a.rank || (a.id < b.id ? -1 : 1);
}

function rankOf(numbers: FunctionNumbers, total: Values): number {
  let rank = 0;
  for (const part of functionParts) if (total[part] > 0) rank = Math.max(rank, (numbers[part] ?? 0) / total[part]);
  return rank;
}

function partsOf(numbers: FunctionNumbers): PartSet {
  let parts = 0;
  for (const part of functionParts) if (numbers[part] !== undefined) parts |= bitOf[part];
  return parts;
}
