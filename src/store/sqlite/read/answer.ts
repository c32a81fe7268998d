import type { Frame, PprofLabel } from '../../../model/frame.ts';
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
  readonly columns: readonly (readonly (number | bigint)[])[];
}

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
    first && partitions.length === 1 ? rowsOfOne(first) : rowsOfMany(partitions, divisors.length, registry, allowance);
  const shown = columns.map((column, type) => fitting(column, divisors[type] ?? 1));
  return {
    stacks,
    values: shown.map(({ column }) => column),
    divisors: shown.map(({ divisor }) => divisor),
    warnings: shown.some(({ cut }) => cut) ? ['a sum does not fit 64 bits and was cut to the nearest that does'] : [],
  };
}

/** A column of averages whose value·seconds do not fit 64 bits is divided here, rounded to whole numbers. */
function fitting(
  values: readonly (number | bigint)[],
  divisor: number,
): ReturnType<typeof valueColumn> & { readonly divisor: number } {
  const whole = valueColumn(values);
  if (!whole.cut || divisor === 1) return { ...whole, divisor };
  return { ...valueColumn(values.map((value) => BigInt(value) / BigInt(divisor))), divisor: 1 };
}

function rowsOfOne({ dictionary, sums }: PartitionSums): Rows {
  const kept = stacksWithValues(dictionary, sums);
  const { stackLeaf, stackLabelSet, labelSets } = dictionary;
  const columns = {
    tree: treeOf(dictionary),
    size: kept.length,
    leaf: Int32Array.from(kept, (id) => stackLeaf.at(id)),
    labelSet: Int32Array.from(kept, (id) => stackLabelSet.at(id)),
    labelSets,
  };
  const stacks: StackTable = { ...columns, stack: (row) => stackAt(columns, row) };
  return { stacks, columns: sums.map((sum) => kept.map((id) => sum.at(id))) };
}

function rowsOfMany(
  partitions: readonly PartitionSums[],
  types: number,
  registry: FrameRegistry,
  allowance: Pick<Allowance, 'check'>,
): Rows {
  const nodes = new PairIndex();
  nodes.intern(0, 0);
  const rows = new PairIndex();
  const labels = new StackTableBuilder();
  const columns: (number | bigint)[][] = Array.from({ length: types }, () => []);
  const frames = new UsedFrames(partitions, registry);
  for (const { dictionary, sums } of partitions) {
    allowance.check();
    const kept = stacksWithValues(dictionary, sums);
    const nodeOf = addNodes(nodes, dictionary, kept, frames);
    const labelSetOf = labelSetsInto(labels, dictionary.labelSets);
    for (const id of kept) {
      const row = rows.intern(nodeOf[dictionary.stackLeaf.at(id)] ?? 0, labelSetOf(dictionary.stackLabelSet.at(id)));
      sums.forEach((sum, type) => {
        const column = columns[type];
        if (column) column[row] = added(column[row] ?? 0, sum.at(id));
      });
    }
  }
  const tree = {
    size: nodes.size,
    parent: nodes.first,
    frame: nodes.second,
    frameCount: frames.count,
    frameAt: (id: number) => frames.at(id),
  };
  const table = { tree, size: rows.size, leaf: rows.first, labelSet: rows.second, labelSets: labels.labelSets };
  return { stacks: { ...table, stack: (row) => stackAt(table, row) }, columns };
}

function stacksWithValues({ stackLeaf }: StackDictionary, sums: readonly WeightedSums[]): number[] {
  const kept: number[] = [];
  for (let id = 0; id < stackLeaf.size; id++) if (sums.some((sum) => !sum.isZero(id))) kept.push(id);
  return kept;
}

/** Adds the nodes on the way to some stacks, parents first. Returns the new number of each node that was added. */
function addNodes(
  nodes: PairIndex,
  dictionary: StackDictionary,
  stacks: readonly number[],
  frames: UsedFrames,
): Int32Array {
  const { nodeParent, nodeFrame, stackLeaf } = dictionary;
  const frameOf = frames.idsOf(dictionary);
  const isUsed = new Uint8Array(nodeParent.size);
  for (const id of stacks) {
    for (let node = stackLeaf.at(id); node !== 0 && isUsed[node] === 0; node = nodeParent.at(node)) isUsed[node] = 1;
  }
  const nodeOf = new Int32Array(nodeParent.size);
  for (let node = 1; node < isUsed.length; node++) {
    if (isUsed[node] === 0) continue;
    nodeOf[node] = nodes.intern(nodeOf[nodeParent.at(node)] ?? 0, frameOf(nodeFrame.at(node)));
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

function added(a: number | bigint, b: number | bigint): number | bigint {
  if (typeof a === 'number' && typeof b === 'number' && Number.isSafeInteger(a + b)) return a + b;
  return BigInt(a) + BigInt(b);
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

  /** Of the frames of a dictionary. */
  idsOf(dictionary: StackDictionary): (frame: number) => number {
    const numbers = this.#registry.numbersOf(dictionary);
    return (frame) => {
      const number = numbers[frame] as number;
      if (this.#ids[number] === 0) this.#ids[number] = this.#frames.push(dictionary.frame(frame)) - 1;
      return this.#ids[number] as number;
    };
  }
}
