import { DecodeError } from './decode-error.ts';

/** 2^32: what the high half of a 64-bit number counts in. */
export const two32 = 4_294_967_296;

/** Whole numbers from here up, on either side of 0, need a BigInt: the high half of 2^53. */
const exactHigh = 0x20_0000;

/** Zero bytes behind every message, so that a varint that is cut off ends inside the buffer. */
export const padding = 16;

/**
 * Reads protobuf's parts at a position. `bytes` has `padding` zero bytes behind the message, so reading a varint needs no
 * check of bounds; whoever reads a message checks that it stopped where the message ends.
 */
export class WireReader {
  bytes: Uint8Array = new Uint8Array(padding);
  at = 0;
  /** The upper 32 bits of the last varint, as a signed number. */
  high = 0;

  /** The lower 32 bits of a varint, as a signed number. Bits above 64 vanish, as they do in google/pprof. */
  varint(): number {
    const b = this.bytes;
    let p = this.at;
    const first = b[p++] as number;
    if (first < 128) {
      this.at = p;
      this.high = 0;
      return first;
    }
    let x = b[p++] as number;
    let low = (first & 127) | ((x & 127) << 7);
    if (x < 128) {
      this.at = p;
      this.high = 0;
      return low;
    }
    x = b[p++] as number;
    low |= (x & 127) << 14;
    if (x > 127) {
      x = b[p++] as number;
      low |= (x & 127) << 21;
    }
    this.high = 0;
    if (x > 127) {
      x = b[p++] as number;
      low |= (x & 15) << 28;
      this.high = (x & 127) >> 4;
      if (x > 127) p = this.#readHigh(p);
    }
    this.at = p;
    return low;
  }

  /** The bytes from the sixth on; answers where they end. */
  #readHigh(at: number): number {
    let p = at;
    for (let shift = 3; shift <= 31; shift += 7) {
      const x = this.bytes[p++] as number;
      this.high |= (x & 127) << shift;
      if (x < 128) return p;
    }
    throw new DecodeError('malformed', `a varint at byte ${this.at} is longer than ten bytes`);
  }

  /** A signed 64-bit number; rounded beyond 2^53, which `isInexact(high)` tells. */
  int64(): number {
    const low = this.varint();
    return this.high * two32 + (low >>> 0);
  }

  /** A signed 64-bit number, exact. */
  bigInt64(): bigint {
    const low = this.varint();
    return bigIntOf(low, this.high);
  }

  /** An unsigned 64-bit number, exact. */
  bigUint64(): bigint {
    return BigInt.asUintN(64, this.bigInt64());
  }

  /** An index into a table: -1 when it does not fit 31 bits, which no table does. */
  index(): number {
    const low = this.varint();
    return this.high === 0 && low >= 0 ? low : -1;
  }

  /** A field's number and wire type in one: `number << 3 | type`. */
  tag(): number {
    const low = this.varint();
    if (this.high !== 0) throw new DecodeError('malformed', `a field number before byte ${this.at} is too large`);
    return low >>> 0;
  }

  /** Where the length-delimited field that begins here ends. Throws when that is past `end`, its parent's end. */
  lengthEnd(end: number): number {
    let length = this.bytes[this.at] as number;
    if (length < 128) this.at++;
    else length = this.index();
    const fieldEnd = this.at + length;
    if (length < 0 || fieldEnd > end) throw this.#tooLong();
    return fieldEnd;
  }

  #tooLong(): DecodeError {
    return new DecodeError('malformed', `cut off: a field at byte ${this.at} is longer than what holds it`);
  }

  /** Passes over a field that this reader does not know. Fields up to `known` are known, so their type is wrong. */
  skip(tag: number, known: number, end: number): void {
    const field = tag >>> 3;
    const type = tag & 7;
    if (field === 0) throw new DecodeError('malformed', `field number 0 before byte ${this.at} is no protobuf`);
    if (field <= known || type === 3 || type === 4 || type > 5) {
      throw new DecodeError(
        'malformed',
        `field ${field} before byte ${this.at} has wire type ${type}: pprof has no such field`,
      );
    }
    if (type === 0) this.varint();
    else if (type === 2) this.at = this.lengthEnd(end);
    else this.at += type === 1 ? 8 : 4;
    if (this.at > end) throw new DecodeError('malformed', `cut off: field ${field} ends past byte ${end}`);
  }

  /** Must be called at the end of each message: a message that was read past its end was cut or lied about a length. */
  expectEnd(end: number): void {
    if (this.at !== end) throw ranPast(end);
  }
}

function ranPast(end: number): DecodeError {
  return new DecodeError('malformed', `cut off: a field runs past its message, which ends at byte ${end}`);
}

/** Whether the number with this upper half may be beyond 2^53, so that a double could not hold it. */
export function isInexact(high: number): boolean {
  return high >= exactHigh || high < -exactHigh;
}

export function bigIntOf(low: number, high: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}
