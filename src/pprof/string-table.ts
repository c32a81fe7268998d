import { grown, trimmed } from './arena.ts';
import { DecodeError } from './decode-error.ts';
import type { DecodeLimits } from './decoded-profile.ts';
import type { WireReader } from './wire-reader.ts';

/** The tag of `Profile.string_table`. */
export const stringTag = 0x32;

/** Where the strings of a message lie in its bytes. Text is made when it is asked for. */
export class StringTable {
  count = 0;
  start: Int32Array = new Int32Array(1 << 12);
  end: Int32Array = new Int32Array(1 << 12);
  readonly #limits: DecodeLimits;
  #message: Buffer = Buffer.alloc(0);

  constructor(limits: DecodeLimits) {
    this.#limits = limits;
  }

  reset(message: Uint8Array): void {
    this.start = trimmed(this.start, this.count);
    this.end = trimmed(this.end, this.count);
    this.count = 0;
    this.#message = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  }

  /** Reads the string at the reader's position, and those behind it as long as no other field comes between. */
  readRun(wire: WireReader, end: number): void {
    const b = wire.bytes;
    let count = this.count;
    for (let p = wire.at; ; p++) {
      let length = b[p] as number;
      if (length < 128 && p + 1 + length <= end) p++;
      else {
        wire.at = p;
        length = wire.lengthEnd(end) - wire.at;
        p = wire.at;
      }
      if (count >= this.start.length) this.#grow(count + 1);
      this.start[count] = p;
      p += length;
      this.end[count++] = p;
      if (p < end && b[p] === stringTag) continue;
      wire.at = p;
      break;
    }
    this.count = count;
    this.#checkCount();
    if (this.start[0] !== this.end[0]) {
      throw new DecodeError('invalid', 'the first entry of the string table is not the empty string');
    }
  }

  /** Past the limit nothing grows. */
  #grow(need: number): void {
    this.count = need;
    this.#checkCount();
    this.start = grown(this.start, need);
    this.end = grown(this.end, need);
  }

  #checkCount(): void {
    if (this.count > this.#limits.strings) {
      throw new DecodeError('too_large', `more than ${this.#limits.strings} strings`);
    }
  }

  /** Throws when `index` is outside the table; `what` names who asked. */
  check(index: number, what: string): void {
    if (index >>> 0 >= this.count) {
      const which = index < 0 ? 'a string' : `string ${index}`;
      throw new DecodeError('invalid', `${what} names ${which} outside the string table of ${this.count}`);
    }
  }

  /** As `check`, for the first `count` of a column. */
  checkAll(indexes: Int32Array, count: number, what: string): void {
    const strings = this.count;
    for (let i = 0; i < count; i++) {
      const index = indexes[i] as number;
      if (index >>> 0 >= strings) this.check(index, `${what} ${i}`);
    }
  }

  /** String `index` as text; what is no UTF-8 becomes U+FFFD. `index` must be inside the table. */
  text(index: number): string {
    return this.#message.toString('utf8', this.start[index], this.end[index]);
  }
}
