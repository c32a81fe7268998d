import type { ByteReader, ByteWriter } from '../encoding/bytes.ts';
import { type NumberPacker, readPackedNumbers } from './packed-numbers.ts';

/**
 * Values of one stack are multiples of each other more often than not: of an allocation site all objects have one size, and
 * a profiler that samples counts each sample for many. So a value is written as a count, and a scale that is kept once:
 *
 *     alloc_objects   alloc_space      count     worth: 32768 objects, 524288 bytes
 *     65536           1048576          2
 *     32769           524304           1         and a rest of 1 and 16
 */
export interface Scale {
  /** By type of the group: what a count of 1 is worth, times the fraction of the scales. */
  readonly worth: readonly number[];
  /** By type of the group: whether values have a rest beside what their count is worth. */
  readonly hasRest: readonly boolean[];
}

/** The scales of a group of types. */
export interface Scales {
  readonly scales: readonly Scale[];
  /** By position of the stack: which scale is its. */
  readonly scaleOf: Uint8Array;
  /** 1, or what `worth` is to be divided by. */
  readonly fraction: number;
}

export const mostScales = 255;

export function worthOf(count: number, worth: number, fraction: number): number {
  return fraction === 1 ? count * worth : Math.floor((count * worth) / fraction);
}

/** Writes the scales of a group; `before` are those of the group before it. Undefined for a group that has none. */
export function writeScales(
  writer: ByteWriter,
  packer: NumberPacker,
  group: Scales | undefined,
  before: Scales | undefined,
): void {
  writer.uint(group?.scales.length ?? 0);
  if (!group) return;
  writer.uint(group.fraction);
  for (const { worth, hasRest } of group.scales) {
    for (const [type, one] of worth.entries()) {
      writer.uint(one);
      writer.byte(hasRest[type] ? 1 : 0);
    }
  }
  if (group.scales.length === 1) return;
  const isSame = before !== undefined && Buffer.compare(group.scaleOf, before.scaleOf) === 0;
  writer.byte(isSame ? 1 : 0);
  if (!isSame) packer.write(writer, group.scaleOf);
}

/** Reads the scales of a group of so many types, for so many stacks. */
export function readScales(
  reader: ByteReader,
  types: number,
  stacks: number,
  before: Scales | undefined,
): Scales | undefined {
  const count = reader.uint();
  if (count === 0) return undefined;
  const fraction = reader.uint();
  const scales = Array.from({ length: count }, () => {
    const worth: number[] = [];
    const hasRest: boolean[] = [];
    for (let type = 0; type < types; type++) {
      worth.push(reader.uint());
      hasRest.push(reader.byte() !== 0);
    }
    return { worth, hasRest };
  });
  const scaleOf = new Uint8Array(stacks);
  if (count === 1) return { scales, fraction, scaleOf };
  if (reader.byte() !== 0 && before) return { scales, fraction, scaleOf: before.scaleOf };
  readPackedNumbers(reader, scaleOf);
  return { scales, fraction, scaleOf };
}
