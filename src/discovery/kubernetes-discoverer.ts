import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PodRecord } from '../kubernetes/records.ts';
import type { PauseScope } from '../model/pause.ts';
import type { SnapRequest } from '../model/snap.ts';
import type { TargetGroup } from '../model/target.ts';
import type { DurationMs, UnixMs } from '../model/units.ts';
import type { Contender } from './caps.ts';
import { type ClusterChange, type ClusterView, watchedWorkloads } from './cluster-view.ts';
import type { Discoverer, DiscoveryProblem, ExplainSubject, Explanation } from './discoverer.ts';
import { explain } from './explain.ts';
import { OptInHistory } from './opt-in-history.ts';
import { groupKeyOf, workloadOfKey } from './owner.ts';
import { type PodGroup, PodGroups } from './pod-groups.ts';
import type { ProbeFetch } from './probe.ts';
import { ProbeBook } from './probe-book.ts';
import { type OnProcessEnd, ProcessEnds } from './process-ends.ts';
import type { DiscoveryRules } from './rules.ts';
import { SentGroups } from './sent-groups.ts';
import { type SnapTarget, snapTarget } from './snap-target.ts';
import { type PodOutcome, targetsOfPod } from './targets-of-pod.ts';

export interface KubernetesDiscovererOptions {
  readonly view: ClusterView;
  readonly rules: DiscoveryRules;
  readonly now: () => UnixMs;
  readonly onProcessEnd: OnProcessEnd;
  /** Without it no port is probed. */
  readonly probe?: ProbeFetch;
  /** Told each warning once, with the key of the workload's group. */
  readonly warn?: (message: string, group: string) => void;
  readonly debounceMs?: DurationMs;
}

/** Changes are gathered this long before targets are made of them. */
export const defaultDebounceMs: DurationMs = 250;
/** Groups that are worked out before other work gets its turn. */
const groupsPerTurn = 100;
/** Warnings that are remembered as told. */
const maxTold = 20_000;

/**
 * Finds targets among the pods of a cluster. It works from caches that outlive the API server: while that is away nothing
 * is sent, so nothing is removed. Only the workloads that a change touches are worked out again.
 */
export class KubernetesDiscoverer implements Discoverer {
  readonly name = 'kubernetes';
  readonly #options: KubernetesDiscovererOptions;
  readonly #view: ClusterView;
  readonly #groups: PodGroups;
  readonly #probes: ProbeBook;
  readonly #ends: ProcessEnds;
  readonly #history = new OptInHistory();
  readonly #sent = new SentGroups();
  readonly #told = new Set<string>();
  /** The targets of each workload before caps and pauses. */
  readonly #drafted = new Map<string, readonly Contender[]>();
  readonly #dirty = new Set<string>();
  #rules: DiscoveryRules;
  #paused: readonly PauseScope[] = [];
  #changed = false;
  #wake: () => void = () => {};

  constructor(options: KubernetesDiscovererOptions) {
    this.#options = options;
    this.#view = options.view;
    this.#rules = this.#effective(options.rules);
    this.#groups = new PodGroups(options.view);
    this.#probes = new ProbeBook(options.probe ?? (() => Promise.resolve(undefined)));
    this.#ends = new ProcessEnds(options.onProcessEnd, options.now);
  }

  /** Opt-ins that vanished with a new generation of their workload, since the start. */
  get optInsRemoved(): number {
    return this.#history.removals;
  }

  problems(): readonly DiscoveryProblem[] {
    return this.#view.problems();
  }

  /** Puts other rules in force, for all targets. */
  setRules(rules: DiscoveryRules): void {
    this.#rules = this.#effective(rules);
    this.#touch(this.#groups.keys());
  }

  /** Holds the targets of these scopes from now on, and frees all others. */
  setPaused(scopes: readonly PauseScope[]): void {
    this.#paused = scopes;
    this.#announce();
  }

