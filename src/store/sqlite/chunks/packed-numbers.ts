import { ByteReader, ByteWriter } from '../encoding/bytes.ts';
import { TokenReader, TokenSteps } from './token-reader.ts';
import { TokenTables } from './token-tables.ts';
import { TokenWriter } from './tokens.ts';

/** Fewer numbers than this are not worth a table. */
const leastNumbers = 32;

/**
 * Writes lists of whole numbers in [0, 2^53], as tokens with a table of their own or one by one, whichever is shorter:
 *
 *     uint length × 2, n × uint                 one by one
 *     uint length × 2 + 1, table, section       as tokens
 */
export class NumberPacker {
  readonly #tokens = new TokenWriter();
  readonly #plain = new ByteWriter();
  readonly #coded = new ByteWriter();

  write(writer: ByteWriter, numbers: ArrayLike<number>, count = numbers.length): void {
    const plain = this.#writePlain(numbers, count);
    const coded = count < leastNumbers ? undefined : this.#writeCoded(numbers, count);
    const isCoded = coded !== undefined && coded.length < plain.length;
    const bytes = isCoded ? coded : plain;
    writer.uint(2 * bytes.length + (isCoded ? 1 : 0));
    writer.raw(bytes);
  }

  #writePlain(numbers: ArrayLike<number>, count: number): Uint8Array {
    const plain = this.#plain;
    plain.reset();
    for (let at = 0; at < count; at++) plain.uint(numbers[at] as number);
    return plain.bytes();
  }

  #writeCoded(numbers: ArrayLike<number>, count: number): Uint8Array {
    const [tokens, coded] = [this.#tokens, this.#coded];
    tokens.start(1);
    tokens.reserve(count);
    for (let at = 0; at < count; at++) tokens.put(0, numbers[at] as number);
    tokens.endSection();
    const tables = TokenTables.of(tokens);
    coded.reset();
    tables.write(coded);
    for (const section of tokens.sections) tables.writeSection(coded, tokens, section);
    return coded.bytes();
  }
}

/** Reads a list of so many numbers. */
export function readPackedNumbers(reader: ByteReader, into: Float64Array | Int32Array | Uint8Array): void {
  const size = reader.uint();
  const bytes = reader.raw(Math.floor(size / 2));
  const packed = new ByteReader(bytes);
  if (size % 2 === 0) {
    for (let at = 0; at < into.length; at++) into[at] = packed.uint();
    return;
  }
  const steps = new TokenSteps(TokenTables.read(packed));
  const tokens = new TokenReader(steps, bytes.subarray(packed.position));
  for (let at = 0; at < into.length; at++) into[at] = tokens.next(0);
}

export function skipPackedNumbers(reader: ByteReader): void {
  reader.skip(Math.floor(reader.uint() / 2));
}
