import { sampledSizes } from './sampled-sizes.ts';
import { KeyNumbers, learn, odd, type StackKeys, unknown } from './scale-keys.ts';
import { mostScales, type Scale, type Scales, sampledFraction, sampledWorth, worthOf } from './scales.ts';

/** Rows of a group of types: values by row, and the position of each row's stack. */
export interface GroupRows {
  readonly index: Int32Array;
  readonly rowCount: number;
  readonly stackCount: number;
  /** By type of the group; none is negative. */
  readonly values: readonly Float64Array[];
  /** By type of the group: no value is larger. */
  readonly most: readonly number[];
  /** Of objects and bytes that may have been sampled as Go does it: how many bytes there are to a sample. */
  readonly rate: number | undefined;
  /** Whether values are differences of what was sampled. */
  readonly isIncrease: boolean;
}

/** The same as counts of a scale. */
export interface CountedRows extends Scales {
  /** By row; 0 where all values are 0. */
  readonly counts: Float64Array;
  /** By type of the group and row: what a value is more than its count is worth. Undefined where nothing ever is. */
  readonly rests: readonly (Float64Array | undefined)[];
}

/** A type whose values are odd in more than this share of rows, or stacks, is taken as independent of the first. */
const mostOdd = 1 / 8;
/** So that a count times what it is worth stays exact. */
const mostSampled = 2 ** 36;

/** By what the stacks of a group are told apart: whole multiples of the first type, or sizes of sampled objects. */
interface GroupKeys {
  readonly isSampled: boolean;
  readonly keys: readonly StackKeys[];
}

interface FoundScale extends Scale {
  readonly hasRest: boolean[];
}

/** Finds scales of which most values are whole counts, and the same for all groups of one chunk where they fit. */
export class ScaleFinder {
  readonly #counts: Float64Array[] = [];

  /** What it returns is good until the next call. */
  count(groups: readonly GroupRows[]): CountedRows[] {
    const keys = groups.map((rows) => keysOf(rows, undefined));
    const exact = keys.find(({ isSampled }, group) => isSampled && !groups[group]?.isIncrease);
    for (const [group, rows] of groups.entries()) {
      if (exact && rows.isIncrease && keys[group]?.isSampled) keys[group] = keysOf(rows, exact.keys[0]);
    }
    for (const of of keys) for (const from of keys) if (of !== from && areAlike(of, from)) learn(of.keys, from.keys);
    const numbers = new Map<string, KeyNumbers>();
    return groups.map((rows, group) => {
      const { isSampled, keys: ofGroup } = keys[group] as GroupKeys;
      const name = `${isSampled} ${ofGroup.length}`;
      const known = numbers.get(name) ?? new KeyNumbers(ofGroup.length, mostScales);
      numbers.set(name, known);
      const scaleOf = known.numbersOf(ofGroup, rows.stackCount);
      const scales = isSampled
        ? known.keys.map(([size = 0]) => sampledScale(size, rows.rate ?? 0))
        : wholeScales(rows, scaleOf, known.keys);
      return this.#counted(group, rows, scaleOf, scales, isSampled ? rows.rate : undefined);
    });
  }

  /** Rests are looked for where there may be any: whole multiples were found because they have none. */
  #counted(
    group: number,
    rows: GroupRows,
    scaleOf: Uint8Array,
    scales: readonly FoundScale[],
    rate: number | undefined,
  ): CountedRows {
    const fraction = rate === undefined ? 1 : sampledFraction;
    const { index, rowCount, values } = rows;
    const counts = this.#room(group, rowCount);
    const rests: (Float64Array | undefined)[] = values.map(() => undefined);
    const units = Float64Array.from(scales, ({ worth }) => (worth[0] as number) / fraction);
    const mayHaveRest = Uint8Array.from(scales, ({ worth }) => (fraction !== 1 || worth.includes(0) ? 1 : 0));
    const lead = values[0] as Float64Array;
    for (let row = 0; row < rowCount; row++) {
      const scale = scaleOf[index[row] as number] as number;
      counts[row] = (lead[row] as number) / (units[scale] as number);
      if (mayHaveRest[scale] === 1) countWithRest(row, rows, scales[scale] as FoundScale, fraction, counts, rests);
    }
    if (fraction !== 1 && rows.isIncrease && !rests[0]) {
      const stack = stackWithoutCount(rows, scaleOf, scales);
      // Readers take it for one that is never there, unless there are rests, though all be 0.
      if (stack >= 0) {
        rests[0] = new Float64Array(rowCount);
        (scales[scaleOf[stack] as number] as FoundScale).hasRest[0] = true;
      }
    }
    return { scales, scaleOf, fraction, rate, counts, rests };
  }

  #room(group: number, rows: number): Float64Array {
    const known = this.#counts[group];
    if (known && known.length >= rows) return known;
    return (this.#counts[group] = new Float64Array(2 * rows));
  }
}

function areAlike(a: GroupKeys, b: GroupKeys): boolean {
  return a.isSampled === b.isSampled && a.keys.length === b.keys.length;
}

