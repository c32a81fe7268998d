import { type LabelSet, partitionLabels, pickLabels } from '../model/labels.ts';
import type { Target } from '../model/target.ts';

/** The labels that name a workload's container: what metrics are kept by. */
export function workloadOf(target: Target): LabelSet {
  return pickLabels(target.labels, partitionLabels);
}
