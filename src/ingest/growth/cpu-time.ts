import type { DurationMs, UnixMs } from '../../model/units.ts';
import { mostIntervals } from '../../store/standing.ts';
import type { LiveProcess } from './live-process.ts';
import type { ObservedProfile } from './observation.ts';

/**
 * The time of processes that a CPU profile speaks for, so that the rate of what is counted is cores: its own process' since the
 * profile before it, 2.5 intervals at most, and never less than it lasted.
 *
 *     profiles of 10 s    ▐██▌          ▐██▌          ▐██▌
 *     speaks for                ├────────────┤├────────────┤
 *
 * Where CPU is profiled on some processes in turn, it speaks as well for those that were not profiled yet, and for what was
 * left open of those that ended.
 */
export class CpuTime {
  readonly #beganMs: UnixMs;
  readonly #samplesReplicas: boolean;

  /** Nothing is counted of the time before `beganMs`: counters before it belong to an earlier daemon. */
  constructor(beganMs: UnixMs, samplesReplicas: boolean) {
    this.#beganMs = beganMs;
    this.#samplesReplicas = samplesReplicas;
  }

  /** How long a profile speaks for, over all processes; it is counted as that from here on. */
  spokenFor(observed: ObservedProfile, process: LiveProcess, pool: CpuPool): DurationMs {
    const { stampMs, spanMs, intervalMs } = observed;
    const endMs = stampMs + spanMs;
    const mostMs = mostIntervals * intervalMs;
    // Others may have spoken for all of it.
    const isCounted = process.cpuUntilMs !== undefined && !process.hasOwnCpu;
    const own = Math.max(isCounted ? 0 : spanMs, this.#open(process, endMs, mostMs));
    // What comes late must not be counted again with the next.
    process.cpuUntilMs = Math.max(endMs, process.cpuUntilMs ?? endMs);
    process.hasOwnCpu = true;
    if (!this.#samplesReplicas) return own;
    let others = Math.min(pool.leftMs, mostMs);
    pool.leftMs = 0;
    for (const other of pool.processes) {
      if (other.hasOwnCpu || other.firstMs === undefined) continue;
      others += this.#open(other, Math.min(endMs, other.aliveUntilMs, other.endMs ?? Infinity), mostMs);
      other.cpuUntilMs = Math.max(endMs, other.cpuUntilMs ?? 0);
    }
    return own + others;
  }

  /** A process is over: what was not counted of it is for the next profile of its workload to speak for. */
  ended(process: LiveProcess, pool: CpuPool): void {
    if (!this.#samplesReplicas || process.cpuUntilMs === undefined) return;
    pool.leftMs += this.#open(process, Math.min(process.endMs ?? Infinity, process.aliveUntilMs), Infinity);
    process.cpuUntilMs = Infinity;
  }

  #open(process: LiveProcess, untilMs: UnixMs, mostMs: DurationMs): DurationMs {
    const since = process.cpuUntilMs ?? Math.max(this.#beganMs, process.startedMs ?? process.firstMs ?? untilMs);
    return Math.min(mostMs, Math.max(0, untilMs - since));
  }
}

/** The processes of a workload, and what is left of those that ended. */
export interface CpuPool {
  readonly processes: Iterable<LiveProcess>;
  leftMs: DurationMs;
}
