import type { Frame, PprofLabel } from '../../../model/frame.ts';
import { exactSum } from '../../../profile/amounts.ts';
import { NodeIndex } from '../../../profile/node-index.ts';
import { PairIndex } from '../../../profile/pair-index.ts';
import type { Profile } from '../../../profile/profile.ts';
import type { StackTable } from '../../../profile/stack-table.ts';
import { StackTableBuilder, stackAt } from '../../../profile/stack-table-builder.ts';
import { type Allowance, unlimited } from '../../allowance.ts';
import { treeOf } from '../dictionary/dictionaries.ts';
import type { StackDictionary } from '../dictionary/dictionary.ts';
import type { FrameRegistry } from '../dictionary/frame-registry.ts';
import { valueColumn, type WeightedSums } from './weighted-sums.ts';

/** What was added up of one partition: a column of sums for each type of the answer. */
export interface PartitionSums {
  readonly dictionary: StackDictionary;
  readonly sums: readonly WeightedSums[];
}

interface Rows {
  readonly stacks: StackTable;
  readonly columns: readonly ExactValues[];
}

/** Whole numbers by row: doubles while all are exact. */
type ExactValues = Float64Array | readonly (number | bigint)[];

/** Stacks between two checks. */
const checkedStacks = 65_536;

/**
 * Makes stacks and values of sums. One partition lends its own tree; several are brought together by content. Stacks whose
 * every sum is 0 are left out.
 */
export function buildAnswer(
  partitions: readonly PartitionSums[],
  divisors: readonly number[],
  registry: FrameRegistry,
  allowance: Pick<Allowance, 'check'> = unlimited,
): Pick<Profile, 'stacks' | 'values' | 'divisors'> & { readonly warnings: readonly string[] } {
  const [first] = partitions;
  const { stacks, columns } =
    first && partitions.length === 1
      ? rowsOfOne(first, allowance)
      : rowsOfMany(partitions, divisors.length, registry, allowance);
  const shown = columns.map((column, type) => fitting(column, divisors[type] ?? 1));
  return {
    stacks,
    values: shown.map(({ column }) => column),
    divisors: shown.map(({ divisor }) => divisor),
    warnings: shown.some(({ cut }) => cut) ? ['a sum does not fit 64 bits and was cut to the nearest that does'] : [],
  };
}

/** A column of averages whose value·seconds do not fit 64 bits is divided here, rounded to whole numbers. */
function fitting(values: ExactValues, divisor: number): ReturnType<typeof valueColumn> & { readonly divisor: number } {
  if (values instanceof Float64Array) return { column: values, cut: false, divisor };
  const whole = valueColumn(values);
  if (!whole.cut || divisor === 1) return { ...whole, divisor };
  return { ...valueColumn(values.map((value) => BigInt(value) / BigInt(divisor))), divisor: 1 };
}

function rowsOfOne({ dictionary, sums }: PartitionSums, allowance: Pick<Allowance, 'check'>): Rows {
  const kept = stacksWithValues(dictionary, sums, allowance);
  const { stackLeaf, stackLabelSet, labelSets } = dictionary;
  const columns = {
    tree: treeOf(dictionary),
    size: kept.length,
    leaf: kept.map((id) => stackLeaf.at(id)),
    labelSet: kept.map((id) => stackLabelSet.at(id)),
    labelSets,
  };
  const stacks: StackTable = { ...columns, stack: (row) => stackAt(columns, row) };
  return { stacks, columns: sums.map((sum) => valuesOf(sum, kept)) };
}

function valuesOf(sum: WeightedSums, ids: Int32Array): ExactValues {
  const { doubles } = sum;
  if (!doubles) return Array.from(ids, (id) => sum.at(id));
  const values = new Float64Array(ids.length);
  for (let row = 0; row < ids.length; row++) values[row] = doubles[ids[row] as number] ?? 0;
  return values;
}

/** The stacks of one partition that have values, and their rows in the answer. */
interface PlacedSums {
  readonly sums: readonly WeightedSums[];
  readonly ids: Int32Array;
  readonly rows: Int32Array;
}

function rowsOfMany(
  partitions: readonly PartitionSums[],
  types: number,
  registry: FrameRegistry,
  allowance: Pick<Allowance, 'check'>,
): Rows {
  const nodes = new NodeIndex();
  const rows = new PairIndex();
  const labels = new StackTableBuilder();
  const frames = new UsedFrames(partitions, registry);
  const placed = partitions.map(({ dictionary, sums }): PlacedSums => {
    allowance.check();
    const ids = stacksWithValues(dictionary, sums, allowance);
    const nodeOf = addNodes(nodes, dictionary, ids, frames);
    const labelSetOf = labelSetsInto(labels, dictionary.labelSets);
    const rowOf = (id: number): number =>
      rows.intern(nodeOf[dictionary.stackLeaf.at(id)] ?? 0, labelSetOf(dictionary.stackLabelSet.at(id)));
    return { sums, ids, rows: ids.map(rowOf) };
  });
  const tree = {
    size: nodes.size,
    parent: nodes.parent,
    frame: nodes.frame,
    frameCount: frames.count,
    frameAt: (id: number) => frames.at(id),
  };
  const table = { tree, size: rows.size, leaf: rows.first, labelSet: rows.second, labelSets: labels.labelSets };
  return {
    stacks: { ...table, stack: (row) => stackAt(table, row) },
    columns: Array.from({ length: types }, (_, type) => addedUp(placed, type, rows.size)),
  };
}

