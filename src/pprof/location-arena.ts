import { grown, trimmed } from './arena.ts';
import { DecodeError } from './decode-error.ts';
import type { DecodeLimits } from './decoded-profile.ts';
import type { IdIndex } from './id-index.ts';
import type { WireReader } from './wire-reader.ts';

const lineTag = 0x22;
const lastLocationField = 5;
const lastLineField = 3;

/** The locations of a message and their lines as columns. */
export class LocationArena {
  count = 0;
  lineCount = 0;
  addressLow: Int32Array = new Int32Array(1 << 12);
  addressHigh: Int32Array = new Int32Array(1 << 12);
  /** Keys of mapping ids until they are resolved. */
  mapping: Int32Array = new Int32Array(1 << 12);
  folded: Uint8Array = new Uint8Array(1 << 12);
  lineStart: Int32Array = new Int32Array(1 << 12);
  /** Keys of function ids less 1, until they are resolved. */
  lineFunction: Int32Array = new Int32Array(1 << 12);
  lineNumber: Float64Array = new Float64Array(1 << 12);
  lineColumn: Float64Array = new Float64Array(1 << 12);
  readonly #limits: DecodeLimits;

  constructor(limits: DecodeLimits) {
    this.#limits = limits;
  }

  reset(): void {
    this.addressLow = trimmed(this.addressLow, this.count + 1);
    this.addressHigh = trimmed(this.addressHigh, this.count + 1);
    this.mapping = trimmed(this.mapping, this.count + 1);
    this.folded = trimmed(this.folded, this.count + 1);
    this.lineStart = trimmed(this.lineStart, this.count + 1);
    this.lineFunction = trimmed(this.lineFunction, this.lineCount);
    this.lineNumber = trimmed(this.lineNumber, this.lineCount);
    this.lineColumn = trimmed(this.lineColumn, this.lineCount);
    this.count = 0;
    this.lineCount = 0;
  }

  /** Reads the `Location` between the reader's position and `end`. */
  read(wire: WireReader, end: number, ids: { location: IdIndex; mapping: IdIndex; function: IdIndex }): void {
    const b = wire.bytes;
    const location = this.#begin();
    let id = 0;
    let mapping = 0;
    let addressLow = 0;
    let addressHigh = 0;
    let folded = 0;
    while (wire.at < end) {
      const p = wire.at + 1;
      const tag = b[p - 1] as number;
      const x = b[p] as number;
      const y = b[p + 1] as number;
      // Ids of one or two bytes, nearly all there are, are read in place; 0 bytes means longer.
      const bytes = x < 128 ? 1 : y < 128 ? 2 : 0;
      const small = bytes === 1 ? x : (x & 127) | (y << 7);
      wire.at = p;
      if (tag === lineTag) this.#readLine(wire, wire.lengthEnd(end), ids.function);
      else if (tag === 0x18) {
        addressLow = wire.varint();
        addressHigh = wire.high;
      } else if (tag === 0x08 && bytes > 0) {
        id = small;
        wire.at = p + bytes;
      } else if (tag === 0x10 && bytes > 0) {
        mapping = small;
        wire.at = p + bytes;
      } else if (tag === 0x08) id = ids.location.key(wire.varint(), wire.high);
      else if (tag === 0x10) mapping = ids.mapping.key(wire.varint(), wire.high);
      else if (tag === 0x28) folded = wire.varint() === 0 && wire.high === 0 ? 0 : 1;
      else {
        wire.at = p - 1;
        wire.skip(wire.tag(), lastLocationField, end);
      }
    }
    wire.expectEnd(end);
    this.addressLow[location] = addressLow;
    this.addressHigh[location] = addressHigh;
    this.mapping[location] = mapping;
    this.folded[location] = folded;
    if (id === 0) throw new DecodeError('invalid', `location ${location} of the table has id 0, which is reserved`);
    if (!ids.location.define(id, location)) {
      throw new DecodeError(
        'invalid',
        `location id ${ids.location.idOf(id)} comes twice: or are these two profiles glued together?`,
      );
    }
  }

  /** Closes the columns: entry `count` of the starts is where the last location ends. */
  finish(): void {
    this.lineStart[this.count] = this.lineCount;
  }

  #begin(): number {
    const location = this.count++;
    if (location >= this.#limits.locations) {
      throw new DecodeError('too_large', `more than ${this.#limits.locations} locations`);
    }
    if (location + 2 > this.lineStart.length) {
      this.addressLow = grown(this.addressLow, location + 2);
      this.addressHigh = grown(this.addressHigh, location + 2);
      this.mapping = grown(this.mapping, location + 2);
      this.folded = grown(this.folded, location + 2);
      this.lineStart = grown(this.lineStart, location + 2);
    }
    this.lineStart[location] = this.lineCount;
    return location;
  }

  #readLine(wire: WireReader, end: number, functions: IdIndex): void {
    const b = wire.bytes;
    let p = wire.at;
    let fn = 0;
    let line = 0;
    let column = 0;
    while (p < end) {
      const tag = b[p++] as number;
      const x = b[p] as number;
      const y = b[p + 1] as number;
      // Numbers of one or two bytes, nearly all there are, are read in place; 0 bytes means longer.
      const bytes = x < 128 ? 1 : y < 128 ? 2 : 0;
      const small = bytes === 1 ? x : (x & 127) | (y << 7);
      wire.at = p;
      if (tag === 0x08) fn = bytes > 0 ? small : functions.key(wire.varint(), wire.high);
      else if (tag === 0x10) line = bytes > 0 ? small : wire.int64();
      else if (tag === 0x18) column = bytes > 0 ? small : wire.int64();
      else {
        wire.at = p - 1;
        wire.skip(wire.tag(), lastLineField, end);
        p = wire.at;
        continue;
      }
      p = bytes > 0 ? p + bytes : wire.at;
    }
    wire.at = p;
    wire.expectEnd(end);
    if (fn === 0)
      throw new DecodeError('invalid', `a line of location ${this.count - 1} of the table names no function`);
    const at = this.lineCount++;
    if (at >= this.lineFunction.length) {
      this.lineFunction = grown(this.lineFunction, at + 1);
      this.lineNumber = grown(this.lineNumber, at + 1);
      this.lineColumn = grown(this.lineColumn, at + 1);
    }
    this.lineFunction[at] = fn - 1;
    this.lineNumber[at] = line;
    this.lineColumn[at] = column;
  }
}
