import type { Gate } from '../../model/growth.ts';
import { humanValue } from '../../model/human-value.ts';

/**
 * How a series is asked: one condition after the other, up to the first that fails. The detector runs with a `GateCounter` on
 * every series, and a second time with a `GateRecorder` on the one that came furthest, so that what is told is what was tested.
 */
export interface Probe {
  /** Conditions met so far. */
  readonly passed: number;
  /** Whether the value is at least what is needed; false for NaN. */
  atLeast(gate: GateName, value: number, needed: number, unit?: GateUnit): boolean;
  atMost(gate: GateName, value: number, allowed: number, unit?: GateUnit): boolean;
}

/** `level` is bytes, or a count of goroutines. */
export type GateUnit = 'level' | 'rate' | 'count' | 'ratio' | 'buckets';

/** What each condition is about; what was measured and needed comes before it. docs/ALERTING.md lists them. */
export const gateWords = {
  profiles: 'profiles in this bucket',
  age: 'age of the process',
  floors: 'buckets with profiles in the window',
  rise: 'between the begin and the end of the window',
  fall: 'the deepest fall inside the window',
  'line-over-step': 'error of a straight line, as a share of that of a single step',
  'line-over-ramp': 'error of a line that goes on, as a share of that of a ramp that is over',
  trend: "Mann-Kendall's z: how sure it is that the values rise",
  order: "Kendall's tau: how much of the order rises",
  slope: 'the lower bound of the slope, by bucket',
  growth: 'slope over the window',
  noise: 'growth over the window, against the noise of sampling',
  'last-third': 'slope of the last third, as a share of the whole: what flattens out is a warm-up',
  thirds: 'slope of the first two thirds, as a share of the whole',
  'second-third': 'rise to the second third',
  'newest-hour': 'the newest hour above the last third',
  held: 'evaluations in a row',
  'whole-heap': 'rise of the whole heap: memory that only moves between functions is no growth',
  yesterday: 'above the same clock time yesterday',
  'held-since-yesterday':
    'the least difference to yesterday in a day: a step, or a busier day, has it for a part of it only',
  'step-since-yesterday': 'the largest rise within 90 minutes, of the difference to yesterday',
  seen: 'above all that this process held before',
  plateau: 'the level, against one that was held in health before',
  before: 'above the level at this clock time that other processes held in health',
  ratio: 'the rate, as a multiple of the one before',
  increase: 'more than before',
  share: 'the increase as a share of what the process allocates',
} as const;

export type GateName = keyof typeof gateWords;

export class GateCounter implements Probe {
  passed = 0;

  atLeast(_gate: GateName, value: number, needed: number): boolean {
    if (!(value >= needed)) return false;
    this.passed++;
    return true;
  }

  atMost(_gate: GateName, value: number, allowed: number): boolean {
    if (!(value <= allowed)) return false;
    this.passed++;
    return true;
  }
}

export class GateRecorder implements Probe {
  readonly gates: Gate[] = [];
  readonly #level: 'bytes' | 'count';
  readonly #bucketMs: number;

  constructor(level: 'bytes' | 'count', bucketMs: number) {
    this.#level = level;
    this.#bucketMs = bucketMs;
  }

  get passed(): number {
    return this.gates.filter(({ passed }) => passed).length;
  }

  atLeast(gate: GateName, value: number, needed: number, unit: GateUnit = 'ratio'): boolean {
    return this.#add(
      gate,
      value >= needed,
      value,
      needed,
      `${this.#words(value, unit)} of ${this.#words(needed, unit)}`,
    );
  }

  atMost(gate: GateName, value: number, allowed: number, unit: GateUnit = 'ratio'): boolean {
    const text = `${this.#words(value, unit)}, at most ${this.#words(allowed, unit)}`;
    return this.#add(gate, value <= allowed, value, allowed, text);
  }

  #add(name: GateName, passed: boolean, value: number, needed: number, numbers: string): boolean {
    this.gates.push({
      name,
      passed,
      text: `${numbers}: ${gateWords[name]}`,
      ...(Number.isFinite(value) ? { value } : {}),
      ...(Number.isFinite(needed) ? { needed } : {}),
    });
    return passed;
  }

  #words(value: number, unit: GateUnit): string {
    if (!Number.isFinite(value)) return 'unknown';
    if (unit === 'level') return humanValue(Math.round(value), this.#level);
    if (unit === 'rate') return humanValue(Math.round(value), `${this.#level}/s`);
    if (unit === 'buckets') return humanValue(value * this.#bucketMs * 1e6, 'nanoseconds');
    return unit === 'count' ? String(Math.round(value)) : value.toFixed(2);
  }
}
