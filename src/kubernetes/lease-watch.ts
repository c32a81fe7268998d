import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../model/errors.ts';
import { type DurationMs, second } from '../model/units.ts';
import type { KubernetesClient } from './client.ts';
import { KubernetesError } from './errors.ts';
import { type LeaseRecord, listLeases } from './lease.ts';

export interface LeaseWatchOptions {
  readonly client: KubernetesClient;
  /** Where to look; undefined: in all namespaces, or where that is forbidden in `flameherd`. */
  readonly namespace?: string | undefined;
  readonly everyMs?: DurationMs;
  readonly monotonic?: () => DurationMs;
  readonly onChange?: (live: LeaseRecord | undefined) => void;
}

const usualNamespace = 'flameherd';

/**
 * Looks for a Lease that another collector keeps alive, and writes nothing. A Lease counts as live until it was seen
 * unchanged for its whole duration by our own clock, so one that was left behind costs that long once.
 */
export class LeaseWatch implements AsyncDisposable {
  readonly #options: LeaseWatchOptions;
  readonly #monotonic: () => DurationMs;
  readonly #stop = new AbortController();
  readonly #seen = new Map<string, { readonly version: string; readonly atMs: DurationMs }>();
  #running: Promise<void> | undefined;
  #live: LeaseRecord | undefined;
  #wasRead = false;
  #problem: string | undefined;

  constructor(options: LeaseWatchOptions) {
    this.#options = options;
    this.#monotonic = options.monotonic ?? (() => performance.now());
  }

  /** Whether the Leases were read, or found to be out of our rights. */
  get wasRead(): boolean {
    return this.#wasRead;
  }

  get live(): LeaseRecord | undefined {
    return this.#live;
  }

  /** Why the Leases cannot be read, if they cannot. */
  get problem(): string | undefined {
    return this.#problem;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        this.#take(await this.#list(signal));
      } catch (error) {
        if (signal.aborted) return;
        this.#problem = `Leases cannot be read: ${messageOf(error)}`;
        if (error instanceof KubernetesError && error.kind === 'forbidden') this.#giveUp();
      }
      await sleep(this.#options.everyMs ?? 5 * second, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  /** What may not be read, or no longer, does not keep us waiting. */
  #giveUp(): void {
    const isNews = !this.#wasRead || this.#live !== undefined;
    this.#wasRead = true;
    this.#live = undefined;
    if (isNews) this.#options.onChange?.(undefined);
  }

  async #list(signal: AbortSignal): Promise<LeaseRecord[]> {
    const { client, namespace } = this.#options;
    try {
      return await listLeases(client, namespace, signal);
    } catch (error) {
      const mayTryOne = namespace === undefined && error instanceof KubernetesError && error.kind === 'forbidden';
      if (!mayTryOne) throw error;
      return await listLeases(client, usualNamespace, signal);
    }
  }

  #take(leases: readonly LeaseRecord[]): void {
    const nowMs = this.#monotonic();
    const before = this.#live;
    const held = leases.filter(({ holder }) => holder !== '');
    for (const lease of held) {
      const key = `${lease.namespace}/${lease.name}`;
      if (this.#seen.get(key)?.version !== lease.version) this.#seen.set(key, { version: lease.version, atMs: nowMs });
    }
    this.#live = held.find((lease) => {
      const atMs = this.#seen.get(`${lease.namespace}/${lease.name}`)?.atMs ?? nowMs;
      return nowMs - atMs < lease.durationMs;
    });
    const first = !this.#wasRead;
    this.#wasRead = true;
    this.#problem = undefined;
    if (first || before?.holder !== this.#live?.holder) this.#options.onChange?.(this.#live);
  }
}
