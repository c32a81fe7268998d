import type { OpenSidecarBreaker } from '../model/sidecar.ts';
import { type DurationMs, minute, type UnixMs } from '../model/units.ts';
import { Breaker } from './breaker.ts';
import { SidecarError } from './sidecar-error.ts';

export interface GateSettings {
  readonly injectionsPerMinute: number;
  /** Denials in a row after which a namespace is left alone. */
  readonly denials: number;
  /** How long a namespace, an image or a pod that failed is left alone. */
  readonly retryAfterMs: DurationMs;
}

/** What an injection depends on; `image` is a `pullKey`. */
export interface GateKeys {
  readonly pod: string;
  readonly namespace: string;
  readonly image: string;
}

interface Trial {
  readonly pod: string;
  readonly end: PromiseWithResolvers<void>;
}

const scopes = ['pod', 'namespace', 'image'] as const;
/** Pods in a row in which a sidecar did not run, after which it is the image that is left alone: of another platform, say. */
const failedStarts = 3;
const failureOf = { pod: 'failed', namespace: 'denied', image: 'image' } as const;

/** Images that came; one that is forgotten is tried in one pod first again. */
const maxProven = 1_000;

/**
 * Whether a pod may be given a sidecar now: not what failed a short while ago, not too many a minute, and an image that
 * never came in one pod first. It takes ten seconds until a kubelet says that an image does not come, and by then every
 * pod would carry an entry that nobody can remove.
 */
export class InjectionGate {
  readonly #settings: GateSettings;
  readonly #breakers: Readonly<Record<keyof GateKeys, Breaker>>;
  /** Starts that failed, by image. */
  readonly #starts: Breaker;
  readonly #proven = new Set<string>();
  /** Images that never came, and the pod in which each is being tried. */
  readonly #proving = new Map<string, Trial>();
  /** Pods that were let in and have not left. */
  readonly #inside = new Set<string>();
  #recent: UnixMs[] = [];

  constructor(settings: GateSettings) {
    this.#settings = settings;
    const { retryAfterMs: openMs, denials } = settings;
    this.#breakers = {
      image: new Breaker({ failures: 1, openMs }),
      namespace: new Breaker({ failures: denials, openMs }),
      pod: new Breaker({ failures: 1, openMs }),
    };
    this.#starts = new Breaker({ failures: failedStarts, openMs });
  }

  /**
   * Throws a `SidecarError` when it may not; else takes note that it is being tried, until `left`. Who comes again before
   * that, after a conflict, is still on the one try that an open breaker lets through.
   */
  enter(keys: GateKeys, nowMs: UnixMs): void {
    if (!this.#inside.has(keys.pod)) this.#throwIfBlocked(keys, nowMs);
    if (this.trial(keys)) {
      throw new SidecarError(
        'held',
        'its turn comes later: whether the image comes is being tried in another pod first',
      );
    }
    const { injectionsPerMinute: most } = this.#settings;
    this.#recent = this.#recent.filter((atMs) => atMs > nowMs - minute && atMs <= nowMs);
    if (this.#recent.length >= most) {
      const bound = `${most} sidecars a minute are started (transports.ephemeral.injectionsPerMinute)`;
      throw new SidecarError('held', `its turn comes later: ${bound}`);
    }
    this.#recent.push(nowMs);
    // After a conflict the same trial goes on: others wait for its end.
    if (!this.#proven.has(keys.image) && !this.#proving.has(keys.image)) {
      this.#proving.set(keys.image, { pod: keys.pod, end: Promise.withResolvers() });
    }
    this.#inside.add(keys.pod);
    for (const scope of scopes) this.#breakers[scope].trying(keys[scope], nowMs);
  }

  #throwIfBlocked(keys: GateKeys, nowMs: UnixMs): void {
    for (const scope of scopes) {
      const open = this.#breakers[scope].blocked(keys[scope], nowMs);
      if (!open) continue;
      const again = `tried again at ${new Date(open.untilMs).toISOString()}`;
      throw new SidecarError(failureOf[scope], `${open.reason}; ${again}`);
    }
  }

  /** The try in this pod has come to an end, whatever it was. */
  left(pod: string): void {
    this.#inside.delete(pod);
    for (const [image, trial] of this.#proving) {
      if (trial.pod !== pod) continue;
      this.#proving.delete(image);
      trial.end.resolve();
    }
  }

  /** While an image that never came is being tried in another pod: resolves when that is over. */
  trial({ image, pod }: GateKeys): Promise<void> | undefined {
    const trial = this.#proven.has(image) ? undefined : this.#proving.get(image);
    return trial && trial.pod !== pod ? trial.end.promise : undefined;
  }

  /** True when this failure is the one from which on it is left alone. */
  failed(scope: keyof GateKeys, key: string, reason: string, nowMs: UnixMs): boolean {
    if (scope === 'image') this.#proven.delete(key);
    return this.#breakers[scope].failed(key, reason, nowMs);
  }

  /** An image came and did not run. True when it has run in none of so many pods that it is left alone from now on. */
  neverRan(image: string, reason: string, nowMs: UnixMs): boolean {
    this.#starts.failed(image, reason, nowMs);
    return this.#starts.find(image) !== undefined && this.failed('image', image, reason, nowMs);
  }

  admitted(namespace: string): void {
    this.#breakers.namespace.succeeded(namespace);
  }

  /** A sidecar runs since `sinceMs`. One that has run since before a failed pull proves nothing about pulling now. */
  runs({ pod, image }: GateKeys, sinceMs: UnixMs): void {
    this.#breakers.pod.succeeded(pod);
    this.#starts.succeeded(image);
    const failed = this.#breakers.image.find(image);
    if (failed && sinceMs <= failed.sinceMs) return;
    this.#breakers.image.succeeded(image);
    this.#proven.add(image);
    const [oldest] = this.#proven;
    if (this.#proven.size > maxProven && oldest !== undefined) this.#proven.delete(oldest);
  }

  open(): OpenSidecarBreaker[] {
    return scopes.flatMap((scope) => this.#breakers[scope].open().map((open) => ({ ...open, scope })));
  }
}