/** `hints` are sizes of sampled objects. */
function keysOf(rows: GroupRows, hints: StackKeys | undefined): GroupKeys {
  const keys = rows.values.slice(1).map((column) => ratiosTo(rows, column));
  const { rate } = rows;
  if (rate === undefined || keys[0]?.some((ratio) => ratio !== 0)) return { isSampled: false, keys };
  if (rows.most.some((value) => value > mostSampled)) return { isSampled: false, keys };
  const sizes = sampledSizes({ ...rows, rate, tolerance: rows.isIncrease ? 1 : 0 }, hints);
  const odds = sizes.reduce((count, size) => (size === odd ? count + 1 : count), 0);
  return odds > sizes.length * mostOdd ? { isSampled: false, keys } : { isSampled: true, keys: [sizes] };
}

/** The whole number that all values of a stack are those of the first type times; 0 for all where it is odd too often. */
function ratiosTo({ index, rowCount, stackCount, values }: GroupRows, column: Float64Array): StackKeys {
  const first = values[0] as Float64Array;
  const ratios = new Float64Array(stackCount).fill(unknown);
  let [odds, rows] = [0, 0];
  for (let row = 0; row < rowCount; row++) {
    const lead = first[row] as number;
    const value = column[row] as number;
    if (lead === 0 && value === 0) continue;
    rows++;
    const at = index[row] as number;
    let ratio = ratios[at] as number;
    if (ratio === unknown) {
      ratio = lead === 0 ? odd : value / lead;
      ratios[at] = Number.isInteger(ratio) ? ratio : odd;
    } else if (lead * ratio !== value || ratio === odd) ratios[at] = odd;
    if (ratios[at] === odd) odds++;
  }
  return odds > rows * mostOdd ? ratios.fill(0) : ratios;
}

function sampledScale(size: number, rate: number): FoundScale {
  return { worth: sampledWorth(size, rate), hasRest: [false, false], size };
}

function wholeScales(rows: GroupRows, scaleOf: Uint8Array, keys: readonly (readonly number[])[]): FoundScale[] {
  const units = unitsOf(rows, scaleOf, keys.length);
  return keys.map((ratios, scale) => {
    const unit = units[scale] as number;
    const worth = [unit, ...ratios.map((ratio) => ratio * unit)];
    return { worth, hasRest: worth.map(() => false), size: 0 };
  });
}

/** Counts 1 at least where there is any value, so that a count of 0 says that there is none. */
function countWithRest(
  row: number,
  { values, rowCount }: GroupRows,
  { worth, hasRest }: FoundScale,
  fraction: number,
  counts: Float64Array,
  rests: (Float64Array | undefined)[],
): void {
  const finest = worth.length - 1;
  const isSampled = fraction !== 1 && (worth[finest] as number) > 0;
  // Bytes tell how many were sampled, even where objects are worth hardly more than one each.
  const exact = isSampled ? ((values[finest]?.[row] as number) * fraction) / (worth[finest] as number) : counts[row];
  let count = Math.round(exact as number);
  if (count === 0) {
    if (values.every((column) => column[row] === 0)) return;
    count = 1;
  }
  counts[row] = count;
  for (let type = 0; type < values.length; type++) {
    const rest = (values[type]?.[row] as number) - worthOf(count, worth[type] as number, fraction);
    if (rest === 0) continue;
    (rests[type] ??= new Float64Array(rowCount))[row] = rest;
    hasRest[type] = true;
  }
}

/** The first stack that is there, and whose sampled objects all together are less than one count is worth; -1 if none is. */
function stackWithoutCount(
  { index, rowCount, stackCount, values }: GroupRows,
  scaleOf: Uint8Array,
  scales: readonly FoundScale[],
): number {
  const sums = new Float64Array(stackCount).fill(-1);
  for (let row = 0; row < rowCount; row++) {
    if (values.every((column) => column[row] === 0)) continue;
    const at = index[row] as number;
    sums[at] = Math.max(0, sums[at] as number) + (values[0]?.[row] as number);
  }
  const worths = Float64Array.from(scales, ({ worth }) => worth[0] as number);
  return sums.findIndex((sum, at) => sum >= 0 && sum * sampledFraction < (worths[scaleOf[at] as number] as number));
}

/** By scale: the greatest common divisor of the first type's values. */
function unitsOf({ index, rowCount, values }: GroupRows, scaleOf: Uint8Array, scales: number): Float64Array {
  const first = values[0] as Float64Array;
  const units = new Float64Array(scales);
  for (let row = 0; row < rowCount; row++) {
    const scale = scaleOf[index[row] as number] as number;
    const unit = units[scale] as number;
    if (unit === 1) continue;
    const value = first[row] as number;
    // Remainders of doubles are slow.
    const isWhole = value < 2 ** 31 && unit < 2 ** 31 && unit > 0 ? (value | 0) % (unit | 0) === 0 : false;
    if (!isWhole) units[scale] = commonDivisor(value, unit);
  }
  return units.map((unit) => Math.max(1, unit));
}

function commonDivisor(value: number, unit: number): number {
  let larger = value;
  let smaller = unit;
  while (smaller > 0) {
    const rest = larger % smaller;
    larger = smaller;
    smaller = rest;
  }
  return larger;
}
