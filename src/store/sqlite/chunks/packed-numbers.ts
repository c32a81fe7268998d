import { ByteReader, ByteWriter } from '../encoding/bytes.ts';
import { TokenReader, TokenSteps } from './token-reader.ts';
import { TokenTables } from './token-tables.ts';
import { TokenWriter } from './tokens.ts';

/** Fewer numbers than this are not worth a table. */
const leastNumbers = 32;

const listKind = { constant: 0, plain: 1, tokens: 2 } as const;

/**
 * Writes lists of whole numbers in [0, 2^53], as is shortest:
 *
 *     0  constant   uint value                      all are this
 *     1  plain      uint length, n × uint
 *     2  tokens     uint length, table, section
 */
export class NumberPacker {
  readonly #tokens = new TokenWriter();
  readonly #plain = new ByteWriter();
  readonly #coded = new ByteWriter();

  write(writer: ByteWriter, numbers: ArrayLike<number>, count = numbers.length): void {
    if (isConstant(numbers, count)) {
      writer.byte(listKind.constant);
      writer.uint(count > 0 ? (numbers[0] as number) : 0);
      return;
    }
    const plain = this.#writePlain(numbers, count);
    const coded = count < leastNumbers ? undefined : this.#writeCoded(numbers, count);
    const isCoded = coded !== undefined && coded.length < plain.length;
    const bytes = isCoded ? coded : plain;
    writer.byte(isCoded ? listKind.tokens : listKind.plain);
    writer.uint(bytes.length);
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

function isConstant(numbers: ArrayLike<number>, count: number): boolean {
  for (let at = 1; at < count; at++) if (numbers[at] !== numbers[0]) return false;
  return true;
}

/** Reads a list of so many numbers. */
export function readPackedNumbers(reader: ByteReader, count: number): Float64Array {
  const into = new Float64Array(count);
  const kind = reader.byte();
  if (kind === listKind.constant) return into.fill(reader.uint());
  const bytes = reader.raw(reader.uint());
  const packed = new ByteReader(bytes);
  if (kind === listKind.plain) packed.uints(count, into);
  else if (kind === listKind.tokens) readTokens(packed, bytes, into);
  else throw new Error(`unknown kind ${kind} of packed numbers`);
  return into;
}

export function skipPackedNumbers(reader: ByteReader): void {
  const isConstantList = reader.byte() === listKind.constant;
  const number = reader.uint();
  if (!isConstantList) reader.skip(number);
}

function readTokens(packed: ByteReader, bytes: Uint8Array, into: Float64Array): void {
  const steps = new TokenSteps(TokenTables.read(packed));
  const tokens = new TokenReader(steps, bytes.subarray(packed.position));
  for (let at = 0; at < into.length; at++) into[at] = tokens.next(0);
}
