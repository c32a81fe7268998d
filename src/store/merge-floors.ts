import type { FunctionFloor, HeapFloor, ProcessFloors } from './growth-store.ts';

/**
 * Two parts of the same bucket of a process as one, the same in either order: the lesser of the levels (of equal bytes, the
 * fewer objects), the sum of the allocations. Only who the process is, is said by the second.
 */
export function mergeFloors(first: ProcessFloors, second: ProcessFloors): ProcessFloors {
  return {
    workload: second.workload,
    process: second.process,
    bucket: first.bucket,
    heap: mergeHeaps(first.heap, second.heap),
    goroutines: least(first.goroutines, second.goroutines),
    functions: mergeFunctions(first.functions, second.functions),
  };
}

/** The lesser of two levels, or the one that is there. */
export function least(first: number | undefined, second: number | undefined): number | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return second < first ? second : first;
}

export function mergeHeaps(first: HeapFloor | undefined, second: HeapFloor | undefined): HeapFloor | undefined {
  if (!first || !second) return first ?? second;
  const { bytes, objects, period, weight } = isLesserHeap(second, first) ? second : first;
  return {
    bytes,
    objects,
    period,
    weight,
    allocBytes: first.allocBytes + second.allocBytes,
    allocMs: first.allocMs + second.allocMs,
  };
}

function isLesserHeap(a: HeapFloor, b: HeapFloor): boolean {
  const difference = a.bytes - b.bytes || a.objects - b.objects || a.weight - b.weight || a.period - b.period;
  return difference < 0;
}

/** Whether one level of a function is below another. */
export function isLesser(
  a: Pick<FunctionFloor, 'bytes' | 'objects'>,
  b: Pick<FunctionFloor, 'bytes' | 'objects'>,
): boolean {
  return a.bytes < b.bytes || (a.bytes === b.bytes && a.objects < b.objects);
}

function mergeFunctions(first: readonly FunctionFloor[], second: readonly FunctionFloor[]): FunctionFloor[] {
  const byId = new Map(first.map((floor) => [floor.id, floor]));
  for (const floor of second) {
    const known = byId.get(floor.id);
    byId.set(floor.id, known ? mergeFunction(known, floor) : floor);
  }
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function mergeFunction(first: FunctionFloor, second: FunctionFloor): FunctionFloor {
  const { bytes, objects } = isLesser(second, first) ? second : first;
  return { id: first.id, name: first.name, bytes, objects, allocBytes: first.allocBytes + second.allocBytes };
}
