import { ByteReader, type ByteWriter } from '../encoding/bytes.ts';
import type { FloorColumns } from './floor-columns.ts';
import { readOpenFloor, writeOpenFloor } from './open-floor.ts';

/** A block is so many buckets, counted from the Unix epoch as buckets are: six hours of ten minutes. */
export const bucketsPerBlock = 36;
/** Of rows of `floor_block`. */
export const blockFormat = 1;

/** Floors of a process in a block: by the number of the bucket in it, rising. */
export type BlockFloors = ReadonlyMap<number, FloorColumns>;

export function writeBlock(writer: ByteWriter, floors: BlockFloors): void {
  for (const [at, floor] of floors) {
    writer.byte(at);
    writeOpenFloor(writer, floor);
  }
}

/** The inverse of `writeBlock`. */
export function readBlock(data: Uint8Array): BlockFloors {
  const reader = new ByteReader(data);
  const floors = new Map<number, FloorColumns>();
  while (!reader.ended) floors.set(reader.byte(), readOpenFloor(reader));
  return floors;
}
