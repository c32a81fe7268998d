import { byBytes } from './by-bytes.ts';
import type { ComparedTrees } from './compared-trees.ts';
import { changeOf, type DiffScale, jsonChange, weightsOf } from './diff-scale.ts';
import type { JsonBytes } from './json-bytes.ts';
import { jsonNumber } from './json-number.ts';
import { largest } from './largest.ts';
import { functionSums } from './top.ts';

/** One function on both sides: amounts as measured, to be divided by the top's divisors, and changes as they are compared. */
export interface DiffTopRow {
  readonly function: string;
  readonly file: string;
  readonly self: number | bigint;
  readonly total: number | bigint;
  readonly baseSelf: number | bigint;
  readonly baseTotal: number | bigint;
  readonly selfChange: number | bigint;
  readonly totalChange: number | bigint;
}

/** What a change of a row varies by from scrape to scrape. */
export interface RowSpread {
  /** Half of the interval around a change, in its unit; null where there are too few scrapes to tell. */
  readonly selfSpread: number | null;
  readonly totalSpread: number | null;
  /** Whether the change that the rows are sorted by lies within its spread. */
  readonly unsure: boolean;
}

export interface DiffTop<Row extends DiffTopRow = DiffTopRow> {
  readonly unit: string;
  /**
   * The largest changes first, by size whatever the sign; ties by the bytes of the name. Functions that did not change, neither
   * themselves nor in total, are left out: `diff(a, a)` has no rows.
   */
  readonly rows: readonly Row[];
  /** Of each side as a whole. */
  readonly total: number | bigint;
  readonly baseTotal: number | bigint;
  readonly divisor: number;
  readonly baseDivisor: number;
  /** The part of what lies in functions themselves, of both sides as they are compared, that is in none of the rows. */
  readonly foldedShare: number;
}

export interface DiffTopOptions {
  /** Which change is the largest. */
  readonly sort?: 'self' | 'total';
  readonly limit?: number;
  /** Called between steps; may throw to stop the work. */
  readonly check?: () => void;
}

/**
 * The functions of two call trees by how much they changed; all that did unless `limit` is given. By shares, the changes of self
 * over all rows and of what has no frames add up to 0. Nothing may have been folded away in the trees.
 */
export function diffTopOf(
  trees: ComparedTrees,
  scale: DiffScale,
  { sort = 'self', limit = Infinity, check }: DiffTopOptions = {},
): DiffTop {
  const { compare, base } = trees;
  const [of, ofBase] = [functionSums(compare, check), functionSums(base, check)];
  const changeAt = (name: number, which: 'self' | 'total'): number | bigint =>
    changeOf(of[which][name] ?? 0, ofBase[which][name] ?? 0, scale);
  const size = new Float64Array(compare.names.length);
  const changed: number[] = [];
  for (let name = 0; name < size.length; name++) {
    const [self, total] = [Math.abs(Number(changeAt(name, 'self'))), Math.abs(Number(changeAt(name, 'total')))];
    size[name] = sort === 'self' ? self : total;
    if (self !== 0 || total !== 0) changed.push(name);
  }
  const { names } = compare;
  const inOrder = (a: number, b: number): number =>
    (size[b] as number) - (size[a] as number) || byBytes(names[a] ?? '', names[b] ?? '');
  const shown = largest(changed, size, limit, inOrder);
  return {
    unit: compare.unit,
    rows: shown.map(
      (name): DiffTopRow => ({
        function: names[name] ?? '',
        file: compare.fileOf(name),
        self: of.self[name] ?? 0,
        total: of.total[name] ?? 0,
        baseSelf: ofBase.self[name] ?? 0,
        baseTotal: ofBase.total[name] ?? 0,
        selfChange: changeAt(name, 'self'),
        totalChange: changeAt(name, 'total'),
      }),
    ),
    total: compare.total[0] ?? 0,
    baseTotal: base.total[0] ?? 0,
    divisor: compare.divisor,
    baseDivisor: base.divisor,
    foldedShare: leftOut(weightsOf(of.self, ofBase.self, scale), shown),
  };
}

/** A top of both sides as the members of a JSON object, without its braces. */
export function writeDiffTop(json: JsonBytes, top: DiffTop<DiffTopRow & RowSpread>): void {
  const { divisor, baseDivisor } = top;
  const members = top.rows.map(
    (row) =>
      `{"function":${JSON.stringify(row.function)},"file":${JSON.stringify(row.file)},` +
      `"self":${jsonNumber(row.self, divisor)},"total":${jsonNumber(row.total, divisor)},` +
      `"baseSelf":${jsonNumber(row.baseSelf, baseDivisor)},"baseTotal":${jsonNumber(row.baseTotal, baseDivisor)},` +
      `"selfChange":${jsonChange(row.selfChange)},"totalChange":${jsonChange(row.totalChange)},` +
      `"selfSpread":${jsonSpread(row.selfSpread)},"totalSpread":${jsonSpread(row.totalSpread)},"unsure":${row.unsure}}`,
  );
  json.text(`"unit":${JSON.stringify(top.unit)},"rows":[${members.join(',')}],`);
  json.text(`"total":${jsonNumber(top.total, divisor)},"baseTotal":${jsonNumber(top.baseTotal, baseDivisor)}`);
}

function leftOut(weights: Float64Array, shown: readonly number[]): number {
  const isShown = new Uint8Array(weights.length);
  for (const name of shown) isShown[name] = 1;
  let [all, out] = [0, 0];
  for (const [name, weight] of weights.entries()) {
    all += weight;
    if (isShown[name] === 0) out += weight;
  }
  return all === 0 ? 0 : out / all;
}

function jsonSpread(spread: number | null): string {
  return spread === null ? 'null' : jsonChange(spread);
}
