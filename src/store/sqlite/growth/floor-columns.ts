import type { HeapFloor } from '../../growth-store.ts';
import { isLesser, least, mergeHeaps } from '../../merge-floors.ts';

/** One bucket of a process, functions as row ids: what is encoded. */
export interface FloorColumns {
  readonly heap: HeapFloor | undefined;
  readonly goroutines: number | undefined;
  /** Row ids, rising; the columns are in their order. */
  readonly functions: readonly number[];
  readonly bytes: readonly number[];
  readonly objects: readonly number[];
  readonly allocBytes: readonly number[];
}

/** `mergeFloors` of functions as row ids. */
export function mergeColumns(first: FloorColumns, second: FloorColumns): FloorColumns {
  const functions: number[] = [];
  const bytes: number[] = [];
  const objects: number[] = [];
  const allocBytes: number[] = [];
  let [a, b] = [0, 0];
  while (a < first.functions.length || b < second.functions.length) {
    const idA = first.functions[a] ?? Number.POSITIVE_INFINITY;
    const idB = second.functions[b] ?? Number.POSITIVE_INFINITY;
    const isLess = idB < idA || (idB === idA && isLesser(levels(second, b), levels(first, a)));
    const [from, at] = isLess ? [second, b] : [first, a];
    functions.push(Math.min(idA, idB));
    bytes.push(from.bytes[at] as number);
    objects.push(from.objects[at] as number);
    const both = idA === idB ? (first.allocBytes[a] as number) + (second.allocBytes[b] as number) : undefined;
    allocBytes.push(both ?? (from.allocBytes[at] as number));
    if (idA <= idB) a++;
    if (idB <= idA) b++;
  }
  const heap = mergeHeaps(first.heap, second.heap);
  return { heap, goroutines: least(first.goroutines, second.goroutines), functions, bytes, objects, allocBytes };
}

function levels({ bytes, objects }: FloorColumns, at: number): { bytes: number; objects: number } {
  return { bytes: bytes[at] as number, objects: objects[at] as number };
}
