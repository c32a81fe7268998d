import { canonicalLabels, type LabelSet, pickLabels } from '../model/labels.ts';

export interface LabelGroup {
  /** One text per group. */
  readonly key: string;
  readonly labels: LabelSet;
}

/** Brings label sets together by some of their labels; what was worked out of one is kept for as long as it is. */
export class LabelGroups {
  readonly #by: readonly string[];
  readonly #known = new WeakMap<LabelSet, LabelGroup>();

  constructor(by: readonly string[]) {
    this.#by = by;
  }

  of(labels: LabelSet): LabelGroup {
    const known = this.#known.get(labels);
    if (known) return known;
    const picked = pickLabels(labels, this.#by);
    const group = { key: canonicalLabels(picked), labels: picked };
    this.#known.set(labels, group);
    return group;
  }
}
