import { partitionKey } from '../model/series.ts';
import type { Target, TargetGroup } from '../model/target.ts';

/**
 * The targets that discovery has told of, by source. A group replaces the group of its key whole; a source that two groups
 * name belongs to the one that named it first. Taking over a group costs its own size, not that of the cluster.
 */
export class TargetSet {
  readonly #groups = new Map<string, readonly Target[]>();
  /** Who names a source: group key → target, the owner first. */
  readonly #named = new Map<string, Map<string, Target>>();
  #ranks: ReadonlyMap<string, Rank> | undefined;

  /** Answers the sources whose target may be another now, or gone. */
  replace(groups: readonly TargetGroup[]): ReadonlySet<string> {
    const touched = new Set<string>();
    for (const { key, targets } of groups) {
      const sources = new Set(targets.map(({ source }) => source));
      for (const { source } of this.#groups.get(key) ?? []) {
        touched.add(source);
        if (!sources.has(source)) this.#unname(source, key);
      }
      for (const target of targets) {
        touched.add(target.source);
        this.#name(target, key);
      }
      if (targets.length > 0) this.#groups.set(key, targets);
      else this.#groups.delete(key);
    }
    this.#ranks = undefined;
    return touched;
  }

  get size(): number {
    return this.#named.size;
  }

  *all(): Generator<Target> {
    for (const names of this.#named.values()) {
      const target = firstOf(names);
      if (target) yield target;
    }
  }

  get(source: string): Target | undefined {
    const names = this.#named.get(source);
    return names && firstOf(names);
  }

  /** The place of a source among the active ones of its workload's container, in an order that does not change by itself. */
  rank(source: string): Rank | undefined {
    this.#ranks ??= ranksOf(this.all());
    return this.#ranks.get(source);
  }

  #name(target: Target, key: string): void {
    const names = this.#named.get(target.source);
    if (names) names.set(key, target);
    else this.#named.set(target.source, new Map([[key, target]]));
  }

  #unname(source: string, key: string): void {
    const names = this.#named.get(source);
    names?.delete(key);
    if (names?.size === 0) this.#named.delete(source);
  }
}

export interface Rank {
  readonly rank: number;
  readonly count: number;
}

function firstOf(names: ReadonlyMap<string, Target>): Target | undefined {
  return names.values().next().value;
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
