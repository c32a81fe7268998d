import { mostScales, type Scale, type Scales } from './scales.ts';

/** Rows of a group of types: values by row, and the position of each row's stack. */
export interface GroupRows {
  readonly index: Int32Array;
  readonly rowCount: number;
  readonly stackCount: number;
  /** By type of the group; none is negative. */
  readonly values: readonly Float64Array[];
}

/** The same as counts of a scale. */
export interface CountedRows extends Scales {
  /** By row; 0 where all values are 0. */
  readonly counts: Float64Array;
  /** By type of the group and row: what a value is more than its count is worth. Undefined where nothing ever is. */
  readonly rests: readonly (Float64Array | undefined)[];
}

/** By stack: the whole number that all values of a type are the first type's times; or one of the two below. */
type Ratios = Float64Array;
/** They are no such multiple. */
const odd = -1;
/** There are no values. */
const unknown = -2;
/** A type whose values are odd in more than this share of rows is taken as independent of the first. */
const mostOdd = 1 / 8;

/** Numbers for lists of ratios, 0 for none; what each stands for. */
interface Numbering {
  readonly numbers: Map<string | number, number>;
  readonly ratios: (readonly number[])[];
}

/** Finds scales of which most values are whole counts, and the same for all groups of one chunk where they fit. */
export class ScaleFinder {
  readonly #counts: Float64Array[] = [];

  /** What it returns is good until the next call. */
  count(groups: readonly GroupRows[]): CountedRows[] {
    const ratios = groups.map((rows) => rows.values.slice(1).map((column) => ratiosTo(rows, column)));
    for (const of of ratios) for (const from of ratios) if (of !== from && of.length === from.length) learn(of, from);
    const numberings = new Map<number, Numbering>();
    return groups.map((rows, group) => {
      const ofGroup = ratios[group] as Ratios[];
      const none = ofGroup.map(() => 0);
      const numbering = numberings.get(none.length) ?? { numbers: new Map([[nameOf(none), 0]]), ratios: [none] };
      numberings.set(none.length, numbering);
      const scaleOf = numbered(ofGroup, rows.stackCount, numbering);
      const units = unitsOf(rows, scaleOf, numbering.ratios.length);
      const scales = numbering.ratios.map((ofScale, scale) => scaleWith(units[scale] as number, ofScale));
      return this.#counted(group, rows, scaleOf, scales);
    });
  }

  /** Rests are looked for where a type is odd or independent of the first: other scales were found because there are none. */
  #counted(group: number, rows: GroupRows, scaleOf: Uint8Array, scales: readonly FoundScale[]): CountedRows {
    const { index, rowCount, values } = rows;
    const counts = this.#room(group, rowCount);
    const rests: (Float64Array | undefined)[] = values.map(() => undefined);
    const units = Float64Array.from(scales, ({ worth }) => worth[0] as number);
    const lead = values[0] as Float64Array;
    const isOdd = Uint8Array.from(scales, ({ worth }) => (worth.includes(0) ? 1 : 0));
    for (let row = 0; row < rowCount; row++) {
      const scale = scaleOf[index[row] as number] as number;
      counts[row] = (lead[row] as number) / (units[scale] as number);
      if (isOdd[scale] === 1) countOdd(row, rows, scales[scale] as FoundScale, counts, rests);
    }
    return { scales, scaleOf, fraction: 1, counts, rests };
  }

  #room(group: number, rows: number): Float64Array {
    const known = this.#counts[group];
    if (known && known.length >= rows) return known;
    return (this.#counts[group] = new Float64Array(2 * rows));
  }
}

interface FoundScale extends Scale {
  readonly hasRest: boolean[];
}

function scaleWith(unit: number, ratios: readonly number[]): FoundScale {
  const worth = [unit, ...ratios.map((ratio) => ratio * unit)];
  return { worth, hasRest: worth.map(() => false) };
}

/** Counts 1 at least where there is any value, so that a count of 0 says that there is none. */
function countOdd(
  row: number,
  { values, rowCount }: GroupRows,
  { worth, hasRest }: FoundScale,
  counts: Float64Array,
  rests: (Float64Array | undefined)[],
): void {
  let isThere = false;
  for (const column of values) isThere ||= column[row] !== 0;
  if (!isThere) return;
  const count = Math.max(1, counts[row] as number);
  counts[row] = count;
  for (let type = 0; type < values.length; type++) {
    const rest = (values[type]?.[row] as number) - count * (worth[type] as number);
    if (rest === 0) continue;
    (rests[type] ??= new Float64Array(rowCount))[row] = rest;
    hasRest[type] = true;
  }
}

function ratiosTo({ index, rowCount, stackCount, values }: GroupRows, column: Float64Array): Ratios {
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

/** A stack without values in one group has the ratios it has in another. */
function learn(ratios: readonly Ratios[], from: readonly Ratios[]): void {
  for (const [type, ofType] of ratios.entries()) {
    const other = from[type] as Ratios;
    for (let stack = 0; stack < ofType.length; stack++) {
      if (ofType[stack] === unknown) ofType[stack] = other[stack] as number;
    }
  }
}

/** Gives each list of ratios a number, 0 to stacks that have none. */
function numbered(ratios: readonly Ratios[], stackCount: number, { numbers, ratios: known }: Numbering): Uint8Array {
  const scaleOf = new Uint8Array(stackCount);
  if (ratios.length === 0) return scaleOf;
  for (let stack = 0; stack < stackCount; stack++) {
    const ofStack = ratios.map((column) => column[stack] as number);
    if (ofStack.some((ratio) => ratio < 0)) continue;
    const name = nameOf(ofStack);
    const number = numbers.get(name) ?? known.length;
    if (number > mostScales) continue;
    if (number === known.length) {
      numbers.set(name, number);
      known.push(ofStack);
    }
    scaleOf[stack] = number;
  }
  return scaleOf;
}

/** One number needs no text to be told from another. */
function nameOf(ratios: readonly number[]): string | number {
  return ratios.length === 1 ? (ratios[0] as number) : ratios.join();
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
