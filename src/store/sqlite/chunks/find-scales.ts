import { mostScales, type Scales, worthOf } from './scales.ts';

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

/** Finds scales of which most values are whole counts, and the same for all groups of one chunk where they fit. */
export function countRows(groups: readonly GroupRows[]): CountedRows[] {
  const ratios = groups.map((rows) => rows.values.slice(1).map((column) => ratiosTo(rows, column)));
  for (const of of ratios) for (const from of ratios) if (of.length === from.length) learn(of, from);
  const numbers = new Map<number, Map<string | number, number>>();
  return groups.map((rows, group) => {
    const ofGroup = ratios[group] as Ratios[];
    const known = numbers.get(ofGroup.length) ?? new Map([[nameOf(ofGroup.map(() => 0)), 0]]);
    numbers.set(ofGroup.length, known);
    const scaleOf = numbered(ofGroup, rows.stackCount, known);
    return counted(rows, scaleOf, worthsOf(rows, scaleOf, ofGroup));
  });
}

function ratiosTo({ index, rowCount, stackCount, values }: GroupRows, column: Float64Array): Ratios {
  const first = values[0] as Float64Array;
  const ratios = new Float64Array(stackCount).fill(unknown);
  for (let row = 0; row < rowCount; row++) {
    const [lead, value] = [first[row] as number, column[row] as number];
    if (lead === 0 && value === 0) continue;
    const at = index[row] as number;
    const known = ratios[at] as number;
    if (known === odd) continue;
    const ratio = lead === 0 ? odd : known === unknown ? value / lead : known;
    ratios[at] = ratio >= 0 && Number.isInteger(ratio) && lead * ratio === value ? ratio : odd;
  }
  return isIndependent(ratios, index, rowCount) ? ratios.fill(0) : ratios;
}

function isIndependent(ratios: Ratios, index: Int32Array, rowCount: number): boolean {
  let [odds, rows] = [0, 0];
  for (let row = 0; row < rowCount; row++) {
    const ratio = ratios[index[row] as number] as number;
    if (ratio === odd) odds++;
    if (ratio !== unknown) rows++;
  }
  return odds > rows * mostOdd;
}

/** A stack without values in one group has the ratios it has in another. */
function learn(ratios: readonly Ratios[], from: readonly Ratios[]): void {
  for (const [type, ofType] of ratios.entries()) {
    for (let stack = 0; stack < ofType.length; stack++) {
      if (ofType[stack] === unknown) ofType[stack] = from[type]?.[stack] ?? unknown;
    }
  }
}

/** Gives each list of ratios a number, 0 to stacks that have none. */
function numbered(ratios: readonly Ratios[], stackCount: number, known: Map<string | number, number>): Uint8Array {
  const scaleOf = new Uint8Array(stackCount);
  for (let stack = 0; stack < stackCount; stack++) {
    const ofStack = ratios.map((column) => column[stack] as number);
    if (ofStack.some((ratio) => ratio < 0)) continue;
    const name = nameOf(ofStack);
    const number = known.get(name) ?? known.size;
    if (number > mostScales) continue;
    known.set(name, number);
    scaleOf[stack] = number;
  }
  return scaleOf;
}

/** One number needs no text to be told from another. */
function nameOf(ratios: readonly number[]): string | number {
  return ratios.length === 1 ? (ratios[0] as number) : ratios.join();
}

/** By scale and type: what a count is worth, the largest that leaves all counts whole. */
function worthsOf(rows: GroupRows, scaleOf: Uint8Array, ratios: readonly Ratios[]): number[][] {
  const scales = scaleOf.reduce((most, scale) => Math.max(most, scale), 0) + 1;
  const units = unitsOf(rows, scaleOf, scales);
  const worths = Array.from(units, (unit) => [unit, ...ratios.map(() => 0)]);
  for (let stack = 0; stack < rows.stackCount; stack++) {
    const scale = scaleOf[stack] as number;
    const worth = worths[scale] as number[];
    if (scale > 0)
      for (const [at, column] of ratios.entries()) worth[at + 1] = (column[stack] as number) * (worth[0] as number);
  }
  return worths;
}

/** By scale: the greatest common divisor of the first type's values. */
function unitsOf({ index, rowCount, values }: GroupRows, scaleOf: Uint8Array, scales: number): Float64Array {
  const first = values[0] as Float64Array;
  const units = new Float64Array(scales);
  for (let row = 0; row < rowCount; row++) {
    const scale = scaleOf[index[row] as number] as number;
    const unit = units[scale] as number;
    if (unit === 1) continue;
    units[scale] = commonDivisor(first[row] as number, unit);
  }
  return units.map((unit) => Math.max(1, unit));
}

function commonDivisor(value: number, unit: number): number {
  let [larger, smaller] = [value, unit];
  while (smaller > 0) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}

function counted(
  { index, rowCount, values }: GroupRows,
  scaleOf: Uint8Array,
  worths: readonly number[][],
): CountedRows {
  const fraction = 1;
  const counts = new Float64Array(rowCount);
  const rests: (Float64Array | undefined)[] = values.map(() => undefined);
  const hasRest = worths.map((worth) => worth.map(() => false));
  for (let row = 0; row < rowCount; row++) {
    const scale = scaleOf[index[row] as number] as number;
    const worth = worths[scale] as number[];
    const count = countOf(values, row, worth[0] as number);
    counts[row] = count;
    if (count === 0) continue;
    for (let type = 0; type < values.length; type++) {
      const rest = (values[type]?.[row] as number) - worthOf(count, worth[type] as number, fraction);
      if (rest === 0) continue;
      (rests[type] ??= new Float64Array(rowCount))[row] = rest;
      (hasRest[scale] as boolean[])[type] = true;
    }
  }
  const scales = worths.map((worth, scale) => ({ worth, hasRest: hasRest[scale] as boolean[] }));
  return { scales, scaleOf, fraction, counts, rests };
}

/** At least 1 where there is any value, so that a count of 0 says that there is none. */
function countOf(values: readonly Float64Array[], row: number, unit: number): number {
  const count = Math.round((values[0]?.[row] as number) / unit);
  if (count > 0) return count;
  for (let type = 0; type < values.length; type++) if ((values[type]?.[row] as number) > 0) return 1;
  return 0;
}
