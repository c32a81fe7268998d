import { type FunctionNumbers, otherFunction, type WorkloadNumbers } from '../model/growth.ts';
import type { DurationMs, UnixMs } from '../model/units.ts';

/** What is told of a function: a series each, where there is a number. */
export const functionParts = ['inuseBytes', 'allocBytesTotal', 'cpuSecondsTotal'] as const;
export type FunctionPart = (typeof functionParts)[number];
type Values = Record<FunctionPart, number>;

export interface FunctionOptions {
  /** A function that is told stays for this long at least. */
  readonly stayMs: DurationMs;
  /** After that another one takes its place when it is so many times as large. */
  readonly lead: number;
}

interface Followed {
  readonly id: string;
  readonly name: string;
  values: Values;
  /** Those with a number: its series. */
  parts: ReadonlySet<FunctionPart>;
  /** The largest of its shares of the workload. */
  rank: number;
  /** Undefined while it is left out. */
  shownMs: UnixMs | undefined;
  /** How far its counters were told, by itself or in `(other)`. */
  told: Values;
  /** Parts that were counted as left out. */
  dropped: ReadonlySet<FunctionPart>;
}

const nothing: Values = { inuseBytes: 0, allocBytesTotal: 0, cpuSecondsTotal: 0 };
const noParts: ReadonlySet<FunctionPart> = new Set();

/**
 * Which functions of one workload are told as series of their own. The rest is in `(other)`, whose counters take up what the
 * functions left out rise by from then on: so they never fall, and all of a workload still add up to the whole when one comes or
 * goes.
 */
export class WorkloadFunctions {
  readonly #options: FunctionOptions;
  readonly #followed = new Map<string, Followed>();
  #other: Values = nothing;
  readonly #folded: Values = { ...nothing };
  #parts: ReadonlySet<FunctionPart> = noParts;
  #tellsOther = false;
  #otherDropped: ReadonlySet<FunctionPart> = noParts;
  /** Since when it has more than its share. */
  overSinceMs: UnixMs | undefined;

  constructor(options: FunctionOptions) {
    this.#options = options;
  }

