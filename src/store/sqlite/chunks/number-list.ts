import type { ByteReader, ByteWriter } from '../encoding/bytes.ts';

/**
 * A list of whole numbers of either sign, of which most are mostly alike:
 *
 *     0  int value                                       all are this
 *     1  n × int                                         one by one
 *     2  int value, uint count, count × (uint gap, int)  all are this but some; a gap counts what lies between
 */
const listKind = { constant: 0, each: 1, exceptions: 2 } as const;

/** Exceptions cost a byte more than a value does: with more than this share of them, every value is written. */
const mostExceptions = 0.3;

export function writeNumbers(writer: ByteWriter, values: readonly (number | bigint)[]): void {
  const common = mostFrequent(values);
  const exceptions = values.reduce((count: number, value) => (value === common ? count : count + 1), 0);
  if (exceptions === 0) {
    writer.byte(listKind.constant);
    writer.int(common);
  } else if (exceptions > mostExceptions * values.length) {
    writer.byte(listKind.each);
    for (const value of values) writer.int(value);
  } else {
    writer.byte(listKind.exceptions);
    writer.int(common);
    writer.uint(exceptions);
    let next = 0;
    for (const [at, value] of values.entries()) {
      if (value === common) continue;
      writer.uint(at - next);
      writer.int(value);
      next = at + 1;
    }
  }
}

/** What `writeNumbers` wrote, up to 2^53 in size. */
export function readNumbers(reader: ByteReader, count: number): Float64Array {
  const values = new Float64Array(count);
  const kind = reader.byte();
  if (kind === listKind.each) {
    for (let at = 0; at < count; at++) values[at] = reader.int();
    return values;
  }
  const common = reader.int();
  if (common !== 0) values.fill(common);
  for (let left = exceptionsOf(kind, reader), at = 0; left > 0; left--, at++) {
    at = nextException(reader, at, count);
    values[at] = reader.int();
  }
  return values;
}

/** The same at any size. */
export function readBigNumbers(reader: ByteReader, count: number): bigint[] {
  const kind = reader.byte();
  if (kind === listKind.each) return Array.from({ length: count }, () => reader.bigInt());
  const common = reader.bigInt();
  const values = Array.from({ length: count }, () => common);
  for (let left = exceptionsOf(kind, reader), at = 0; left > 0; left--, at++) {
    at = nextException(reader, at, count);
    values[at] = reader.bigInt();
  }
  return values;
}

/** The same as doubles where they are exact, else at any size. */
export function readAnyNumbers(reader: ByteReader, count: number): Float64Array | bigint[] {
  const start = reader.position;
  const values = readNumbers(reader, count);
  if (values.every(Number.isSafeInteger)) return values;
  reader.skip(start - reader.position);
  return readBigNumbers(reader, count);
}

/** Passes over a list. */
export function skipNumbers(reader: ByteReader, count: number): void {
  const kind = reader.byte();
  reader.skipNumbers(kind === listKind.each ? count : 1);
  if (kind !== listKind.each) reader.skipNumbers(2 * exceptionsOf(kind, reader));
}

function exceptionsOf(kind: number, reader: ByteReader): number {
  if (kind === listKind.constant) return 0;
  if (kind !== listKind.exceptions) throw new Error(`unknown kind ${kind} of a list of numbers`);
  return reader.uint();
}

function nextException(reader: ByteReader, after: number, count: number): number {
  const at = after + reader.uint();
  if (at >= count) throw new Error('a list of numbers is too long');
  return at;
}

function mostFrequent(values: readonly (number | bigint)[]): number | bigint {
  const counts = new Map<number | bigint, number>();
  let [best, most] = [values[0] ?? 0, 0];
  for (const value of values) {
    const count = (counts.get(value) ?? 0) + 1;
    counts.set(value, count);
    if (count > most) [best, most] = [value, count];
  }
  return best;
}
