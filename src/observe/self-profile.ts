import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BroadcastChannel } from 'node:worker_threads';
import { FlameherdError } from '../model/errors.ts';
import { mergeThreads, type ThreadProfile } from './own-profile.ts';
import { type SelfProfileAsk, type SelfProfileMessage, selfProfileChannel } from './self-profile-protocol.ts';
import { threadProfiler } from './thread-profiler.ts';

/** Profiles of the daemon itself: gzipped pprof of the main thread and of every worker that called `joinSelfProfile`. */
export interface SelfProfiler {
  /**
   * CPU over `seconds`, in which the program goes on. One at a time: a second caller gets `busy` with Go's sentence. Rejects
   * with the reason of `signal` when that aborts, and profiles no longer.
   */
  cpu(seconds: number, signal: AbortSignal): Promise<Uint8Array>;
  /** What V8 holds in use now, sampled by where it was allocated. */
  heap(): Promise<Uint8Array>;
}

/** Go's words, which scrapers know. */
export const cpuBusyMessage = 'Could not enable CPU profiling: cpu profiling already in use';

/** Cut off from the names of files in profiles of our own. */
export const sourceRoot = fileURLToPath(new URL('../../', import.meta.url));

/** How long a thread that is busy with one long piece of work may keep the others waiting. */
const stragglerMs = 2000;

/** Starts heap sampling in this thread; workers begin with theirs. Make one per process, in the main thread, and dispose of it. */
export function createSelfProfiler(): SelfProfiler & Disposable {
  return new ThreadsProfiler();
}

class ThreadsProfiler implements SelfProfiler, Disposable {
  readonly #channel = new BroadcastChannel(selfProfileChannel);
  /** Workers by thread id. */
  readonly #workers = new Map<number, string>();
  readonly #collections = new Map<number, Collection>();
  #nextId = 1;
  #cpuRunning = false;

  constructor() {
    this.#channel.onmessage = ({ data }) => this.#hear(data as SelfProfileMessage);
    this.#channel.unref();
    threadProfiler.startHeap();
    this.#ask({ to: 'workers', kind: 'who' });
  }

  async cpu(seconds: number, signal: AbortSignal): Promise<Uint8Array> {
    if (this.#cpuRunning) throw new FlameherdError('busy', cpuBusyMessage);
    signal.throwIfAborted();
    this.#cpuRunning = true;
    const id = this.#nextId++;
    try {
      const startMs = Date.now();
      const startedAt = performance.now();
      this.#ask({ to: 'workers', kind: 'cpu-start', id, seconds });
      threadProfiler.startCpu(seconds);
      await delay(seconds * 1000, undefined, { signal });
      const others = this.#collect({ to: 'workers', kind: 'cpu-stop', id });
      const durationMs = performance.now() - startedAt;
      const main = threadProfiler.stopCpu();
      return this.#merge('cpu', main, await others, startMs, durationMs);
    } catch (error) {
      this.#ask({ to: 'workers', kind: 'cpu-discard', id });
      threadProfiler.stopCpu();
      signal.throwIfAborted();
      throw error;
    } finally {
      this.#cpuRunning = false;
    }
  }

  async heap(): Promise<Uint8Array> {
    const others = this.#collect({ to: 'workers', kind: 'heap', id: this.#nextId++ });
    return this.#merge('heap', threadProfiler.heap(), await others, Date.now(), 0);
  }

  [Symbol.dispose](): void {
    threadProfiler.stopCpu();
    threadProfiler.stopHeap();
    for (const { finish } of this.#collections.values()) finish();
    this.#channel.close();
  }

  #merge(
    kind: 'cpu' | 'heap',
    main: Uint8Array | undefined,
    { parts, missing }: Collected,
    startMs: number,
    durationMs: number,
  ): Uint8Array {
    const all = main ? [{ thread: 'main', bytes: main }, ...parts] : parts;
    return mergeThreads(all, { kind, startMs, durationMs, root: sourceRoot, missing });
  }

  /** Asks all workers and waits for those we know of, but no longer than for a straggler. */
  async #collect(ask: SelfProfileAsk & { readonly id: number }): Promise<Collected> {
    const parts: ThreadProfile[] = [];
    const waitingFor = new Map(this.#workers);
    if (waitingFor.size === 0) return { parts, missing: [] };
    const { promise: all, resolve: finish } = Promise.withResolvers<void>();
    this.#collections.set(ask.id, { parts, waitingFor, finish });
    this.#ask(ask);
    const giveUp = setTimeout(finish, stragglerMs);
    await all;
    clearTimeout(giveUp);
    this.#collections.delete(ask.id);
    // A thread that was terminated says nothing. One that was only busy is known again as soon as it speaks.
    for (const threadId of waitingFor.keys()) this.#workers.delete(threadId);
    return { parts, missing: [...waitingFor.values()] };
  }

  #ask(ask: SelfProfileAsk): void {
    this.#channel.postMessage(ask);
  }

  #hear(message: SelfProfileMessage): void {
    if (message.to !== 'main') return;
    if (message.kind === 'gone') this.#workers.delete(message.threadId);
    else this.#workers.set(message.threadId, message.thread);
    if (message.kind === 'here') return;
    const collections = message.kind === 'gone' ? [...this.#collections.values()] : [this.#collections.get(message.id)];
    for (const collection of collections) {
      if (!collection) continue;
      if (message.kind === 'profile' && message.bytes) {
        collection.parts.push({ thread: message.thread, bytes: message.bytes });
      }
      collection.waitingFor.delete(message.threadId);
      if (collection.waitingFor.size === 0) collection.finish();
    }
  }
}

/** Answers that are being waited for. */
interface Collection {
  readonly parts: ThreadProfile[];
  readonly waitingFor: Map<number, string>;
  readonly finish: () => void;
}

interface Collected {
  readonly parts: readonly ThreadProfile[];
  /** The names of threads that did not answer in time. */
  readonly missing: readonly string[];
}
