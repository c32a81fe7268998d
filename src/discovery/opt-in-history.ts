import type { ObjectRecord, PodRecord } from '../kubernetes/records.ts';
import type { UnixMs } from '../model/units.ts';
import { annotationPrefix } from './annotation-keys.ts';
import { revisionLabels } from './revision.ts';
import { parseSwitch } from './switch.ts';

/** What stands behind one target group now. */
export interface OptInState {
  readonly key: string;
  readonly workload: ObjectRecord | undefined;
  readonly namespace: ObjectRecord | undefined;
  readonly pods: readonly PodRecord[];
}

interface Remembered {
  readonly onWorkload: boolean;
  readonly generation: number;
  readonly revisions: ReadonlySet<string>;
}

/** Workloads whose opt-in is remembered, and removals told; the oldest are forgotten first. */
export const maxRemembered = 20_000;

/**
 * Notices an opt-in that vanishes together with a new generation of its workload: that is a `kubectl rollout undo` or an
 * apply from a manifest without the key, and hardly ever meant. Taking the annotation off by hand changes no generation.
 */
export class OptInHistory {
  readonly #optedIn = new Map<string, Remembered>();
  readonly #removedAt = new Map<string, UnixMs>();
  #removals = 0;

  /** How many were noticed since the start: `flameherd_optin_removed_total`. */
  get removals(): number {
    return this.#removals;
  }

  /** When the opt-in of this group was removed, if it was and did not come back. */
  removedAt(key: string): UnixMs | undefined {
    return this.#removedAt.get(key);
  }

  /** Takes in the present state; true when it shows a removal. */
  observe(state: OptInState, nowMs: UnixMs): boolean {
    const { key, workload, pods } = state;
    const optedInPods = pods.filter((pod) => saysOf(pod) === true);
    const onWorkload = saysOf(workload) === true;
    if (onWorkload || optedInPods.length > 0) {
      const revisions = new Set(optedInPods.map(revision));
      remember(this.#optedIn, key, { onWorkload, generation: workload?.generation ?? 0, revisions });
      this.#removedAt.delete(key);
      return false;
    }
    const before = this.#optedIn.get(key);
    if (!before) return false;
    // A Recreate roll-out has a moment without pods: only what comes next tells.
    if (!before.onWorkload && pods.length === 0) return false;
    this.#optedIn.delete(key);
    if (!isRemoval(before, state)) return false;
    remember(this.#removedAt, key, nowMs);
    this.#removals++;
    return true;
  }

  /** The workload is gone. */
  forget(key: string): void {
    this.#optedIn.delete(key);
    this.#removedAt.delete(key);
  }
}

function isRemoval(before: Remembered, { workload, namespace, pods }: OptInState): boolean {
  const refusedNow = saysOf(workload) === false || pods.some((pod) => saysOf(pod) === false);
  if (refusedNow || saysOf(namespace) === true) return false;
  if (before.onWorkload) return workload !== undefined && workload.generation > before.generation;
  return pods.some((pod) => !before.revisions.has(revision(pod)));
}

function saysOf(record: ObjectRecord | undefined): boolean | undefined {
  const value = record?.annotations[`${annotationPrefix}scrape`];
  return value === undefined ? undefined : (parseSwitch(value) ?? false);
}

function revision({ labels }: PodRecord): string {
  return revisionLabels.map((label) => labels[label] ?? '').join('/');
}

function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > maxRemembered && oldest !== undefined) map.delete(oldest);
}
