import { grown, trimmed } from './arena.ts';
import { DecodeError } from './decode-error.ts';
import { bigIntOf, isInexact, two32, type WireReader } from './wire-reader.ts';

/** Numbers beyond 2^53 cost ten times their bytes; pointers as labels are the only sound ones. */
const maxBigNumbers = 1 << 18;

const lastLabelField = 4;

/** The labels of all samples of a message as columns. */
export class LabelArena {
  count = 0;
  key: Int32Array = new Int32Array(256);
  text: Int32Array = new Int32Array(256);
  number: Float64Array = new Float64Array(256);
  bigNumbers: Map<number, bigint> | undefined;
  unit: Int32Array = new Int32Array(256);
  /** The largest key index among the labels that do not exist: it is checked all the same. */
  lostKey = 0;

  /** Gives back the memory that a giant message took. */
  trim(): void {
    this.key = trimmed(this.key, this.count);
    this.text = trimmed(this.text, this.count);
    this.number = trimmed(this.number, this.count);
    this.unit = trimmed(this.unit, this.count);
  }

  clear(): void {
    this.count = 0;
    this.bigNumbers = undefined;
    this.lostKey = 0;
  }

  /** Reads the `Label` between the reader's position and `end`. One with number 0, no text and no unit does not exist. */
  read(wire: WireReader, end: number): void {
    const b = wire.bytes;
    let key = 0;
    let text = 0;
    let low = 0;
    let high = 0;
    let unit = 0;
    while (wire.at < end) {
      const tag = b[wire.at++] as number;
      if (tag === 0x08) key = wire.index();
      else if (tag === 0x10) text = wire.index();
      else if (tag === 0x18) {
        low = wire.varint();
        high = wire.high;
      } else if (tag === 0x20) unit = wire.index();
      else {
        wire.at--;
        wire.skip(wire.tag(), lastLabelField, end);
      }
    }
    wire.expectEnd(end);
    if (text === 0 && low === 0 && high === 0 && unit === 0) this.lostKey = Math.max(this.lostKey, key >>> 0);
    else this.#add(key, text, low, high, unit);
  }

  #add(key: number, text: number, low: number, high: number, unit: number): void {
    const at = this.count++;
    if (at >= this.unit.length) {
      this.key = grown(this.key, at + 1);
      this.text = grown(this.text, at + 1);
      this.number = grown(this.number, at + 1);
      this.unit = grown(this.unit, at + 1);
    }
    this.key[at] = key;
    this.text[at] = text;
    this.unit[at] = unit;
    this.number[at] = high * two32 + (low >>> 0);
    if (!isInexact(high)) return;
    this.bigNumbers ??= new Map();
    if (this.bigNumbers.size >= maxBigNumbers) {
      throw new DecodeError('too_large', `more than ${maxBigNumbers} label numbers are beyond 2^53`);
    }
    this.bigNumbers.set(at, bigIntOf(low, high));
  }
}
