import { type DurationMs, second } from '../model/units.ts';
import { type ProbeFetch, type ProbeRequest, type ProbeResult, probe } from './probe.ts';

/** Results that are kept; the oldest are forgotten first. */
export const maxProbeResults = 20_000;
/** Containers probed at the same time. */
export const maxProbesInFlight = 8;
/** A container that answers on no port at all may be starting still: it is asked again after these pauses. */
export const probeRetries: readonly DurationMs[] = [5 * second, 15 * second, 45 * second];

interface Waiting {
  readonly request: ProbeRequest;
  readonly attempt: number;
  readonly done: () => void;
}

/** Makes probes, each (workload, container, image) once, and remembers what they found. */
export class ProbeBook {
  readonly #fetch: ProbeFetch;
  readonly #results = new Map<string, ProbeResult>();
  /** Keys that are queued, asked, or waiting to be asked again. */
  readonly #open = new Set<string>();
  readonly #queue: Waiting[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #retries: readonly DurationMs[];
  #inFlight = 0;

  constructor(fetch: ProbeFetch, retries: readonly DurationMs[] = probeRetries) {
    this.#fetch = fetch;
    this.#retries = retries;
  }

  result(key: string): ProbeResult | undefined {
    return this.#results.get(key);
  }

  /** Asks unless that was done or is being done; `done` is called once there is a result. */
  ask(request: ProbeRequest, done: () => void, signal: AbortSignal): void {
    if (signal.aborted || this.#results.has(request.key) || this.#open.has(request.key)) return;
    this.#open.add(request.key);
    this.#enqueue({ request, attempt: 0, done }, signal);
  }

  /** Drops what has not been asked yet. */
  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#queue.length = 0;
    this.#open.clear();
  }

  #enqueue(waiting: Waiting, signal: AbortSignal): void {
    this.#queue.push(waiting);
    this.#pump(signal);
  }

  #pump(signal: AbortSignal): void {
    while (this.#inFlight < maxProbesInFlight && !signal.aborted) {
      const next = this.#queue.shift();
      if (!next) return;
      this.#inFlight++;
      void this.#make(next, signal).finally(() => {
        this.#inFlight--;
        this.#pump(signal);
      });
    }
  }

  async #make(waiting: Waiting, signal: AbortSignal): Promise<void> {
    let answered = false;
    const watched: ProbeFetch = async (...args) => {
      const reply = await this.#fetch(...args).catch(() => undefined);
      answered ||= reply !== undefined;
      return reply;
    };
    const result = await probe(waiting.request, watched, signal);
    if (signal.aborted) return;
    const pause = this.#retries[waiting.attempt];
    if (!answered && pause !== undefined) this.#again(waiting, pause, signal);
    else this.#settle(waiting, result);
  }

  #again({ request, attempt, done }: Waiting, pauseMs: DurationMs, signal: AbortSignal): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#enqueue({ request, attempt: attempt + 1, done }, signal);
    }, pauseMs);
    timer.unref();
    this.#timers.add(timer);
  }

  #settle({ request: { key }, done }: Waiting, result: ProbeResult): void {
    this.#open.delete(key);
    this.#results.set(key, result);
    const [oldest] = this.#results.keys();
    if (this.#results.size > maxProbeResults && oldest !== undefined) this.#results.delete(oldest);
    done();
  }
}
