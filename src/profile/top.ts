import { type Amounts, sizesOf } from './amounts.ts';
import { byBytes } from './by-bytes.ts';
import type { CallTree } from './call-tree.ts';
import type { JsonBytes } from './json-bytes.ts';
import { jsonNumber } from './json-number.ts';
import { largest } from './largest.ts';
import { outermostNodes } from './outermost.ts';

/** One function. `total` counts a stack once, however often the function is on it. To be divided by the top's `divisor`. */
export interface TopRow {
  readonly function: string;
  readonly file: string;
  readonly self: number | bigint;
  readonly total: number | bigint;
}

export interface Top {
  readonly unit: string;
  /**
   * Largest first, by size whatever the sign; ties by total resp. self, then by the bytes of the name. Functions of which
   * nothing was counted are left out.
   */
  readonly rows: readonly TopRow[];
  /** Of the whole profile. */
  readonly total: number | bigint;
  readonly divisor: number;
  /** The part of what lies in functions themselves that is in none of the rows; in [0, 1]. */
  readonly foldedShare: number;
}

export interface TopOptions {
  readonly sort?: 'self' | 'total';
  readonly limit?: number;
  /** Called between steps; may throw to stop the work. */
  readonly check?: (() => void) | undefined;
}

/** The functions of a call tree by self or total; all unless `limit` is given. Nothing may have been folded away in it. */
export function topOf(tree: CallTree, { sort = 'self', limit = Infinity, check }: TopOptions = {}): Top {
  const functions = functionsOf(tree, check);
  const shown = largest(functions.names, sizesOf(functions[sort]), limit, (a, b) => compare(functions, a, b, sort));
  const rows = shown.map((name): TopRow => {
    const [self, total] = [functions.self[name] ?? 0, functions.total[name] ?? 0];
    return { function: tree.names[name] ?? '', file: tree.fileOf(name), self, total };
  });
  const sizeOf = (names: readonly number[]): number =>
    names.reduce((sum, name) => sum + Math.abs(Number(functions.self[name])), 0);
  const all = sizeOf(functions.names);
  const foldedShare = all === 0 || shown.length === functions.names.length ? 0 : 1 - sizeOf(shown) / all;
  return { unit: tree.unit, rows, total: tree.total[0] ?? 0, divisor: tree.divisor, foldedShare };
}

/** A top as the members of a JSON object, without its braces, so that `meta` can follow. */
export function writeTop(json: JsonBytes, { unit, rows, total, divisor }: Top): void {
  const members = rows.map(
    (row) =>
      `{"function":${JSON.stringify(row.function)},"file":${JSON.stringify(row.file)},` +
      `"self":${jsonNumber(row.self, divisor)},"total":${jsonNumber(row.total, divisor)}}`,
  );
  json.text(`"unit":${JSON.stringify(unit)},"rows":[${members.join(',')}],"total":${jsonNumber(total, divisor)}`);
}

/** Amounts by the tree's name ids; those of the root's are none of a function's. */
export interface FunctionSums {
  readonly self: Amounts;
  readonly total: Amounts;
}

/** What each function counts itself, and with all that it called, a recursive stack once. */
export function functionSums(tree: CallTree, check: () => void = () => {}): FunctionSums {
  const outermost = outermostNodes(tree.parent, tree.name, new Int32Array(tree.names.length));
  check();
  const self = sumByName(tree, tree.self, (node) => node > 0);
  check();
  return { self, total: sumByName(tree, tree.total, (node) => outermost[node] === 1) };
}

interface Functions extends FunctionSums {
  readonly texts: readonly string[];
  /** Those of which something was counted. */
  readonly names: readonly number[];
}

function functionsOf(tree: CallTree, check: TopOptions['check']): Functions {
  const { self, total } = functionSums(tree, check);
  const [selfSize, totalSize] = [sizesOf(self), sizesOf(total)];
  const names = Array.from(tree.names.keys()).filter((name) => selfSize[name] !== 0 || totalSize[name] !== 0);
  return { texts: tree.names, self, total, names };
}

function sumByName({ names, name, size }: CallTree, amounts: Amounts, counts: (node: number) => boolean): Amounts {
  if (amounts instanceof Float64Array) {
    const sums = new Float64Array(names.length);
    for (let node = 0; node < size; node++) {
      const id = name[node] as number;
      if (counts(node)) sums[id] = (sums[id] as number) + (amounts[node] as number);
    }
    return sums;
  }
  const sums = names.map(() => 0n);
  for (let node = 0; node < size; node++) {
    const id = name[node] as number;
    if (counts(node)) sums[id] = (sums[id] as bigint) + (amounts[node] as bigint);
  }
  return sums;
}

function compare(functions: Functions, a: number, b: number, sort: 'self' | 'total'): number {
  const [first, second] = sort === 'self' ? [functions.self, functions.total] : [functions.total, functions.self];
  return (
    bySize(first[a] ?? 0, first[b] ?? 0) ||
    bySize(second[a] ?? 0, second[b] ?? 0) ||
    byBytes(functions.texts[a] ?? '', functions.texts[b] ?? '')
  );
}

function bySize(a: number | bigint, b: number | bigint): number {
  const x = a < 0 ? -a : a;
  const y = b < 0 ? -b : b;
  return x > y ? -1 : x < y ? 1 : 0;
}
