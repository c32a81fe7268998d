import type { FlameModel } from './prepare.ts';

/** What a function took: itself, and with what it called. */
export interface FlameRow {
  /** Index into the names of the model. */
  readonly name: number;
  readonly self: number;
  readonly total: number;
  /** Of diffs; else 0. */
  readonly baseSelf: number;
  readonly baseTotal: number;
}

/** A row a function, in the order of names, without the root. A function that calls itself counts once on a stack. */
export function topRows(model: FlameModel): FlameRow[] {
  const { names, name, end, size } = model;
  const sums = [model.self, model.total, model.baseSelf, model.baseTotal].map((amounts, column) => {
    if (!amounts) return undefined;
    return column % 2 === 0 ? summed(model, amounts) : outermostSummed(model, amounts);
  });
  const isUsed = new Uint8Array(names.length);
  for (let node = 1; node < size; node++) isUsed[name[node] as number] = 1;
  if (size === 1 && end[0] === 1) return [];
  const rows: FlameRow[] = [];
  for (let at = 0; at < names.length; at++) {
    if (isUsed[at] === 0) continue;
    const [self = 0, total = 0, baseSelf = 0, baseTotal = 0] = sums.map((sum) => sum?.[at] ?? 0);
    rows.push({ name: at, self, total, baseSelf, baseTotal });
  }
  return rows;
}

function summed({ names, name, size }: FlameModel, amounts: Float64Array): Float64Array {
  const sums = new Float64Array(names.length);
  for (let node = 1; node < size; node++) {
    const own = name[node] as number;
    sums[own] = (sums[own] as number) + (amounts[node] as number);
  }
  return sums;
}

function outermostSummed({ names, name, end, size }: FlameModel, amounts: Float64Array): Float64Array {
  const sums = new Float64Array(names.length);
  // Preorder: a node before the end of the last outermost one of its name is inside of it.
  const coveredTo = new Int32Array(names.length);
  for (let node = 1; node < size; node++) {
    const own = name[node] as number;
    if (node < (coveredTo[own] as number)) continue;
    sums[own] = (sums[own] as number) + (amounts[node] as number);
    coveredTo[own] = end[node] as number;
  }
  return sums;
}