  async run(send: (groups: readonly TargetGroup[]) => void, signal: AbortSignal): Promise<void> {
    const stopListening = this.#view.onChange((change) => this.#take(change));
    try {
      await this.#view.ready(signal);
      for (const pod of this.#view.pods()) this.#touch(this.#groups.place(pod));
      for (let first = true; !signal.aborted; first = false) {
        this.#changed = false;
        const groups = await this.#workOut(signal);
        if (signal.aborted) return;
        if (first || groups.length > 0) send(groups);
        await this.#nextChange(signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      stopListening();
      this.#probes.stop();
    }
  }

  /** Why a pod or workload is or is not scraped, by the same rules. Names nothing of other namespaces than those given, if any are. */
  explain(subject: ExplainSubject, namespaces?: ReadonlySet<string>): Promise<Explanation> {
    return explain(subject, {
      view: this.#view,
      namespaces,
      rules: this.#rules,
      probe: (key) => this.#probes.result(key),
      optInRemovedAt: (key) => this.#history.removedAt(key),
      current: (key) => this.#sent.current(key),
    });
  }

  /** What a snap means: throws as `snapTarget` does. */
  snapTarget(request: SnapRequest): SnapTarget {
    return snapTarget(request, {
      view: this.#view,
      rules: this.#rules,
      probe: (key) => this.#probes.result(key),
    });
  }

  #effective(rules: DiscoveryRules): DiscoveryRules {
    return this.#options.probe ? rules : { ...rules, probe: false };
  }

  #take(change: ClusterChange): void {
    for (const pod of change.removedPods) {
      this.#ends.removed(pod);
      this.#touch(this.#groups.remove(pod.uid));
    }
    for (const pod of change.pods) {
      this.#ends.seen(pod);
      this.#touch(this.#groups.place(pod));
    }
    for (const { kind, namespace, name } of change.workloads) {
      const key = groupKeyOf(namespace, kind, name);
      for (const pod of this.#groups.get(key)?.pods.values() ?? []) this.#touch(this.#groups.place(pod));
      this.#touch([key]);
    }
    for (const namespace of change.namespaces) this.#touch(this.#groups.inNamespace(namespace));
    for (const pod of this.#groups.pending()) this.#touch(this.#groups.place(pod));
  }

  #touch(keys: readonly string[]): void {
    for (const key of keys) this.#dirty.add(key);
    if (keys.length > 0) this.#announce();
  }

  #announce(): void {
    this.#changed = true;
    this.#wake();
  }

  /** Resolves a debounce after the next change, or when stopped. */
  async #nextChange(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    let timer: NodeJS.Timeout | undefined;
    this.#wake = () => {
      timer ??= setTimeout(resolve, this.#options.debounceMs ?? defaultDebounceMs);
    };
    const stop = () => resolve();
    signal.addEventListener('abort', stop);
    if (signal.aborted) resolve();
    else if (this.#changed) this.#wake();
    await promise;
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    this.#wake = () => {};
  }

  async #workOut(signal: AbortSignal): Promise<TargetGroup[]> {
    let turn = 0;
    for (const key of this.#dirty) {
      this.#dirty.delete(key);
      this.#draft(key, signal);
      if (++turn % groupsPerTurn === 0) await nextTurn();
      if (signal.aborted) return [];
    }
    return this.#sent.settle(this.#drafted, this.#rules.limits, this.#paused);
  }

  #draft(key: string, signal: AbortSignal): void {
    const group = this.#groups.get(key);
    this.#remember(key, group);
    const contenders = [...(group?.pods.values() ?? [])].flatMap((pod) =>
      group ? this.#contenders(group, pod, signal) : [],
    );
    if (contenders.length > 0) this.#drafted.set(key, contenders);
    else this.#drafted.delete(key);
  }

  #contenders(group: PodGroup, pod: PodRecord, signal: AbortSignal): Contender[] {
    const outcome = targetsOfPod({
      pod,
      workload: group.workload,
      namespace: this.#view.namespace(pod.namespace),
      services: this.#view.servicesOf(pod),
      config: this.#rules,
      probe: (key) => this.#probes.result(key),
    });
    for (const request of outcome.probes) this.#probes.ask(request, () => this.#touch([group.key]), signal);
    this.#tell(group.key, pod.name, outcome);
    for (const { state, process, labels } of outcome.targets) {
      const containerId = process.id.slice(pod.uid.length + 1);
      if (state.kind === 'active') this.#ends.watch(pod.uid, labels['container'] ?? '', containerId);
    }
    return outcome.targets.map((target) => ({ target, createdMs: pod.createdMs }));
  }

  #tell(key: string, podName: string, { targets, optIn }: PodOutcome): void {
    const warnings = targets.filter(({ state }) => state.kind !== 'candidate').flatMap((target) => target.warnings);
    if (optIn.kind === 'out' && optIn.warning !== undefined) warnings.push(optIn.warning);
    for (const warning of warnings) {
      // All pods of a workload say the same.
      const id = `${key}\n${warning.replaceAll(podName, '')}`;
      if (!this.#told.has(id)) this.#warnOnce(id, warning, key);
    }
  }

  #warnOnce(id: string, warning: string, key: string): void {
    this.#told.add(id);
    const [oldest] = this.#told;
    if (this.#told.size > maxTold && oldest !== undefined) this.#told.delete(oldest);
    this.#options.warn?.(warning, key);
  }

  #remember(key: string, group: PodGroup | undefined): void {
    const { namespace, kind, name } = workloadOfKey(key);
    const watched = watchedWorkloads.find((each) => each === kind);
    const workload = group ? group.workload.object : watched && this.#view.workload(watched, namespace, name);
    if (!group && !workload) {
      this.#history.forget(key);
      return;
    }
    const pods = kind === 'Pod' ? [] : [...(group?.pods.values() ?? [])];
    const state = { key, workload, namespace: this.#view.namespace(namespace), pods };
    if (!this.#history.observe(state, this.#options.now())) return;
    this.#options.warn?.(
      `${kind} ${namespace}/${name} is no longer opted in: a rollout undo or an apply removed flameherd.dev/scrape; keep the key in the manifest`,
      key,
    );
  }
}
