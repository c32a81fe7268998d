import { functionId } from '../../src/model/function-id.ts';
import type { Workload } from '../../src/model/growth.ts';
import { sampleWeight } from '../../src/model/sample-weight.ts';
import { minute } from '../../src/model/units.ts';
import type { ProcessFloors } from '../../src/store/growth-store.ts';

/** 2026-03-01T00:00:00Z, at the usual bucket. */
export const bucketMs = 10 * minute;
export const firstBucket = Date.UTC(2026, 2, 1) / bucketMs;
export const hourly = 6;
export const mib = 1024 ** 2;

/** What one process does: its functions' bytes and its goroutines, by how many buckets it has run. */
export interface Life {
  readonly workload: string;
  readonly pod?: string;
  readonly revision?: string;
  readonly kind?: string;
  readonly namespace?: string;
  /** Buckets after `firstBucket`, `[from, to)`. */
  readonly from: number;
  readonly to: number;
  /** Bucket numbers are of this length; the shapes do not change with it. */
  readonly bucketMs?: number;
  readonly functions: Readonly<Record<string, (age: number) => number>>;
  readonly goroutines?: (age: number) => number;
}

export function workloadNamed({ workload, kind = 'Deployment', namespace = 'shop' }: Partial<Life>): Workload {
  return { namespace, workloadKind: kind, workload: workload ?? 'checkout', container: 'app' };
}

/** Floors of its life, bucket by bucket, with a little noise that is the same every time. */
export function floorsOf(life: Life): ProcessFloors[] {
  const { pod = `${life.workload}-1`, revision = 'r1', from, to } = life;
  const scale = bucketMs / (life.bucketMs ?? bucketMs);
  const workload = workloadNamed(life);
  const process = {
    id: `${pod}/1`,
    slot: `${workload.namespace}/${pod}/app`,
    pod,
    revision,
    startedMs: (firstBucket * scale + from) * (life.bucketMs ?? bucketMs),
  };
  return Array.from({ length: to - from }, (_, age) => {
    const functions = Object.entries(life.functions).map(([name, bytesAt], index) => {
      const bytes = Math.round(bytesAt(age) * (1 + 0.002 * Math.sin(12.9898 * (age + 7 * index))));
      return { id: functionId(name, 'app'), name, bytes, objects: Math.ceil(bytes / 512), allocBytes: 10 * mib };
    });
    const bytes = functions.reduce((sum, each) => sum + each.bytes, 0);
    const objects = functions.reduce((sum, each) => sum + each.objects, 0);
    return {
      workload,
      process,
      bucket: firstBucket * scale + from + age,
      heap: {
        bytes,
        objects,
        period: 524_288,
        weight: sampleWeight(bytes, objects, 524_288),
        allocBytes: 10 * mib * functions.length,
        allocMs: life.bucketMs ?? bucketMs,
      },
      goroutines: life.goroutines ? Math.round(life.goroutines(age)) : 40,
      functions: functions.sort((a, b) => (a.id < b.id ? -1 : 1)),
    };
  });
}

/** So many MiB at the start, and so many more an hour. */
export const line =
  (start: number, perHour = 0) =>
  (age: number): number =>
    mib * (start + (perHour * age) / hourly);

export const leaky = { 'main.leak': line(20, 30), 'main.rest': line(100) };
export const steady = { 'main.cache': line(80), 'main.rest': line(100) };
