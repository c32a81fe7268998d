import type { Frame, PprofLabel, StackTrace } from '../model/frame.ts';
import { PairIndex } from './pair-index.ts';
import type { LabelSetId, StackTable } from './stack-table.ts';
import { StackTreeBuilder } from './stack-tree-builder.ts';

/** A stack table that grows. Label sets are told apart by content, whatever the order of their labels. */
export class StackTableBuilder implements StackTable {
  readonly tree = new StackTreeBuilder();
  /** (leaf, label set) by row. */
  readonly #rows = new PairIndex();
  readonly #labelSets: (readonly PprofLabel[])[] = [[]];
  readonly #labelSetIds = new Map<string, LabelSetId>([['', 0]]);

  get size(): number {
    return this.#rows.size;
  }

  get leaf(): Int32Array {
    return this.#rows.first;
  }

  get labelSet(): Int32Array {
    return this.#rows.second;
  }

  get labelSets(): readonly (readonly PprofLabel[])[] {
    return this.#labelSets;
  }

  /** The row of this leaf and label set; added when it is missing. */
  row(leaf: number, labelSet: LabelSetId): number {
    return this.#rows.intern(leaf, labelSet);
  }

  /** The row of a stack trace; added when it is missing. */
  intern(stack: StackTrace): number {
    return this.row(this.tree.intern(stack.frames), this.labelSetId(stack.labels));
  }

  /** The id of the set of these labels; a label that comes twice counts twice. */
  labelSetId(labels: readonly PprofLabel[]): LabelSetId {
    if (labels.length === 0) return 0;
    const sorted = labels.toSorted(compareLabels);
    const key = sorted.map(labelKey).join('');
    let id = this.#labelSetIds.get(key);
    if (id === undefined) {
      id = this.#labelSets.push(sorted) - 1;
      this.#labelSetIds.set(key, id);
    }
    return id;
  }

  stack(row: number): StackTrace {
    return stackAt(this, row);
  }
}

/** One row of any stack table in full. */
export function stackAt(stacks: Omit<StackTable, 'stack'>, row: number): StackTrace {
  if (!(row >= 0 && row < stacks.size)) throw new Error(`row ${row} is not one of ${stacks.size}`);
  const frames: Frame[] = [];
  for (let node = stacks.leaf[row] ?? 0; node !== 0; node = stacks.tree.parent[node] ?? 0) {
    frames.push(stacks.tree.frameAt(stacks.tree.frame[node] ?? 0));
  }
  return { frames: frames.reverse(), labels: stacks.labelSets[stacks.labelSet[row] ?? 0] ?? [] };
}

/** By key, then texts before numbers, then by value and unit; in code-unit order. */
export function compareLabels(a: PprofLabel, b: PprofLabel): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  if ('text' in a) return 'text' in b ? compare(a.text, b.text) : -1;
  if ('text' in b) return 1;
  return compare(a.number, b.number) || compare(a.unit, b.unit);
}

function compare<T extends string | bigint>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function labelKey(label: PprofLabel): string {
  if ('text' in label) return `t${label.key.length},${label.text.length}:${label.key}${label.text}`;
  return `n${label.key.length},${label.number},${label.unit.length}:${label.key}${label.unit}`;
}
