import { setTimeout as delay } from 'node:timers/promises';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { KubernetesError } from '../kubernetes/errors.ts';
import type { OpenSidecarBreaker } from '../model/sidecar.ts';
import { type DurationMs, hour, minute, second, type UnixMs } from '../model/units.ts';
import type { Logger } from '../observe/logger.ts';
import { decide, pullKey, startFailure } from './decision.ts';
import { readDenial } from './denial.ts';
import { maxSidecarsPerPod, type SidecarEntry, sidecarEntry, sidecarName, sidecarsOf, type WirePod } from './entry.ts';
import { type GateKeys, type GateSettings, InjectionGate } from './injection-gate.ts';
import { addEphemeralContainer, getPod, type PodToReach, writeEvent } from './pod-api.ts';
import { SidecarError } from './sidecar-error.ts';

export interface SidecarsOptions {
  readonly client: KubernetesClient;
  /** A checked reference: `parseImageReference`. */
  readonly image: string;
  /** This collector as people would look for it: `HOST/ID`. */
  readonly by: string;
  /** Why a namespace gets none, or undefined: its label is an administrator's word. */
  readonly namespaceRefusal: (namespace: string) => string | undefined;
  /** Told when a right was refused. */
  readonly onForbidden?: (namespace: string) => void;
  readonly log: Logger;
  readonly settings?: Partial<SidecarSettings>;
  readonly now?: () => UnixMs;
  readonly sleep?: (ms: DurationMs, signal: AbortSignal) => Promise<void>;
}

export interface SidecarSettings extends GateSettings {
  /** A sidecar ends after so long whatever comes. */
  readonly maxLifeMs: DurationMs;
  /** How long it may take to start. */
  readonly startTimeoutMs: DurationMs;
  /** How often it is looked whether it runs. */
  readonly pollMs: DurationMs;
}

const defaultSidecarSettings: SidecarSettings = {
  maxLifeMs: 168 * hour,
  startTimeoutMs: minute,
  pollMs: second,
  injectionsPerMinute: 30,
  denials: 3,
  retryAfterMs: 6 * hour,
};

/** How injections went. Every result but `injected` leaves the pod as it was. */
export type InjectionResult = 'injected' | 'denied' | 'rights' | 'unsupported' | 'conflict' | 'unavailable';

export interface SidecarNumbers {
  readonly injections: Readonly<Record<InjectionResult, number>>;
  /** Sidecars that were put there and did not start. */
  readonly startFailures: number;
  readonly eventsDropped: number;
}

/** Pods whose running sidecar is remembered; one that is not is looked at again. */
const maxRemembered = 20_000;
const maxConflicts = 5;

/**
 * Sees to it that a pod has one running sidecar, and never more than three in its life. What is decided is decided from the
 * pod's own spec, and written only if the pod is still as it was read, so several collectors and restarts agree.
 */
export class Sidecars implements AsyncDisposable {
  readonly #options: SidecarsOptions;
  readonly #settings: SidecarSettings;
  readonly #now: () => UnixMs;
  readonly #running = new Map<string, string>();
  readonly #underWay = new Map<string, Promise<string>>();
  readonly #gate: InjectionGate;
  readonly #injections: Record<InjectionResult, number>;
  readonly #closing = new AbortController();
  #startFailures = 0;
  #eventsDropped = 0;

  constructor(options: SidecarsOptions) {
    this.#options = options;
    this.#settings = { ...defaultSidecarSettings, ...options.settings };
    this.#now = options.now ?? Date.now;
    this.#gate = new InjectionGate(this.#settings);
    this.#injections = { injected: 0, denied: 0, rights: 0, unsupported: 0, conflict: 0, unavailable: 0 };
  }

  /**
   * The name of the pod's running sidecar, put there if it has none and may have one. Asking twice at once is asking once.
   * Rejects with a `SidecarError`, or with the signal's reason; what was begun goes on then.
   */
  async ensure(pod: PodToReach, idleTtlMs: DurationMs, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    const known = this.#running.get(pod.uid);
    if (known !== undefined) return known;
    let bringing = this.#underWay.get(pod.uid);
    if (!bringing) {
      bringing = this.#bring(pod, idleTtlMs).finally(() => this.#underWay.delete(pod.uid));
      this.#underWay.set(pod.uid, bringing);
    }
    return unlessAborted(bringing, signal);
  }

  /** The sidecar did not answer: the pod is looked at again before it is next asked. */
  lost(uid: string): void {
    this.#running.delete(uid);
  }

