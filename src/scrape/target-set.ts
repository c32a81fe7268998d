import { partitionKey } from '../model/series.ts';
import type { Target, TargetGroup } from '../model/target.ts';

/**
 * The targets that discovery has told of, by source. A group replaces the group of its key whole; a source that two groups
 * name belongs to the one that came first.
 */
export class TargetSet {
  readonly #groups = new Map<string, TargetGroup>();
  #bySource: ReadonlyMap<string, Target> = new Map();
  #ranks: ReadonlyMap<string, Rank> | undefined;

  replace(groups: readonly TargetGroup[]): void {
    for (const group of groups) {
      if (group.targets.length > 0) this.#groups.set(group.key, group);
      else this.#groups.delete(group.key);
    }
    const found = new Map<string, Target>();
    for (const { targets } of this.#groups.values()) {
      for (const target of targets) if (!found.has(target.source)) found.set(target.source, target);
    }
    this.#bySource = found;
    this.#ranks = undefined;
  }

  get all(): Iterable<Target> {
    return this.#bySource.values();
  }

  get(source: string): Target | undefined {
    return this.#bySource.get(source);
  }

  /** The place of a source among the active ones of its workload's container, in an order that does not change by itself. */
  rank(source: string): Rank | undefined {
    this.#ranks ??= ranksOf(this.#bySource.values());
    return this.#ranks.get(source);
  }
}

export interface Rank {
  readonly rank: number;
  readonly count: number;
}

function ranksOf(targets: Iterable<Target>): Map<string, Rank> {
  const workloads = new Map<string, string[]>();
  for (const target of targets) {
    if (target.state.kind !== 'active') continue;
    const key = partitionKey(target.labels);
    const sources = workloads.get(key);
    if (sources) sources.push(target.source);
    else workloads.set(key, [target.source]);
  }
  const ranks = new Map<string, Rank>();
  for (const sources of workloads.values()) {
    sources.sort();
    for (const [rank, source] of sources.entries()) ranks.set(source, { rank, count: sources.length });
  }
  return ranks;
}