  /** Series that there would be, were there no bound. */
  get wanted(): number {
    let wanted = this.#parts.size;
    for (const { parts } of this.#followed.values()) wanted += parts.size;
    return wanted;
  }

  /** Series that are told. */
  get used(): number {
    let used = this.#tellsOther ? this.#parts.size : 0;
    for (const { parts, shownMs } of this.#followed.values()) if (shownMs !== undefined) used += parts.size;
    return used;
  }

  /** Takes over the numbers of now; decides nothing. */
  take({ functions }: WorkloadNumbers): void {
    const listed = new Set(functions.map(({ id }) => id));
    for (const id of this.#followed.keys()) if (!listed.has(id)) this.#followed.delete(id);
    this.#other = { ...nothing };
    const total = { ...nothing };
    for (const numbers of functions) {
      const values = valuesOf(numbers);
      for (const part of functionParts) total[part] += values[part];
      if (numbers.name === otherFunction) this.#other = values;
      else this.#follow(numbers, values);
    }
    this.#parts = new Set(functions.flatMap(partsOf));
    for (const each of this.#followed.values()) {
      each.rank = Math.max(...functionParts.map((part) => (total[part] > 0 ? each.values[part] / total[part] : 0)));
    }
  }

  /** Leaves the smallest out until no more than `series` are told, `(other)` last. */
  shrinkTo(series: number): void {
    let used = this.used;
    for (const each of this.#ranked(true).reverse()) {
      if (used <= series) return;
      each.shownMs = undefined;
      used -= each.parts.size;
    }
    if (used > series) this.#tellsOther = false;
  }

  /** Tells the largest that are left out, as long as `room` is enough for them. */
  grow(room: number, nowMs: UnixMs): void {
    let left = room;
    if (!this.#tellsOther) {
      if (this.#parts.size > left) return;
      this.#tellsOther = true;
      left -= this.#parts.size;
    }
    for (const each of this.#ranked(false)) {
      if (each.parts.size > left) return;
      each.shownMs = nowMs;
      left -= each.parts.size;
    }
  }

  /** Lets one that has grown much larger take the place of the smallest; `room` is what is free besides. */
  swap(room: number, nowMs: UnixMs): void {
    const { stayMs, lead } = this.#options;
    const [next] = this.#ranked(false);
    const last = this.#ranked(true).findLast(({ shownMs = nowMs }) => nowMs - shownMs >= stayMs);
    if (!next || !last || next.rank <= lead * last.rank || next.parts.size > room + last.parts.size) return;
    last.shownMs = undefined;
    next.shownMs = nowMs;
  }

  /** Once all is decided: puts what is left out into `(other)`. Says how many series were left out that were not before. */
  settle(nowMs: UnixMs): number {
    let dropped = this.#tellsOther ? 0 : countWithout(this.#parts, this.#otherDropped);
    this.#otherDropped = this.#tellsOther ? noParts : this.#parts;
    for (const each of this.#followed.values()) {
      const isLeftOut = each.shownMs === undefined;
      // One that has just come in was in `(other)` until now; one that is new and told never was.
      const hasJustComeIn = each.shownMs === nowMs && each.dropped.size > 0;
      if (isLeftOut || hasJustComeIn) this.#fold(each);
      each.told = each.values;
      if (isLeftOut) dropped += countWithout(each.parts, each.dropped);
      each.dropped = isLeftOut ? each.parts : noParts;
    }
    return dropped;
  }

  /** Each function that has a series of this part, and `(other)`, with its value now. */
  *told(part: FunctionPart): Generator<{ readonly id: string; readonly name: string; readonly value: number }> {
    let leftOut = 0;
    for (const { id, name, parts, values, shownMs } of this.#followed.values()) {
      if (shownMs === undefined) leftOut += values[part];
      else if (parts.has(part)) yield { id, name, value: values[part] };
    }
    if (!this.#tellsOther || !this.#parts.has(part)) return;
    const rest = part === 'inuseBytes' ? leftOut : this.#folded[part];
    yield { id: '', name: otherFunction, value: this.#other[part] + rest };
  }

  #follow(numbers: FunctionNumbers, values: Values): void {
    const { id, name } = numbers;
    const parts: ReadonlySet<FunctionPart> = new Set(partsOf(numbers));
    const known = this.#followed.get(id);
    if (known) Object.assign(known, { values, parts });
    else
      this.#followed.set(id, { id, name, values, parts, rank: 0, shownMs: undefined, told: nothing, dropped: noParts });
  }

  /** Those with any series, the largest first; of equal ones always the same. */
  #ranked(isShown: boolean): Followed[] {
    const some = [...this.#followed.values()].filter(
      ({ shownMs, parts }) => (shownMs !== undefined) === isShown && parts.size > 0,
    );
    return some.sort((a, b) => b.rank - a.rank || (a.id < b.id ? -1 : 1));
  }

  #fold({ values, told }: Followed): void {
    for (const part of functionParts) {
      // A counter that fell began anew.
      const isReset = values[part] < told[part];
      this.#folded[part] += isReset ? values[part] : values[part] - told[part];
    }
  }
}

function valuesOf(numbers: FunctionNumbers): Values {
  const { inuseBytes = 0, allocBytesTotal = 0, cpuSecondsTotal = 0 } = numbers;
  return { inuseBytes, allocBytesTotal, cpuSecondsTotal };
}

function countWithout(parts: ReadonlySet<FunctionPart>, others: ReadonlySet<FunctionPart>): number {
  let count = 0;
  for (const part of parts) if (!others.has(part)) count++;
  return count;
}

function partsOf(numbers: FunctionNumbers): FunctionPart[] {
  return functionParts.filter((part) => numbers[part] !== undefined);
}