  numbers(): SidecarNumbers {
    const { ...injections } = this.#injections;
    return { injections, startFailures: this.#startFailures, eventsDropped: this.#eventsDropped };
  }

  breakers(): OpenSidecarBreaker[] {
    return this.#gate.open();
  }

  /** Ends what is under way; sidecars that run end by themselves when no fetch comes. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#underWay.values());
  }

  async #bring(pod: PodToReach, idleTtlMs: DurationMs): Promise<string> {
    const refused = this.#options.namespaceRefusal(pod.namespace);
    if (refused !== undefined) throw new SidecarError('not-allowed', refused);
    let waited = false;
    try {
      for (let attempt = 0; attempt <= maxConflicts; attempt++) {
        if (attempt > 0) await this.#sleep(100 * attempt);
        const wire = await getPod(this.#options.client, pod, this.#closing.signal);
        const decision = decide(wire, pod.uid, this.#now());
        if (decision.kind === 'use') return this.#works(pod, wire, decision.entry);
        if (decision.kind === 'wait') return await this.#started(pod, decision.entry.name);
        if (decision.kind === 'refused') throw new SidecarError('unsupported', decision.message);
        if (decision.kind !== 'inject') throw new SidecarError(decision.kind, decision.message);
        const trial = waited ? undefined : this.#gate.trial(this.#keysOf(pod, wire, this.#options.image));
        if (trial) {
          await trial;
          waited = true;
          continue;
        }
        const name = await this.#inject(pod, wire, decision.number, idleTtlMs);
        if (name !== undefined) return await this.#started(pod, name);
      }
    } catch (error) {
      throw this.#readError(error, pod);
    } finally {
      this.#gate.left(pod.uid);
    }
    throw new SidecarError(
      'unavailable',
      `the pod changed ${maxConflicts + 1} times while it was to be given a sidecar`,
    );
  }

  /** The name of what was put there; undefined when the pod changed meanwhile. */
  async #inject(pod: PodToReach, wire: WirePod, number: number, idleTtlMs: DurationMs): Promise<string | undefined> {
    const { client, image, by } = this.#options;
    const { signal } = this.#closing;
    const nowMs = this.#now();
    this.#gate.enter(this.#keysOf(pod, wire, image), nowMs);
    const { maxLifeMs } = this.#settings;
    const entry = sidecarEntry({ number, image, by, nowMs, idleTtlMs, maxLifeMs });
    const change = { entry, resourceVersion: wire.metadata?.resourceVersion };
    try {
      await addEphemeralContainer(client, pod, { ...change, dryRun: true }, signal);
      await addEphemeralContainer(client, pod, { ...change, dryRun: false }, signal);
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      return this.#refused(pod, error);
    }
    this.#injections.injected++;
    this.#gate.admitted(pod.namespace);
    this.#tell(pod, wire, number, nowMs);
    return sidecarName(number);
  }

