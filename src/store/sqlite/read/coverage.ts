import type { Coverage, SecondRange } from '../../profile-store.ts';
import { secondsOfUnion, unionOf } from '../../standing.ts';

/** Adds up what an answer is made of, by process. */
export class CoverageSum {
  #profiles = 0;
  #spanMs = 0;
  #trimmed = 0;
  /** When each process was observed: ranges that touch the one before lengthen it. */
  readonly #observed = new Map<number, { from: number; to: number }[]>();
  #lastProcess = -1;
  #lastRanges: { from: number; to: number }[] = [];

  /** Profiles stamped in the window. */
  addProfiles(process: number, profiles: number, spanMs: number): void {
    this.#rangesOf(process);
    this.#profiles += profiles;
    this.#spanMs += spanMs;
  }

  addTrimmed(samples: number): void {
    this.#trimmed += samples;
  }

  /** Seconds in which a process was observed; never empty. */
  addObserved(process: number, from: number, to: number): void {
    const ranges = this.#rangesOf(process);
    const last = ranges.at(-1);
    if (last && from <= last.to && from >= last.from) last.to = Math.max(last.to, to);
    else ranges.push({ from, to });
  }

  /** Time in which at least one process was observed, and the same summed over processes. */
  result(): Omit<Coverage, 'window' | 'resolution' | 'warnings' | 'partial'> {
    const all: SecondRange[] = [];
    let processSeconds = 0;
    for (const ranges of this.#observed.values()) {
      const union = unionOf(ranges);
      processSeconds += secondsOfUnion(union);
      all.push(...union);
    }
    return {
      profiles: this.#profiles,
      processes: this.#observed.size,
      observedSeconds: secondsOfUnion(all),
      processSeconds,
      profiledSeconds: this.#spanMs / 1000,
      trimmed: this.#trimmed,
    };
  }

  #rangesOf(process: number): { from: number; to: number }[] {
    if (process === this.#lastProcess) return this.#lastRanges;
    const ranges = this.#observed.get(process) ?? [];
    this.#observed.set(process, ranges);
    [this.#lastProcess, this.#lastRanges] = [process, ranges];
    return ranges;
  }
}
