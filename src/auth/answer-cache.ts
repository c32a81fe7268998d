import { LRUCache } from 'lru-cache';
import type { DurationMs, UnixMs } from '../model/units.ts';

interface Kept<T> {
  readonly value: T;
  /** When it was asked for. */
  readonly askedMs: UnixMs;
}

/** Answers of the API server with their age; the longest unused makes room. How old an answer may be says who asks. */
export class AnswerCache<T> {
  readonly max: number;
  readonly #now: () => UnixMs;
  readonly #kept: LRUCache<string, Kept<T>>;

  constructor(max: number, now: () => UnixMs) {
    this.max = max;
    this.#now = now;
    this.#kept = new LRUCache({ max });
  }

  get size(): number {
    return this.#kept.size;
  }

  /** However old. */
  last(key: string): T | undefined {
    return this.#kept.get(key)?.value;
  }

  /** The last answer, if it stands: for so long from when it was asked for. After a clock that was set back it does not. */
  fresh(key: string, standsForMs: (value: T) => DurationMs): T | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    const ageMs = this.#now() - kept.askedMs;
    return ageMs >= 0 && ageMs < standsForMs(kept.value) ? kept.value : undefined;
  }

  put(key: string, value: T, askedMs: UnixMs): void {
    this.#kept.set(key, { value, askedMs });
  }

  delete(key: string): void {
    this.#kept.delete(key);
  }
}