  /** Undefined for a conflict, which is decided anew; throws for all else. */
  #refused(pod: PodToReach, error: KubernetesError): undefined {
    const { kind, message } = readDenial(error);
    if (kind === 'replaced') throw new SidecarError('replaced', message, error);
    this.#injections[kind]++;
    if (kind === 'conflict') return undefined;
    if (kind === 'denied') {
      const reason = `the cluster does not admit the sidecar in namespace ${pod.namespace}: ${message}`;
      const nowMs = this.#now();
      this.#gate.failed('pod', pod.uid, reason, nowMs);
      if (this.#gate.failed('namespace', pod.namespace, reason, nowMs)) {
        this.#options.log.warn(`no more sidecars are tried in this namespace for a while: ${reason}`, {
          namespace: pod.namespace,
          denials: this.#settings.denials,
        });
      }
      throw new SidecarError('denied', reason, error);
    }
    if (kind === 'rights') this.#options.onForbidden?.(pod.namespace);
    throw new SidecarError(kind, message, error);
  }

  /** Waits until it runs, within bounds; one that was put there long ago is looked at once. Other clocks than ours may be ahead. */
  async #started(pod: PodToReach, name: string): Promise<string> {
    const { startTimeoutMs, pollMs } = this.#settings;
    const begunMs = this.#now();
    for (;;) {
      const wire = await getPod(this.#options.client, pod, this.#closing.signal);
      const entry = sidecarsOf(wire).find((each) => each.name === name);
      if (wire.metadata?.uid !== pod.uid || !entry) throw new SidecarError('replaced', 'another pod has its name now');
      if (entry.state.kind === 'running') return this.#works(pod, wire, entry);
      this.#throwIfFailed(pod, wire, entry);
      const waited = this.#now() - Math.min(entry.atMs, begunMs);
      if (waited >= startTimeoutMs) {
        const why = entry.state.kind === 'waiting' && entry.state.reason ? ` (${entry.state.reason})` : '';
        throw new SidecarError(
          'starting',
          `${name} does not run yet, ${Math.round(waited / second)} s after it was put there${why}`,
        );
      }
      await this.#sleep(pollMs);
    }
  }

  #throwIfFailed(pod: PodToReach, wire: WirePod, entry: SidecarEntry): void {
    const { name, image, state } = entry;
    const nowMs = this.#now();
    if (state.kind === 'ended') {
      const reason = `${name} ended at once: ${state.reason || 'no reason given'}, exit code ${state.exitCode}`;
      this.#didNotRun(pod, wire, image, reason, nowMs);
      throw new SidecarError('failed', reason);
    }
    const failure = startFailure(entry);
    if (failure === undefined || state.kind !== 'waiting') return;
    if (failure === 'image') {
      // Told of pods of other namespaces, too, whose readers may not know of this one.
      const reason = `the sidecar's image ${image} does not come: ${state.reason}`;
      const here = `${reason} in pod ${pod.namespace}/${pod.name}`;
      const opened = this.#failedToStart('image', pullKey(image, pod.namespace, wire), reason, nowMs);
      if (opened) this.#warnOfImage(image, here);
      throw new SidecarError('image', here);
    }
    const reason = `${name} cannot be started: ${state.reason}`;
    this.#didNotRun(pod, wire, image, reason, nowMs);
    throw new SidecarError('failed', reason);
  }

  /** The pod is left alone, and after some pods in a row the image, for the entries that it leaves stay for ever. */
  #didNotRun(pod: PodToReach, wire: WirePod, image: string, reason: string, nowMs: UnixMs): void {
    this.#failedToStart('pod', pod.uid, reason, nowMs);
    const why = `the sidecar's image ${image} runs in no pod: ${reason}`;
    if (this.#gate.neverRan(pullKey(image, pod.namespace, wire), why, nowMs)) this.#warnOfImage(image, why);
  }

  #warnOfImage(image: string, reason: string): void {
    this.#options.log.warn(`no more sidecars are tried with this image for a while: ${reason}`, { image });
  }

  #failedToStart(scope: 'image' | 'pod', key: string, reason: string, nowMs: UnixMs): boolean {
    const opened = this.#gate.failed(scope, key, reason, nowMs);
    if (opened) this.#startFailures++;
    return opened;
  }

  #works(pod: PodToReach, wire: WirePod, { name, image, state }: SidecarEntry): string {
    if (state.kind === 'running') this.#gate.runs(this.#keysOf(pod, wire, image), state.sinceMs);
    this.#running.set(pod.uid, name);
    const [oldest] = this.#running.keys();
    if (this.#running.size > maxRemembered && oldest !== undefined) this.#running.delete(oldest);
    return name;
  }

  #keysOf(pod: PodToReach, wire: WirePod, image: string): GateKeys {
    return { pod: pod.uid, namespace: pod.namespace, image: pullKey(image, pod.namespace, wire) };
  }

  /** The line for an audit, and the Event, which is a courtesy: without the right it is dropped. */
  #tell(pod: PodToReach, wire: WirePod, number: number, atMs: UnixMs): void {
    const { client, image, by, log } = this.#options;
    const name = sidecarName(number);
    log.info('a sidecar was put into a pod', {
      audit: 'sidecar-injected',
      namespace: pod.namespace,
      pod: pod.name,
      uid: pod.uid,
      node: wire.spec?.nodeName ?? '',
      container: name,
      image,
      number,
      by,
    });
    const note = `flameherd added ephemeral container ${name} (${image}), ${number} of ${maxSidecarsPerPod}, to fetch profiles from the pod's loopback; its entry stays in the pod's spec.`;
    writeEvent(client, { pod, note, by, atMs }, this.#closing.signal).catch((error: unknown) => {
      if (this.#closing.signal.aborted || ++this.#eventsDropped > 1) return;
      log.warn('no Event could be written about a sidecar; the log line above stands for it', { error: String(error) });
    });
  }

  #readError(error: unknown, { namespace, name }: PodToReach): unknown {
    if (!(error instanceof KubernetesError)) return error;
    const { kind, message } = error;
    if (kind === 'not-found') return new SidecarError('replaced', `pod ${namespace}/${name} is gone`, error);
    if (kind === 'forbidden') this.#options.onForbidden?.(namespace);
    return new SidecarError(
      kind === 'forbidden' ? 'rights' : 'unavailable',
      readDenial(error).message || message,
      error,
    );
  }

  async #sleep(ms: DurationMs): Promise<void> {
    const { signal } = this.#closing;
    await (this.#options.sleep ?? sleepFor)(ms, signal);
  }
}

async function sleepFor(ms: DurationMs, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal });
}

/** The promise, or the reason of the signal if that comes first. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
