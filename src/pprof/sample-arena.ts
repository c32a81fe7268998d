import { grown, trimmed } from './arena.ts';
import { DecodeError } from './decode-error.ts';
import type { DecodeLimits } from './decoded-profile.ts';
import type { IdIndex } from './id-index.ts';
import { LabelArena } from './label-arena.ts';
import { bigIntOf, isInexact, two32, type WireReader } from './wire-reader.ts';

/** Values beyond 2^53 cost a hundred times their bytes; a sound profile has a handful. */
const maxBigValues = 1 << 18;

/** The tags of `Sample` and of its packed and unpacked fields. */
const packedLocations = 0x0a;
const oneLocation = 0x08;
const packedValues = 0x12;
const oneValue = 0x10;
const label = 0x1a;
const lastSampleField = 3;

/**
 * The samples of one message as columns, reused from message to message. The loops below are what a collector spends its
 * time in: they read varints of up to four bytes in place and leave longer ones to the reader.
 */
export class SampleArena {
  count = 0;
  locationCount = 0;
  start: Int32Array = new Int32Array(1 << 12);
  /**
   * Keys of location ids less 1, until they are resolved to positions: ids are mostly 1, 2, 3 … in the order of the
   * table, and then these are the positions already.
   */
  location: Int32Array = new Int32Array(1 << 15);
  values: Float64Array = new Float64Array(1 << 13);
  bigValues: Map<number, bigint> | undefined;
  /** How many values the last sample had. */
  valuesSeen = 0;
  labelStart: Int32Array = new Int32Array(1 << 12);
  readonly labels = new LabelArena();
  readonly #limits: DecodeLimits;
  #types = 0;
  #highestKey = 0;
  /** All of `location` or-ed together: negative when one is -1, which id 0 makes. */
  #locationBits = 0;

  constructor(limits: DecodeLimits) {
    this.#limits = limits;
  }

  /** Forgets all samples of the message before, and gives back the memory that a giant took. */
  reset(): void {
    this.start = trimmed(this.start, this.count + 1);
    this.labelStart = trimmed(this.labelStart, this.count + 1);
    this.location = trimmed(this.location, this.locationCount);
    this.values = trimmed(this.values, this.count * this.#types);
    this.labels.trim();
    this.begin(0);
  }

  /** Begins anew: the samples from here on have this many values each. */
  begin(types: number): void {
    this.labels.clear();
    this.count = 0;
    this.locationCount = 0;
    this.bigValues = undefined;
    this.#types = types;
    this.#highestKey = 0;
    this.#locationBits = 0;
  }

  /** Reads the `Sample` between the reader's position and `end`. False when it has not one value for each type. */
  read(wire: WireReader, end: number, ids: IdIndex): boolean {
    const sample = this.count;
    this.#begin(sample);
    const b = wire.bytes;
    let seen = 0;
    while (wire.at < end) {
      const tag = b[wire.at++] as number;
      if (tag === packedLocations) this.#readLocations(wire, wire.lengthEnd(end), ids);
      else if (tag === packedValues) seen = this.#readValues(wire, wire.lengthEnd(end), seen);
      else if (tag === label) this.labels.read(wire, wire.lengthEnd(end));
      else if (tag === oneLocation) this.#readLocation(wire, ids);
      else if (tag === oneValue) this.#value(wire, seen++);
      else this.#otherField(wire, end);
    }
    wire.expectEnd(end);
    this.count = sample + 1;
    if (this.labels.count - (this.labelStart[sample] as number) > this.#limits.labelsPerSample) {
      throw new DecodeError('too_large', `sample ${sample} has more than ${this.#limits.labelsPerSample} labels`);
    }
    this.valuesSeen = seen;
    return seen === this.#types;
  }

  /** Closes the columns: entry `count` of the starts is where the last sample ends. */
  finish(): void {
    this.start[this.count] = this.locationCount;
    this.labelStart[this.count] = this.labels.count;
  }

  /** Replaces what stands for location ids by positions; answers the place of the first that is not defined, or -1. */
  resolveLocations(ids: IdIndex): number {
    if (this.#locationBits >= 0 && ids.isIdentityUpTo(this.#highestKey)) return -1;
    return ids.resolve(this.location, this.locationCount);
  }

  /** The sample that holds entry `at` of `location`. */
  sampleAt(at: number): number {
    let sample = 0;
    while (sample + 1 < this.count && (this.start[sample + 1] as number) <= at) sample++;
    return sample;
  }

  #begin(sample: number): void {
    if (sample >= this.#limits.samples) {
      throw new DecodeError('too_large', `more than ${this.#limits.samples} samples`);
    }
    if (sample + 2 > this.start.length || sample + 2 > this.labelStart.length) {
      this.start = grown(this.start, sample + 2);
      this.labelStart = grown(this.labelStart, sample + 2);
    }
    const values = (sample + 1) * this.#types;
    if (values > this.values.length) this.values = grown(this.values, values);
    this.start[sample] = this.locationCount;
    this.labelStart[sample] = this.labels.count;
  }

  #readLocations(wire: WireReader, end: number, ids: IdIndex): void {
    const b = wire.bytes;
    let p = wire.at;
    let count = this.locationCount;
    // An id takes a byte or more, so the field's length bounds how many there are.
    const need = count + end - p;
    if (need > this.location.length) this.location = grown(this.location, need);
    const location = this.location;
    let highest = this.#highestKey;
    let bits = this.#locationBits;
    while (p < end) {
      let x = b[p++] as number;
      if (x > 127) {
        const y = b[p++] as number;
        x = (x & 127) | ((y & 127) << 7);
        if (y > 127) {
          const z = b[p++] as number;
          x |= (z & 127) << 14;
          if (z > 127) {
            wire.at = p - 3;
            x = ids.key(wire.varint(), wire.high);
            p = wire.at;
          }
        }
      }
      if (x > highest) highest = x;
      bits |= --x;
      location[count++] = x;
    }
    this.locationCount = count;
    this.#highestKey = highest;
    this.#locationBits = bits;
    wire.at = p;
    wire.expectEnd(end);
  }

