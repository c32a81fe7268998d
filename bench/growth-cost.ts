import type { Detector } from '../src/growth/detector/contract.ts';
import { createDetector } from '../src/growth/detector/detector.ts';
import type { ProcessFloors } from '../src/store/growth-store.ts';
import { usualSettings } from '../test/support/growth-score.ts';
import { testWorkload } from '../test/support/growth-scrapes.ts';
import { cpuMsOf } from './cpu.ts';
import { median, printTable, shortNumber } from './table.ts';

/**
 * What an evaluation costs in CPU and memory at 10,000 function series: `node --expose-gc bench/growth-cost.ts`. The goal is one
 * second of CPU in an evaluation, whatever the services do.
 */

const MiB = 2 ** 20;
const functionsOfProcess = 20;
const processesOfWorkload = 10;
const workloads = 50;
/** Two days that are only remembered, and an hour that is measured. */
const warm = 300;
const measured = 6;
const firstBucket = 2_983_248;

interface Kind {
  readonly what: string;
  /** Bytes of a function at a bucket. */
  readonly level: (bucket: number, fn: number) => number;
}

const wobble = (bucket: number, fn: number): number => Math.sin(bucket * 12.9898 + fn * 78.233);
const day = (bucket: number): number => 0.5 - 0.5 * Math.cos((2 * Math.PI * bucket) / 144);

const kinds: readonly Kind[] = [
  { what: 'all are flat', level: (b, f) => 20 * MiB * (1 + 0.02 * wobble(b, f)) },
  { what: 'all follow the day', level: (b, f) => 40 * MiB * (1 + day(b) + 0.02 * wobble(b, f)) },
  { what: 'one of twenty grows', level: (b, f) => (f === 0 ? b * MiB : 20 * MiB) * (1 + 0.02 * wobble(b, f)) },
  { what: 'all grow', level: (b, f) => b * 2 * MiB * (1 + 0.002 * wobble(b, f)) },
];

function floorsOf(at: number, { level }: Kind): ProcessFloors[] {
  return Array.from({ length: processesOfWorkload }, (_, i) => {
    const functions = Array.from({ length: functionsOfProcess }, (_unused, f) => {
      const bytes = Math.round(level(at, f));
      return { id: `f${f}`, name: `app.f${f}`, bytes, objects: Math.ceil(bytes / 4096), allocBytes: 600 * MiB };
    });
    const bytes = functions.reduce((sum, one) => sum + one.bytes, 0);
    const pod = `pod-${i}`;
    const allocated = { allocBytes: 12_000 * MiB, allocMs: 600_000 };
    return {
      workload: testWorkload,
      process: { id: pod, slot: pod, pod, revision: '1', startedMs: firstBucket * 600_000 },
      bucket: firstBucket + at,
      heap: { bytes, objects: bytes / 4096, period: 524_288, weight: 526_000, ...allocated },
      goroutines: 100,
      functions,
    };
  });
}

const nothing = JSON.stringify({ format: 1, processes: pods(), plateaus: [], doubts: [], died: [], found: {} });

function pods(): { id: string; first: number }[] {
  return Array.from({ length: processesOfWorkload }, (_, i) => ({ id: `pod-${i}`, first: firstBucket }));
}

function run(kind: Kind): string[] {
  const past = Array.from({ length: warm }, (_, at) => floorsOf(at, kind));
  const next = Array.from({ length: measured }, (_, i) => floorsOf(warm + i, kind));
  globalThis.gc?.();
  const before = process.memoryUsage();
  const remembered = { memory: nothing, bucket: firstBucket + warm - 1 };
  let detectors: Detector[] = [];
  const restored = cpuMsOf(() => {
    detectors = Array.from({ length: workloads }, () =>
      createDetector(testWorkload, usualSettings, { ...remembered, history: past.flat() }),
    );
  });
  const costs = next.map((floors, i) =>
    cpuMsOf(() => detectors.forEach((detector) => detector.step(firstBucket + warm + i, floors))),
  );
  globalThis.gc?.();
  const after = process.memoryUsage();
  const held = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  const series = detectors.reduce((sum, detector) => sum + detector.series, 0);
  const memory = detectors.reduce((sum, detector) => sum + detector.memory().length, 0);
  return [
    kind.what,
    String(series),
    shortNumber(median(costs)),
    shortNumber((1000 * median(costs)) / series),
    globalThis.gc ? shortNumber(held / series) : '-',
    shortNumber(memory / workloads),
    shortNumber(restored),
  ];
}

console.log(`${workloads} workloads of ${processesOfWorkload} processes of ${functionsOfProcess} functions\n`);
printTable(
  [
    'services',
    'series',
    'CPU ms per evaluation',
    'µs per series',
    'bytes per series',
    'memory() bytes per workload',
    `CPU ms to restore ${warm} buckets`,
  ],
  kinds.map(run),
);
