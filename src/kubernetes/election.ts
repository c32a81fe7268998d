import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../model/errors.ts';
import { type DurationMs, second, type UnixMs } from '../model/units.ts';
import type { KubernetesClient } from './client.ts';
import { KubernetesError } from './errors.ts';
import { createLease, type LeaseRecord, readLease, updateLease } from './lease.ts';

export interface ElectionTiming {
  /** A Lease that was not renewed for so long is free. */
  readonly durationMs: DurationMs;
  /** Between two renewals of the holder. */
  readonly renewMs: DurationMs;
  /** Between two looks of the others. */
  readonly retryMs: DurationMs;
}

/** A killed holder is followed within 15 + 2 × 3 s. */
const defaultElectionTiming: ElectionTiming = {
  durationMs: 15 * second,
  renewMs: 5 * second,
  retryMs: 3 * second,
};

export interface ElectionOptions {
  readonly client: KubernetesClient;
  readonly namespace: string;
  readonly name: string;
  /** Names us among all collectors: the pod's name with something that a namesake has not. */
  readonly identity: string;
  readonly timing?: ElectionTiming;
  readonly now?: () => UnixMs;
  /** Milliseconds of a clock that is never set; by default the process's. */
  readonly monotonic?: () => DurationMs;
  readonly onChange?: (state: ElectionState) => void;
  /** A 403: the right is missing, and nobody can be elected. */
  readonly onForbidden?: (error: KubernetesError) => void;
}

export type ElectionState =
  /** Nothing is known yet: the API server was not reached since the start. */
  | { readonly kind: 'unknown'; readonly problem: string }
  | { readonly kind: 'holding'; readonly sinceMs: UnixMs; readonly problem: string }
  | { readonly kind: 'waiting'; readonly holder: string; readonly problem: string };

/**
 * Holds a Lease, or waits for it. The rules are those of Kubernetes' own leader election: whether a Lease is live is
 * judged by when *we* last saw it change, by our own clock that is never set, so that clocks which differ do no harm; a
 * write names the version it has seen, so of two racers one wins.
 *
 * One rule differs. A holder that cannot reach the API server goes on holding: the others most likely cannot reach it
 * either, and a gap in everybody's profiles is worse than a moment with two collectors. It stands back as soon as it sees
 * that somebody else has taken the Lease.
 */
export class Election implements AsyncDisposable {
  readonly #options: ElectionOptions;
  readonly #timing: ElectionTiming;
  readonly #now: () => UnixMs;
  readonly #monotonic: () => DurationMs;
  readonly #stop = new AbortController();
  #state: ElectionState = { kind: 'unknown', problem: 'the Lease was not read yet' };
  /** The Lease as last seen, and when its version was first seen. */
  #seen: { readonly lease: LeaseRecord; readonly atMs: DurationMs } | undefined;
  #running: Promise<void> | undefined;

  constructor(options: ElectionOptions) {
    this.#options = options;
    this.#timing = options.timing ?? defaultElectionTiming;
    this.#now = options.now ?? Date.now;
    this.#monotonic = options.monotonic ?? (() => performance.now());
  }

  get state(): ElectionState {
    return this.#state;
  }

  /** Takes part from now on. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Takes part no longer; a Lease that we hold is given back, so that the next one need not wait. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
    if (this.#state.kind === 'holding' && this.#seen) await this.#giveBack(this.#seen.lease);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#round(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#failed(error);
      }
      const waitMs = this.#state.kind === 'holding' ? this.#timing.renewMs : this.#timing.retryMs;
      await sleep(waitMs, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  /** One look at the Lease, and at most one write. */
  async #round(signal: AbortSignal): Promise<void> {
    const { client, namespace, name, identity } = this.#options;
    const request = AbortSignal.any([signal, AbortSignal.timeout(this.#timing.durationMs)]);
    const lease = await readLease(client, namespace, name, request);
    if (lease === undefined) {
      this.#note(await createLease(client, namespace, name, this.#claim(0, true), request));
      return this.#hold();
    }
    this.#note(lease);
    if (lease.holder !== identity && !this.#isFree(lease)) return this.#wait(lease.holder);
    const takes = lease.holder !== identity;
    const claim = this.#claim(lease.transitions + (takes ? 1 : 0), takes);
    this.#note(await updateLease(client, lease, claim, request));
    return this.#hold();
  }

  #isFree(lease: LeaseRecord): boolean {
    if (lease.holder === '') return true;
    const unchangedMs = this.#monotonic() - (this.#seen?.atMs ?? this.#monotonic());
    return unchangedMs >= lease.durationMs;
  }

  #note(lease: LeaseRecord): void {
    if (this.#seen?.lease.version !== lease.version) this.#seen = { lease, atMs: this.#monotonic() };
  }

  #claim(transitions: number, takes: boolean) {
    const renewedMs = this.#now();
    return {
      holder: this.#options.identity,
      durationMs: this.#timing.durationMs,
      transitions,
      acquiredMs: takes ? renewedMs : undefined,
      renewedMs,
    };
  }

  #failed(error: unknown): void {
    const problem = messageOf(error);
    // Somebody was quicker: the next look tells who.
    if (error instanceof KubernetesError && error.kind === 'conflict') return;
    if (error instanceof KubernetesError && error.kind === 'forbidden') this.#options.onForbidden?.(error);
    this.#become({ ...this.#state, problem });
  }

  #hold(): void {
    const sinceMs = this.#state.kind === 'holding' ? this.#state.sinceMs : this.#now();
    this.#become({ kind: 'holding', sinceMs, problem: '' });
  }

  #wait(holder: string): void {
    this.#become({ kind: 'waiting', holder, problem: '' });
  }

  #become(state: ElectionState): void {
    const before = this.#state;
    this.#state = state;
    const same =
      before.kind === state.kind &&
      before.problem === state.problem &&
      (before.kind !== 'waiting' || state.kind !== 'waiting' || before.holder === state.holder);
    if (!same) this.#options.onChange?.(state);
  }

  async #giveBack(lease: LeaseRecord): Promise<void> {
    const claim = { ...this.#claim(lease.transitions, false), holder: '', durationMs: second };
    try {
      await updateLease(this.#options.client, lease, claim, AbortSignal.timeout(2 * second));
    } catch {
      // It runs out by itself.
    }
  }
}