  /** An id that is not packed, as async-profiler writes them. */
  #readLocation(wire: WireReader, ids: IdIndex): void {
    let key = wire.bytes[wire.at] as number;
    if (key < 128) wire.at++;
    else key = ids.key(wire.varint(), wire.high);
    const at = this.locationCount++;
    if (at >= this.location.length) this.location = grown(this.location, at + 1);
    this.location[at] = key - 1;
    if (key > this.#highestKey) this.#highestKey = key;
    this.#locationBits |= key - 1;
  }

  #readValues(wire: WireReader, end: number, seenBefore: number): number {
    const b = wire.bytes;
    const values = this.values;
    const types = this.#types;
    const first = this.count * types;
    let p = wire.at;
    let seen = seenBefore;
    while (p < end) {
      let x = b[p++] as number;
      if (x > 127) {
        const y = b[p++] as number;
        x = (x & 127) | ((y & 127) << 7);
        if (y > 127) {
          const z = b[p++] as number;
          x |= (z & 127) << 14;
          if (z > 127) {
            const w = b[p++] as number;
            x |= (w & 127) << 21;
            if (w > 127) {
              wire.at = p - 4;
              this.#value(wire, seen++);
              p = wire.at;
              continue;
            }
          }
        }
      }
      if (seen < types) values[first + seen] = x;
      seen++;
    }
    wire.at = p;
    wire.expectEnd(end);
    return seen;
  }

  /** One value of any size; those past the sample types are passed over, for the sample is refused at its end. */
  #value(wire: WireReader, nth: number): void {
    const low = wire.varint();
    if (nth >= this.#types) return;
    const at = this.count * this.#types + nth;
    this.values[at] = wire.high * two32 + (low >>> 0);
    if (!isInexact(wire.high)) return;
    this.bigValues ??= new Map();
    if (this.bigValues.size >= maxBigValues) {
      throw new DecodeError('too_large', `more than ${maxBigValues} values are beyond 2^53`);
    }
    this.bigValues.set(at, bigIntOf(low, wire.high));
  }

  /** A field of the future, or a known one under a tag that is written in more bytes than it needs. */
  #otherField(wire: WireReader, end: number): void {
    wire.at--;
    const tag = wire.tag();
    wire.skip(tag, lastSampleField, end);
  }
}