/** One type of several partitions by row. */
function addedUp(placed: readonly PlacedSums[], type: number, rows: number): ExactValues {
  return addedAsDoubles(placed, type, rows) ?? addedExactly(placed, type, rows);
}

/** Undefined when a sum is not certain to be exact. */
function addedAsDoubles(placed: readonly PlacedSums[], type: number, rows: number): Float64Array | undefined {
  const column = new Float64Array(rows);
  for (const { sums, ids, rows: rowOf } of placed) {
    const sum = sums[type];
    if (!sum) continue;
    const { doubles } = sum;
    if (!doubles) return undefined;
    for (let at = 0; at < ids.length; at++) {
      const row = rowOf[at] as number;
      const value = (column[row] as number) + (doubles[ids[at] as number] ?? 0);
      if (value > Number.MAX_SAFE_INTEGER) return undefined;
      column[row] = value;
    }
  }
  return column;
}

function addedExactly(placed: readonly PlacedSums[], type: number, rows: number): (number | bigint)[] {
  const column: (number | bigint)[] = Array.from({ length: rows }, () => 0);
  for (const { sums, ids, rows: rowOf } of placed) {
    const sum = sums[type];
    if (!sum) continue;
    for (let at = 0; at < ids.length; at++) {
      const row = rowOf[at] as number;
      column[row] = exactSum(column[row] ?? 0, sum.at(ids[at] as number));
    }
  }
  return column;
}

function stacksWithValues(
  { stackLeaf }: StackDictionary,
  sums: readonly WeightedSums[],
  allowance: Pick<Allowance, 'check'>,
): Int32Array {
  const kept = new Int32Array(stackLeaf.size);
  let count = 0;
  for (let id = 0; id < kept.length; id++) {
    if (id % checkedStacks === 0) allowance.check();
    for (let type = 0; type < sums.length; type++) {
      if ((sums[type] as WeightedSums).isZero(id)) continue;
      kept[count++] = id;
      break;
    }
  }
  return kept.slice(0, count);
}

/** Adds the nodes on the way to some stacks, parents first. Returns the new number of each node that was added. */
function addNodes(nodes: NodeIndex, dictionary: StackDictionary, stacks: Int32Array, frames: UsedFrames): Int32Array {
  const [parent, frame, leaf] = [dictionary.nodeParent.array, dictionary.nodeFrame.array, dictionary.stackLeaf.array];
  const { size } = dictionary.nodeParent;
  const isUsed = new Uint8Array(size);
  for (let at = 0; at < stacks.length; at++) {
    let node = leaf[stacks[at] as number] as number;
    for (; node !== 0 && isUsed[node] === 0; node = parent[node] as number) isUsed[node] = 1;
  }
  const nodeOf = new Int32Array(size);
  const idOf = frames.idsOf(dictionary, frame, isUsed);
  for (let node = 1; node < size; node++) {
    if (isUsed[node] === 0) continue;
    const above = nodeOf[parent[node] as number] as number;
    nodeOf[node] = nodes.childOf(above, idOf[frame[node] as number] as number);
  }
  return nodeOf;
}

function labelSetsInto(
  labels: StackTableBuilder,
  labelSets: readonly (readonly PprofLabel[])[],
): (labelSet: number) => number {
  const known: number[] = [0];
  return (labelSet) => (known[labelSet] ??= labels.labelSetId(labelSets[labelSet] ?? []));
}

/** The frames that one answer uses, numbered as they come: what else is registered is none of its business. */
class UsedFrames {
  readonly #registry: FrameRegistry;
  /** By number in the registry; 0 where it was not used yet. */
  readonly #ids: Int32Array;
  readonly #frames: (Frame | undefined)[] = [undefined];

  constructor(partitions: readonly PartitionSums[], registry: FrameRegistry) {
    for (const { dictionary } of partitions) registry.numbersOf(dictionary);
    this.#registry = registry;
    this.#ids = new Int32Array(registry.size);
  }

  get count(): number {
    return this.#frames.length;
  }

  at(id: number): Frame {
    const frame = this.#frames[id];
    if (!frame) throw new Error(`no frame has the id ${id}`);
    return frame;
  }

  /** Of the frames of a dictionary, by its own ids: those of the nodes that are used. */
  idsOf(dictionary: StackDictionary, frameOfNode: Int32Array, isUsed: Uint8Array): Int32Array {
    const numbers = this.#registry.numbersOf(dictionary);
    const own = new Int32Array(numbers.length);
    for (let node = 1; node < isUsed.length; node++) {
      const frame = frameOfNode[node] as number;
      if (isUsed[node] === 0 || own[frame] !== 0) continue;
      const number = numbers[frame] as number;
      if (this.#ids[number] === 0) this.#ids[number] = this.#frames.push(dictionary.frame(frame)) - 1;
      own[frame] = this.#ids[number] as number;
    }
    return own;
  }
}
