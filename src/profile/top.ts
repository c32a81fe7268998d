import type { Amounts } from './amounts.ts';
import { byBytes } from './by-bytes.ts';
import { type CallTree, callTreeOf, childLists } from './call-tree.ts';
import { jsonNumber } from './json-number.ts';
import type { Profile } from './profile.ts';

/** One function. `total` counts a stack once, however often the function is on it. To be divided by the top's `divisor`. */
export interface TopRow {
  readonly function: string;
  readonly file: string;
  readonly self: number | bigint;
  readonly total: number | bigint;
}

export interface Top {
  readonly unit: string;
  /** Largest first, by size whatever the sign; ties by total resp. self, then by the bytes of the name. */
  readonly rows: readonly TopRow[];
  /** Of the whole profile. */
  readonly total: number | bigint;
  readonly divisor: number;
}

/** Functions of one sample type by self or total; at most `limit` rows, all when it is undefined. */
export function topOf(
  profile: Profile,
  type: number,
  options: { readonly sort?: 'self' | 'total'; readonly limit?: number } = {},
): Top {
  const tree = callTreeOf(profile, type);
  const sort = options.sort ?? 'self';
  const rows = functionRows(tree).sort((a, b) => compareRows(a, b, sort));
  return {
    unit: tree.unit,
    rows: options.limit === undefined ? rows : rows.slice(0, options.limit),
    total: tree.total[0] as number | bigint,
    divisor: tree.divisor,
  };
}

/** A top as the members of a JSON object, without its braces, so that `meta` can follow. */
export function topMembers({ unit, rows, total, divisor }: Top): string {
  const json = rows.map(
    (row) =>
      `{"function":${JSON.stringify(row.function)},"file":${JSON.stringify(row.file)},` +
      `"self":${jsonNumber(row.self, divisor)},"total":${jsonNumber(row.total, divisor)}}`,
  );
  return `"unit":${JSON.stringify(unit)},"rows":[${json.join(',')}],"total":${jsonNumber(total, divisor)}`;
}

function functionRows(tree: CallTree): TopRow[] {
  const self = sumByName(tree, tree.self, () => true);
  const outermost = outermostNodes(tree);
  const total = sumByName(tree, tree.total, (node) => outermost[node] === 1);
  return tree.names
    .map((name, id) => ({ function: name, file: tree.files[id] ?? '', self: self[id] ?? 0, total: total[id] ?? 0 }))
    .slice(1);
}

/** Adds amounts by function; the root, which is none, is left out. */
function sumByName(tree: CallTree, amounts: Amounts, counts: (node: number) => boolean): (number | bigint)[] {
  if (amounts instanceof Float64Array) {
    const sums = tree.names.map(() => 0);
    for (let node = 1; node < tree.size; node++) {
      const name = tree.name[node] as number;
      if (counts(node)) sums[name] = (sums[name] as number) + (amounts[node] as number);
    }
    return sums;
  }
  const sums = tree.names.map(() => 0n);
  for (let node = 1; node < tree.size; node++) {
    const name = tree.name[node] as number;
    if (counts(node)) sums[name] = (sums[name] as bigint) + (amounts[node] as bigint);
  }
  return sums;
}

/** 1 for each node whose function is not above it on its stack. A walk that counts what is open, for stacks may be very deep. */
function outermostNodes(tree: CallTree): Uint8Array {
  const { firstChild, nextSibling } = childLists(tree.parent);
  const outermost = new Uint8Array(tree.size);
  const open = new Int32Array(tree.names.length);
  let node = firstChild[0] as number;
  while (node !== 0) {
    const name = tree.name[node] as number;
    if (open[name] === 0) outermost[node] = 1;
    open[name] = (open[name] as number) + 1;
    let next = firstChild[node] as number;
    while (next === 0 && node !== 0) {
      const left = tree.name[node] as number;
      open[left] = (open[left] as number) - 1;
      next = nextSibling[node] as number;
      if (next === 0) node = tree.parent[node] as number;
    }
    node = next;
  }
  return outermost;
}

function compareRows(a: TopRow, b: TopRow, sort: 'self' | 'total'): number {
  const other = sort === 'self' ? 'total' : 'self';
  return bySize(a[sort], b[sort]) || bySize(a[other], b[other]) || byBytes(a.function, b.function);
}

function bySize(a: number | bigint, b: number | bigint): number {
  const x = a < 0 ? -a : a;
  const y = b < 0 ? -b : b;
  return x > y ? -1 : x < y ? 1 : 0;
}
