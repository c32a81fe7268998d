import * as fc from 'fast-check';
import { sampleWeight } from '../../src/model/sample-weight.ts';
import type { FunctionFloor, ProcessFloors } from '../../src/store/growth-store.ts';
import { startSeconds, testWorkload } from './growth-scrapes.ts';

/** Floors of made-up processes: with leaks, restarts, gaps, functions that come and go. */

const MiB = 2 ** 20;
const period = 524_288;
export const firstBucket = startSeconds / 600;

/** What one function does over the life of a process. */
export interface DrawnFunction {
  readonly base: number;
  /** MiB per bucket. */
  readonly slope: number;
  readonly swing: number;
  /** Share of buckets in which it is among the floors. */
  readonly followed: number;
  /** Bytes per second that it allocates, and by what factor more from the middle on. */
  readonly rate: number;
  readonly faster: number;
}

export interface DrawnProcess {
  readonly slot: number;
  readonly revision: number;
  /** Buckets since the first one. */
  readonly from: number;
  readonly life: number;
  readonly functions: readonly DrawnFunction[];
  readonly goroutines: number;
}

const drawnFunction: fc.Arbitrary<DrawnFunction> = fc.record({
  base: fc.integer({ min: 0, max: 200 }),
  slope: fc.oneof(
    fc.constant(0),
    fc.double({ min: 0.5, max: 6, noNaN: true }),
    fc.double({ min: -1, max: 0, noNaN: true }),
  ),
  swing: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 150 })),
  followed: fc.constantFrom(1, 1, 1, 0.9, 0.3),
  rate: fc.constantFrom(0, 0.1, 3, 10),
  faster: fc.constantFrom(1, 1, 3),
});

const drawnProcess = (buckets: number): fc.Arbitrary<DrawnProcess> =>
  fc.record({
    slot: fc.nat(2),
    revision: fc.nat(1),
    from: fc.oneof(fc.constant(0), fc.nat(buckets - 1)),
    life: fc.oneof(fc.constant(buckets), fc.integer({ min: 1, max: buckets })),
    functions: fc.array(drawnFunction, { minLength: 1, maxLength: 4 }),
    goroutines: fc.constantFrom(0, 0, 5, 40),
  });

/** Chance from a number, the same each time. */
function chance(seed: number): number {
  const x = Math.sin(seed * 12.9898 + 78.233) * 43_758.5453;
  return x - Math.floor(x);
}

export interface DrawnHistory {
  readonly buckets: number;
  readonly processes: readonly DrawnProcess[];
  /** Buckets in which nothing was seen. */
  readonly gap: { readonly from: number; readonly length: number };
  readonly noise: number;
}

export function drawnHistory({ days }: { readonly days: number }): fc.Arbitrary<DrawnHistory> {
  const buckets = days * 144;
  return fc.record({
    buckets: fc.constant(buckets),
    processes: fc.array(drawnProcess(buckets), { minLength: 1, maxLength: 5 }),
    gap: fc.record({ from: fc.nat(buckets), length: fc.constantFrom(0, 1, 4, 40) }),
    noise: fc.constantFrom(0, 0.01, 0.05),
  });
}

/** Floors by bucket, oldest first; buckets in which nothing was seen are left out. */
export function historyOf({ buckets, processes, gap, noise }: DrawnHistory): (readonly ProcessFloors[])[] {
  const history: (readonly ProcessFloors[])[] = [];
  for (let at = 0; at < buckets; at++) {
    if (at >= gap.from && at < gap.from + gap.length) continue;
    const floors = processes.flatMap((process, i) => {
      const age = at - process.from;
      if (age < 0 || age >= process.life || chance(at * 31 + i) < 0.01) return [];
      return [floorsOf(process, i, at, age, noise)];
    });
    if (floors.length > 0) history.push(floors);
  }
  return history;
}

function floorsOf(process: DrawnProcess, index: number, at: number, age: number, noise: number): ProcessFloors {
  const all = process.functions.map((one, i) => functionFloor(one, index * 10 + i, at, age, noise));
  const followed = all.filter((_one, i) => chance(at * 7 + i) < (process.functions[i]?.followed ?? 1));
  const bytes = all.reduce((sum, one) => sum + one.bytes, 0);
  return {
    workload: testWorkload,
    process: {
      id: `process-${index}`,
      slot: `shop/pod-${process.slot}/app`,
      pod: `pod-${process.slot}`,
      revision: String(process.revision),
      startedMs: index % 3 === 2 ? undefined : 600_000 * (firstBucket + process.from),
    },
    bucket: firstBucket + at,
    heap: {
      bytes,
      objects: all.reduce((sum, one) => sum + one.objects, 0),
      period,
      weight: sampleWeight(8192, 1, period),
      allocBytes: all.reduce((sum, one) => sum + one.allocBytes, 0),
      allocMs: 600_000,
    },
    goroutines: Math.round(50 + process.goroutines * age + 5 * chance(at + index)),
    functions: followed,
  };
}

function functionFloor(one: DrawnFunction, key: number, at: number, age: number, noise: number): FunctionFloor {
  const day = 0.5 - 0.5 * Math.cos((2 * Math.PI * at) / 144);
  const smooth = one.base + one.slope * age + one.swing * day;
  const bytes = Math.max(0, Math.round(MiB * smooth * (1 + noise * (chance(at * 101 + key) - 0.5))));
  const rate = one.rate * MiB * (age > 72 ? one.faster : 1);
  return {
    id: `f${key % 10}`,
    name: `app.f${key % 10}`,
    bytes,
    objects: Math.ceil(bytes / 8192),
    allocBytes: Math.round(600 * rate),
  };
}
