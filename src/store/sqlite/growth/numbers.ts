import type { ByteReader, ByteWriter } from '../encoding/bytes.ts';

/** How the numbers of a column are written: nearly all are whole, and a double takes eight bytes. */
const kind = { whole: 0, doubles: 1 } as const;

const scratch = Buffer.alloc(8);

/** Any numbers as a column that is read back exactly: varints where all are whole and in [0, 2^53], else doubles. */
export function writeNumbers(writer: ByteWriter, values: readonly number[]): void {
  if (values.every(isWhole)) {
    writer.byte(kind.whole);
    for (const value of values) writer.uint(value);
    return;
  }
  writer.byte(kind.doubles);
  for (const value of values) {
    scratch.writeDoubleLE(value);
    writer.raw(scratch);
  }
}

/** The inverse of `writeNumbers`. */
export function readNumbers(reader: ByteReader, count: number): number[] {
  const isDoubles = reader.byte() === kind.doubles;
  const values: number[] = [];
  for (let i = 0; i < count; i++) values.push(isDoubles ? reader.raw(8).readDoubleLE() : reader.uint());
  return values;
}

export function isWhole(value: number): boolean {
  return value >= 0 && value <= 2 ** 53 && Math.floor(value) === value && !Object.is(value, -0);
}
