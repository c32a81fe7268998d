import { labelText, type PprofLabel } from '../../../model/frame.ts';
import { type LabelSet, labelValue } from '../../../model/labels.ts';
import { compileMatchers } from '../../../model/matcher.ts';
import type { TotalsPart, TotalsSplit } from '../../profile-store.ts';
import type { StackDictionary } from '../dictionary/dictionary.ts';
import type { PartsContext, SplitParts, StackParts } from './split-parts.ts';

/** A part for each combination of values that meets the matchers. */
export class LabelParts implements SplitParts {
  readonly #groupBy: readonly string[];
  readonly #meets: (labels: LabelSet) => boolean;
  readonly #parts: { readonly order: string; readonly part: TotalsPart }[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #partitions = new Map<number, StackParts>();
  readonly #context: PartsContext;

  constructor({ matchers, groupBy }: Extract<TotalsSplit, { kind: 'labels' }>, context: PartsContext) {
    this.#groupBy = groupBy;
    this.#meets = compileMatchers(matchers);
    this.#context = context;
  }

  part(number: number): { readonly order: string; readonly part: TotalsPart } {
    const found = this.#parts[number];
    if (!found) throw new Error(`no part is numbered ${number}`);
    return found;
  }

  of(partition: number): StackParts {
    const known = this.#partitions.get(partition);
    if (known) return known;
    const groups = (): number => this.#parts.length + 1;
    const made = new LabelsOfPartition({
      load: () => this.#context.dictionaryOf(partition),
      groupOf: (labels) => this.#groupOf(labels),
      groups,
    });
    this.#partitions.set(partition, made);
    return made;
  }

  /** 0 where the labels do not meet the matchers; else a number more than its part's. */
  #groupOf(labelSet: readonly PprofLabel[]): number {
    const labels: LabelSet = Object.fromEntries(labelSet.map((label) => [label.key, labelText(label)]));
    if (!this.#meets(labels)) return 0;
    const own: LabelSet = Object.fromEntries(this.#groupBy.map((name) => [name, labelValue(labels, name)]));
    const order = JSON.stringify(own);
    let number = this.#numbers.get(order);
    if (number === undefined) {
      this.#context.check();
      number = this.#parts.push({ order, part: { kind: 'labels', labels: own } }) - 1;
      this.#numbers.set(order, number);
    }
    return number + 1;
  }
}

interface LabelGroups {
  load(): StackDictionary;
  groupOf(labels: readonly PprofLabel[]): number;
  groups(): number;
}

class LabelsOfPartition implements StackParts {
  readonly #of: LabelGroups;
  /** By label set, a number more than its group's; 0 where that is not known yet. */
  #groupOfSet: Int32Array = new Int32Array(0);
  #dictionary: StackDictionary | undefined;

  constructor(of: LabelGroups) {
    this.#of = of;
  }

  get groups(): number {
    return this.#of.groups();
  }

  groupOf(stack: number): number {
    const { stackLabelSet, labelSets } = this.#with(stack);
    const set = stackLabelSet.at(stack);
    const known = this.#groupOfSet[set] ?? 0;
    if (known !== 0) return known - 1;
    const group = this.#of.groupOf(labelSets[set] ?? []);
    this.#groupOfSet[set] = group + 1;
    return group;
  }

  partsOf(group: number): readonly number[] {
    return group === 0 ? [] : [group - 1];
  }

  #with(stack: number): StackDictionary {
    if (this.#dictionary && stack < this.#dictionary.stackLeaf.size) return this.#dictionary;
    const dictionary = this.#of.load();
    if (stack >= dictionary.stackLeaf.size) throw new Error(`a partition has no stack numbered ${stack}`);
    if (this.#groupOfSet.length < dictionary.labelSets.length) {
      const longer = new Int32Array(2 * dictionary.labelSets.length);
      longer.set(this.#groupOfSet);
      this.#groupOfSet = longer;
    }
    this.#dictionary = dictionary;
    return dictionary;
  }
}
