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

/** A condition as a sentence, of what was measured and what it is held against: true whether it is met or not. */
type Sentence = (value: string, needed: string) => string;

/** What each condition says. docs/ALERTING.md lists them. */
export const gateWords = {
  profiles: () => 'no profile of it came in this bucket',
  age: (value, needed) => `the process is ${value} old, and judged from ${needed} on`,
  floors: (value, needed) => `${value} buckets of the window have profiles, ${needed} are needed`,
  rise: (value, needed) => `from the begin to the end of the window it rises by ${value}, ${needed} is needed`,
  fall: (value, allowed) => `its deepest fall inside the window is ${value}, at most ${allowed} is allowed`,
  'line-over-step': (value, allowed) =>
    `a straight line has ${value} of the error of a single step, at most ${allowed} is allowed`,
  'line-over-ramp': (value, allowed) =>
    `a line that goes on has ${value} of the error of a ramp that is over, at most ${allowed} is allowed`,
  trend: (value, needed) =>
    `how sure it is that the values rise, Mann-Kendall's z, is ${value}, and ${needed} is needed`,
  order: (value, needed) => `how much of the order rises, Kendall's tau, is ${value}, and ${needed} is needed`,
  slope: (value, needed) => `the lower bound of the slope is ${value} a bucket, more than ${needed} is needed`,
  growth: (value, needed) => `by its slope it grows by ${value} over the window, ${needed} is needed`,
  noise: (value, needed) => `it grows by ${value} over the window, ${needed} is needed against the noise of sampling`,
  'last-third': (value, needed) =>
    `the last third has ${value} of the slope before, ${needed} is needed: what flattens out is a warm-up`,
  thirds: (value, needed) => `the first two thirds have ${value} of the slope of the whole, ${needed} is needed`,
  'second-third': (value, needed) => `to the second third it rises by ${value}, ${needed} is needed`,
  'newest-hour': (value, needed) => `the newest hour is ${value} above the last third, ${needed} is needed`,
  held: (value, needed) => `it was so in ${value} evaluations in a row, ${needed} are needed`,
  'whole-heap': (value, needed) =>
    `the whole heap rises by ${value}, ${needed} is needed: memory that only moves between functions is no growth`,
  yesterday: (value, needed) => `it is ${value} above the same clock time yesterday, ${needed} is needed`,
  'held-since-yesterday': (value, needed) =>
    `for a day it was at least ${value} above the day before, ${needed} is needed: a step, or a busier day, is above it for a part of the day only`,
  'step-since-yesterday': (value, allowed) =>
    `the difference to yesterday rises within 90 minutes by ${value}, at most ${allowed} is allowed`,
  seen: (value, needed) => `it is ${value} above all that this process held before, ${needed} is needed`,
  plateau: (value, needed) => `it holds ${value}, and ${needed} is needed after a level that was held in health before`,
  before: (value, needed) =>
    `it holds ${value}, and ${needed} is needed after what others held in health at this clock time`,
  ratio: (value, needed) => `it allocates ${value} times as much as before, ${needed} times is needed`,
  increase: (value, needed) => `it allocates ${value} more than before, ${needed} is needed`,
  share: (value, needed) => `the increase is ${value} of what the process allocates, ${needed} is needed`,
} as const satisfies Readonly<Record<string, Sentence>>;

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

interface Measured {
  readonly value: number;
  readonly needed: number;
  readonly unit: GateUnit;
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
    return this.#add(gate, value >= needed, { value, needed, unit });
  }

  atMost(gate: GateName, value: number, allowed: number, unit: GateUnit = 'ratio'): boolean {
    return this.#add(gate, value <= allowed, { value, needed: allowed, unit });
  }

  #add(name: GateName, passed: boolean, { value, needed, unit }: Measured): boolean {
    this.gates.push({
      name,
      passed,
      text: gateWords[name](this.#words(value, unit), this.#words(needed, unit)),
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
