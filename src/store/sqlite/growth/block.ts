import type { DurationMs, UnixMs } from '../../../model/units.ts';
import type { HeapFloor } from '../../growth-store.ts';
import { readColumn, writeColumn } from './bit-columns.ts';
import { BitReader, BitWriter } from './bits.ts';
import type { FloorColumns } from './floor-columns.ts';
import { readFunction, writeFunction } from './function-columns.ts';

/** A block is so many buckets, counted from the Unix epoch as buckets are: six hours of ten minutes. */
export const bucketsPerBlock = 36;
export function blockStartMs({ bucketMs, block }: { readonly bucketMs: DurationMs; readonly block: number }): UnixMs {
  return block * bucketsPerBlock * bucketMs;
}

/** Of rows of `floor_block`. */
export const blockFormat = 1;

/** Floors of a process in a block: by the number of the bucket in it, rising. */
export type BlockFloors = ReadonlyMap<number, FloorColumns>;

const heapParts = ['bytes', 'objects', 'period', 'weight', 'allocBytes', 'allocMs'] as const;
const usualPeriod = 524_288;
/** Orders of the Golomb codes of how many functions there are, and of the gaps between their row ids. */
const countOrder = 5;
const gapOrder = 4;

const writer = new BitWriter();

/**
 * Floors as columns of bits (docs/STORAGE.md, "A block of floors"): which buckets there are, the numbers of the process, then
 * function by function.
 */
export function encodeBlock(floors: BlockFloors): Buffer {
  const columns = [...floors.values()];
  writer.reset();
  for (let at = 0; at < bucketsPerBlock; at++) writer.bits(floors.has(at) ? 1 : 0, 1);
  const heaps = columns.map(({ heap }) => heap);
  const counts = columns.map(({ goroutines }) => goroutines);
  writeMask(heaps.map((heap) => heap !== undefined));
  writeMask(counts.map((count) => count !== undefined));
  writeColumn(
    writer,
    counts.filter((count) => count !== undefined),
  );
  const found = heaps.filter((heap) => heap !== undefined);
  for (const part of heapParts)
    writeColumn(
      writer,
      found.map((heap) => heap[part]),
    );
  const functions = functionsOf(columns);
  writer.golomb(functions.size, countOrder);
  let before = 0;
  for (const [id, { at, values }] of [...functions].sort(([a], [b]) => a - b)) {
    writer.golomb(id - before, gapOrder);
    before = id;
    writeMask(heaps.map((heap, bucket) => at.has(bucket) === (heap !== undefined)));
    writeFunction(writer, values, found[0]?.period ?? usualPeriod);
  }
  return writer.bytes();
}

/** The inverse of `encodeBlock`. */
export function decodeBlock(data: Uint8Array): BlockFloors {
  const reader = new BitReader(data);
  const present = Array.from({ length: bucketsPerBlock }, (_, at) => at).filter(() => reader.bits(1) === 1);
  const hasHeap = readMask(reader, present.length);
  const hasCount = readMask(reader, present.length);
  const counts = readColumn(reader, hasCount.filter(Boolean).length);
  const heaps = readHeaps(reader, hasHeap.filter(Boolean).length);
  const [nextCount, nextHeap] = [counts.values(), heaps.values()];
  const columns = present.map((_, at) => ({
    heap: hasHeap[at] ? nextHeap.next().value : undefined,
    goroutines: hasCount[at] ? nextCount.next().value : undefined,
    functions: [] as number[],
    bytes: [] as number[],
    objects: [] as number[],
    allocBytes: [] as number[],
  }));
  const size = reader.golomb(countOrder);
  for (let function_ = 0, id = 0; function_ < size; function_++) {
    id += reader.golomb(gapOrder);
    const isUsual = readMask(reader, present.length);
    const of = columns.filter((_, at) => isUsual[at] === hasHeap[at]);
    const { bytes, objects, allocBytes } = readFunction(reader, of.length, heaps[0]?.period ?? usualPeriod);
    for (const [at, column] of of.entries()) {
      column.functions.push(id);
      column.bytes.push(bytes[at] as number);
      column.objects.push(objects[at] as number);
      column.allocBytes.push(allocBytes[at] as number);
    }
  }
  return new Map(present.map((at, index) => [at, columns[index] as FloorColumns]));
}

interface FunctionFloors {
  /** Of which of the buckets that are there. */
  readonly at: Set<number>;
  readonly values: { bytes: number[]; objects: number[]; allocBytes: number[] };
}

function functionsOf(columns: readonly FloorColumns[]): Map<number, FunctionFloors> {
  const functions = new Map<number, FunctionFloors>();
  for (const [bucket, { functions: ids, bytes, objects, allocBytes }] of columns.entries()) {
    for (const [at, id] of ids.entries()) {
      const known = functions.get(id) ?? { at: new Set(), values: { bytes: [], objects: [], allocBytes: [] } };
      functions.set(id, known);
      known.at.add(bucket);
      known.values.bytes.push(bytes[at] as number);
      known.values.objects.push(objects[at] as number);
      known.values.allocBytes.push(allocBytes[at] as number);
    }
  }
  return functions;
}

function readHeaps(reader: BitReader, count: number): HeapFloor[] {
  const [bytes, objects, period, weight, allocBytes, allocMs] = heapParts.map(() => readColumn(reader, count));
  return Array.from({ length: count }, (_, at) => ({
    bytes: bytes?.[at] as number,
    objects: objects?.[at] as number,
    period: period?.[at] as number,
    weight: weight?.[at] as number,
    allocBytes: allocBytes?.[at] as number,
    allocMs: allocMs?.[at] as number,
  }));
}

/** One bit where all are true, else one more for each. */
function writeMask(flags: readonly boolean[]): void {
  const isWhole = flags.every(Boolean);
  writer.bits(isWhole ? 1 : 0, 1);
  if (!isWhole) for (const flag of flags) writer.bits(flag ? 1 : 0, 1);
}

function readMask(reader: BitReader, count: number): boolean[] {
  const isWhole = reader.bits(1) === 1;
  return Array.from({ length: count }, () => isWhole || reader.bits(1) === 1);
}
