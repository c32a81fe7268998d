import type { DurationMs, UnixMs } from '../model/units.ts';

export interface BreakerOptions {
  /** Failures in a row that open it. */
  readonly failures: number;
  /** How long it stays open; then one try is let through. */
  readonly openMs: DurationMs;
  /** The most things it remembers; the one that failed longest ago goes first: default 10,000. */
  readonly maxKeys?: number;
}

/** Why nothing is tried for a key. */
export interface OpenBreaker {
  readonly key: string;
  readonly sinceMs: UnixMs;
  /** When the next try is let through. */
  readonly untilMs: UnixMs;
  readonly reason: string;
}

interface Kept {
  readonly failures: number;
  readonly sinceMs: UnixMs;
  readonly untilMs: UnixMs;
  readonly reason: string;
}

const defaultMaxKeys = 10_000;

/**
 * Stops trying what failed, by key: open after so many failures in a row, closed by one success. Once its time is over one
 * try is let through; the next one after a further time, unless that one succeeded.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  readonly #kept = new Map<string, Kept>();

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  /** Why this may not be tried now; undefined: go ahead, and say so by `trying`. */
  blocked(key: string, nowMs: UnixMs): OpenBreaker | undefined {
    const open = this.find(key);
    return open && nowMs < open.untilMs ? open : undefined;
  }

  /** Takes note of a try: while it is open, nobody else tries for as long again. */
  trying(key: string, nowMs: UnixMs): void {
    const kept = this.#kept.get(key);
    if (kept && this.#isOpen(kept)) this.#keep(key, { ...kept, untilMs: nowMs + this.#options.openMs });
  }

  /** True when this failure opened it. One that is open stays as it is: what is seen again is no new try. */
  failed(key: string, reason: string, nowMs: UnixMs): boolean {
    const before = this.#kept.get(key);
    if (before && this.#isOpen(before)) return false;
    const failures = (before?.failures ?? 0) + 1;
    const kept = { failures, reason, sinceMs: nowMs, untilMs: nowMs + this.#options.openMs };
    this.#keep(key, kept);
    return this.#isOpen(kept);
  }

  succeeded(key: string): void {
    this.#kept.delete(key);
  }

  /** Whether it is open, its time over or not. */
  find(key: string): OpenBreaker | undefined {
    const kept = this.#kept.get(key);
    return kept && this.#isOpen(kept) ? openOf(key, kept) : undefined;
  }

  /** All that are open. */
  open(): OpenBreaker[] {
    return [...this.#kept].flatMap(([key, kept]) => (this.#isOpen(kept) ? [openOf(key, kept)] : []));
  }

  #isOpen({ failures }: Kept): boolean {
    return failures >= this.#options.failures;
  }

  #keep(key: string, kept: Kept): void {
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > (this.#options.maxKeys ?? defaultMaxKeys) && oldest !== undefined) this.#kept.delete(oldest);
  }
}

function openOf(key: string, { sinceMs, untilMs, reason }: Kept): OpenBreaker {
  return { key, sinceMs, untilMs, reason };
}
