import type { TargetGroup } from '../model/target.ts';

/**
 * A way to find targets. `run` sends groups until `signal` aborts and then returns; it never throws because something
 * could not be reached. The first send holds all groups known by then; a later one holds those that changed. A group
 * replaces the one with its key; a group without targets is gone. On failure nothing is sent: stale targets beat partial
 * ones. Discoverers hold no business rules about scraping.
 */
export interface Discoverer {
  readonly name: string;
  run(send: (groups: readonly TargetGroup[]) => void, signal: AbortSignal): Promise<void>;
  /** What an operator should know now: missing rights, an unreachable API server, still listing. Empty when all is well. */
  problems(): readonly DiscoveryProblem[];
}

export interface DiscoveryProblem {
  readonly what: string;
  readonly hint: string;
}

/** Who is asked about: a pod, or a workload by kind and name (works with no pods too). */
export type ExplainSubject =
  | { readonly namespace: string; readonly pod: string }
  | { readonly namespace: string; readonly workloadKind: string; readonly workload: string };

/** One rule of the opt-in, in the order in which they are asked. */
export interface ExplainedRule {
  /** A short name: `namespace allowed`, `opted in`, `container`, `port` … */
  readonly rule: string;
  readonly verdict: 'pass' | 'fail' | 'info' | 'warning';
  /** What was found, in a sentence with the values. */
  readonly detail: string;
}

export interface Explanation {
  readonly subject: string;
  /** `scraped`, `not scraped`, `held`, `unresolved`, `not found`. */
  readonly verdict: string;
  /** One sentence: the decisive rule. */
  readonly because: string;
  readonly rules: readonly ExplainedRule[];
  /** The key as a label, on a ReplicaSet, misspelt …: what was probably meant. */
  readonly nearMisses: readonly string[];
  /** What to type to change the verdict. */
  readonly hint: string | undefined;
  /** The sources that come of it. */
  readonly sources: readonly string[];
}
