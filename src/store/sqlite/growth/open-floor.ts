import type { ByteReader, ByteWriter } from '../encoding/bytes.ts';
import type { FloorColumns } from './floor-columns.ts';
import { readNumbers, writeNumbers } from './numbers.ts';

/** Of rows of `floor_open`. */
export const openFormat = 1;

const has = { heap: 1, goroutines: 2 } as const;
const wholeNumbers = 5;

/**
 * Floors of one bucket as they come, written anew with every save, so quick rather than small (docs/STORAGE.md):
 * what there is, the numbers of the process, row ids of functions as gaps, then a column each of bytes, objects, allocations.
 */
export function writeOpenFloor(writer: ByteWriter, floor: FloorColumns): void {
  const { heap, goroutines, functions } = floor;
  writer.byte((heap ? has.heap : 0) | (goroutines === undefined ? 0 : has.goroutines));
  if (goroutines !== undefined) writeNumbers(writer, [goroutines]);
  if (heap) {
    writeNumbers(writer, [heap.bytes, heap.objects, heap.period, heap.allocBytes, heap.allocMs]);
    writeNumbers(writer, [heap.weight]);
  }
  writer.uint(functions.length);
  let before = 0;
  for (const id of functions) {
    writer.uint(id - before);
    before = id;
  }
  writeNumbers(writer, floor.bytes);
  writeNumbers(writer, floor.objects);
  writeNumbers(writer, floor.allocBytes);
}

/** The inverse of `writeOpenFloor`. */
export function readOpenFloor(reader: ByteReader): FloorColumns {
  const flags = reader.byte();
  const [goroutines] = flags & has.goroutines ? readNumbers(reader, 1) : [];
  const heap = flags & has.heap ? readHeap(reader) : undefined;
  const count = reader.uint();
  const functions: number[] = [];
  let id = 0;
  for (let i = 0; i < count; i++) functions.push((id += reader.uint()));
  const bytes = readNumbers(reader, count);
  const objects = readNumbers(reader, count);
  const allocBytes = readNumbers(reader, count);
  return { heap, goroutines, functions, bytes, objects, allocBytes };
}

function readHeap(reader: ByteReader): FloorColumns['heap'] {
  const [bytes = 0, objects = 0, period = 0, allocBytes = 0, allocMs = 0] = readNumbers(reader, wholeNumbers);
  const [weight = 0] = readNumbers(reader, 1);
  return { bytes, objects, period, weight, allocBytes, allocMs };
}
