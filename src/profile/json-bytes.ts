import type { Amounts } from './amounts.ts';
import { jsonNumber } from './json-number.ts';

const comma = 44;
const minus = 45;
const point = 46;
const zero = 48;
const openBracket = 91;
const closeBracket = 93;

/** Amounts and divisors up to these are divided in doubles, exactly. */
const largestDivided = 2 ** 52;
const largestDivisor = 2 ** 31;
const million = 1_000_000;
const tenMillion = 10_000_000;
/** The longest number written here, with its sign, point and comma. */
const numberBytes = 32;
const encoder = new TextEncoder();

/**
 * JSON written as UTF-8 in one go. Arrays of numbers, which most of a flame graph is, come to their digits without a text
 * for each. No `<` is written, so that the whole may stand inside a page: outside of strings JSON has none.
 */
export class JsonBytes {
  #bytes = new Uint8Array(64 * 1024);
  #size = 0;

  /** A piece of JSON as it stands. */
  text(json: string): this {
    const safe = json.replaceAll('<', String.raw`\u003c`);
    this.#reserve(3 * safe.length);
    this.#size += encoder.encodeInto(safe, this.#bytes.subarray(this.#size)).written;
    return this;
  }

  /** An array of whole numbers. */
  integers(values: Int32Array): this {
    this.#byte(openBracket);
    for (let i = 0; i < values.length; i++) {
      if (i > 0) this.#byte(comma);
      this.#whole(values[i] as number);
    }
    return this.#byte(closeBracket);
  }

  /** An array of amounts, each as `jsonNumber` has it. */
  amounts(values: Amounts, divisor: number): this {
    if (!(values instanceof Float64Array)) {
      return this.text(`[${values.map((value) => jsonNumber(value, divisor)).join(',')}]`);
    }
    this.#byte(openBracket);
    for (let i = 0; i < values.length; i++) {
      if (i > 0) this.#byte(comma);
      this.#amount(values[i] as number, divisor);
    }
    return this.#byte(closeBracket);
  }

  /** What was written; the bytes are the caller's. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#size);
  }

  #amount(value: number, divisor: number): void {
    const size = Math.abs(value);
    if (divisor === 1 && size <= Number.MAX_SAFE_INTEGER) this.#whole(value);
    else if (size <= largestDivided && divisor <= largestDivisor) this.#decimal(value, divisor);
    else this.text(jsonNumber(value, divisor));
  }

  #whole(value: number): void {
    this.#reserve(numberBytes);
    if (value < 0) this.#bytes[this.#size++] = minus;
    this.#digits(Math.abs(value));
  }

  /** At most six places, rounded half away from zero; trailing zeros are left out. */
  #decimal(value: number, divisor: number): void {
    const size = Math.abs(value);
    let units = quotient(size, divisor);
    let millionths = quotient(2 * million * (size - units * divisor) + divisor, 2 * divisor);
    if (millionths === million) {
      units += 1;
      millionths = 0;
    }
    this.#reserve(numberBytes);
    if (value < 0 && (units > 0 || millionths > 0)) this.#bytes[this.#size++] = minus;
    this.#digits(units);
    if (millionths === 0) return;
    this.#bytes[this.#size++] = point;
    this.#padded(millionths, 6);
    while (this.#bytes[this.#size - 1] === zero) this.#size--;
  }

  /** A whole number from 0 to 2^53. */
  #digits(value: number): void {
    if (value < tenMillion) {
      let length = 1;
      for (let next = 10; next <= value; next *= 10) length++;
      this.#padded(value, length);
      return;
    }
    const high = quotient(value, tenMillion);
    this.#digits(high);
    this.#padded(value - high * tenMillion, 7);
  }

  /** The last `length` digits of a number below 2^31. */
  #padded(value: number, length: number): void {
    let rest = value | 0;
    this.#size += length;
    for (let at = this.#size - 1; at >= this.#size - length; at--) {
      const tenth = (rest / 10) | 0;
      this.#bytes[at] = zero + rest - 10 * tenth;
      rest = tenth;
    }
  }

  #byte(byte: number): this {
    this.#reserve(1);
    this.#bytes[this.#size++] = byte;
    return this;
  }

  #reserve(bytes: number): void {
    if (this.#size + bytes <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#size + bytes));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** `value / by` rounded down, exact: the division may round up to the next whole number. */
function quotient(value: number, by: number): number {
  const rounded = Math.floor(value / by);
  return rounded * by > value ? rounded - 1 : rounded;
}
