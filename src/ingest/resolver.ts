import type { DecodedProfile } from '../pprof/decoded-profile.ts';
import type { ValueColumn } from '../profile/profile.ts';
import { ContentHasher } from './content-hasher.ts';
import { type HashKey, mix32 } from './keyed-hash.ts';
import { LabelHasher } from './label-hasher.ts';
import { PairMap } from './pair-map.ts';
import type { PartitionSymbols } from './partition-symbols.ts';
import { sumColumns } from './value-columns.ts';

/**
 * The unique stacks of a profile, by 64-bit hash, and their summed values. Arrays may be longer than `count`. All of it is
 * overwritten by the next `resolve`.
 */
export interface ResolvedProfile {
  readonly count: number;
  readonly high: Int32Array;
  readonly low: Int32Array;
  /** A sample that has this stack, to describe it by. */
  readonly sample: Int32Array;
  /** The hash of the row's pprof labels; two zeros for none. */
  readonly labelsHigh: Int32Array;
  readonly labelsLow: Int32Array;
  /** One column for each sample type, `count` long. */
  readonly values: readonly ValueColumn[];
  /** Whether an address was caught meaning other code than before. */
  readonly unstable: boolean;
  /** The row of a stack, or -1. */
  rowOf(high: number, low: number): number;
}

export interface ResolveOptions {
  /** Names the binary where a mapping has no build id: the image digest, else the process. */
  readonly build: string;
  /** Compare what the addresses recall with the content. */
  readonly verify: boolean;
}

/**
 * Turns samples into unique stacks. In steady state no text is touched: a location is recognised by its build, its address
 * in the file and its lines, and a stack's hash is mixed from the hashes of its locations.
 *
 * A stack's hash depends on nothing but its frames (with how they are inlined into each other), its pprof labels and the
 * store's key, so it is the same in every process and after every restart. Both halves are mixed apart from each other
 * from independent halves of the locations' keyed hashes. With 10^6 stacks in a partition the odds that any two share
 * 64 bits are about n²/2^65 = 3·10^-8.
 */
export class StackResolver {
  readonly #content: ContentHasher;
  readonly #labels: LabelHasher;
  readonly #key: HashKey;
  readonly #rows = new PairMap();
  #locationHigh = new Int32Array(1024);
  #locationLow = new Int32Array(1024);
  #scratch = new RowScratch(1024);
  #rowOfSample = new Int32Array(1024);
  #unstable = false;

  constructor(key: HashKey) {
    this.#key = key;
    this.#content = new ContentHasher(key);
    this.#labels = new LabelHasher(this.#content);
  }

  resolve(profile: DecodedProfile, symbols: PartitionSymbols, options: ResolveOptions): ResolvedProfile {
    this.#content.begin(profile);
    this.#hashLocations(profile, symbols, options);
    this.#makeRoom(profile.sampleCount);
    const count = this.#findRows(profile);
    const { high, low, sample, labelsHigh, labelsLow } = this.#scratch;
    return {
      count,
      high,
      low,
      sample,
      labelsHigh,
      labelsLow,
      values: sumColumns(profile, this.#rowOfSample, count),
      unstable: this.#unstable,
      rowOf: (high, low) => this.#rows.get(high, low),
    };
  }

  /** The hash that a stack of one frame without labels has, which is nothing but a function of this name. */
  madeStack(name: string): { readonly high: number; readonly low: number } {
    this.#content.madeLocation(name);
    const [a, b] = this.#mixLocation(this.#key.high, this.#key.low, this.#content.high, this.#content.low);
    return { high: mix32(a ^ 1), low: mix32(b + 1) };
  }

  #hashLocations(profile: DecodedProfile, symbols: PartitionSymbols, { build, verify }: ResolveOptions): void {
    const count = profile.locationCount;
    if (count > this.#locationHigh.length) {
      this.#locationHigh = new Int32Array(2 * count);
      this.#locationLow = new Int32Array(2 * count);
    }
    const content = this.#content;
    const { locations } = symbols;
    const { lineStart, lineNumber, lineColumn } = profile;
    const builds = symbols.buildsOf(profile, build);
    const bases = mappingBases(profile);
    this.#unstable = false;
    for (let index = 0; index < count; index++) {
      const mapping = profile.locationMapping[index] as number;
      const slot = mapping < 0 ? profile.mappings.length : mapping;
      const buildNumber = builds[slot] as number;
      const addressLow = profile.locationAddressLow[index] as number;
      const addressHigh = profile.locationAddressHigh[index] as number;
      if (buildNumber < 0 || (addressLow | addressHigh) === 0) {
        content.location(index);
        this.#locationHigh[index] = content.high;
        this.#locationLow[index] = content.low;
        continue;
      }
      const baseLow = bases[2 * slot + 1] as number;
      const borrow = addressLow >>> 0 < baseLow >>> 0 ? 1 : 0;
      const a = (addressLow - baseLow) | 0;
      let b = mix32((addressHigh - (bases[2 * slot] as number) - borrow) ^ Math.imul(buildNumber + 1, 0x9e3779b1));
      for (let line = lineStart[index] as number; line < (lineStart[index + 1] as number); line++) {
        b = Math.imul(b ^ (lineNumber[line] as number), 0x01000193) + (lineColumn[line] as number) + 7;
      }
      b = mix32(b);
      const entry = locations.find(a, b);
      if (entry >= 0 && !verify) {
        this.#locationHigh[index] = locations.high(entry);
        this.#locationLow[index] = locations.low(entry);
        continue;
      }
      content.location(index);
      if (entry >= 0 && (locations.high(entry) !== content.high || locations.low(entry) !== content.low)) {
        symbols.distrust(buildNumber);
        this.#unstable = true;
      }
      locations.keep(a, b, content.high, content.low);
      this.#locationHigh[index] = content.high;
      this.#locationLow[index] = content.low;
    }
  }

  #makeRoom(samples: number): void {
    this.#rows.reset(samples);
    if (samples <= this.#rowOfSample.length) return;
    this.#rowOfSample = new Int32Array(2 * samples);
    this.#scratch = new RowScratch(2 * samples);
  }

  #findRows(profile: DecodedProfile): number {
    const { sampleStart, sampleLocation, labelStart, sampleCount } = profile;
    const { high, low, sample, labelsHigh, labelsLow } = this.#scratch;
    const locationHigh = this.#locationHigh;
    const locationLow = this.#locationLow;
    const rowOfSample = this.#rowOfSample;
    const rows = this.#rows;
    const labels = this.#labels;
    let count = 0;
    for (let index = 0; index < sampleCount; index++) {
      const from = sampleStart[index] as number;
      const to = sampleStart[index + 1] as number;
      let a = this.#key.high;
      let b = this.#key.low;
      for (let at = from; at < to; at++) {
        const location = sampleLocation[at] as number;
        // Written out twice (see mixLocation): this line runs for every frame of every sample.
        a = Math.imul(((a << 13) | (a >>> 19)) ^ (locationHigh[location] as number), 0x9e3779b1);
        a ^= a >>> 15;
        b = Math.imul(((b << 11) | (b >>> 21)) ^ (locationLow[location] as number), 0x85ebca6b);
        b ^= b >>> 13;
      }
      const labelsFrom = labelStart[index] as number;
      const labelsTo = labelStart[index + 1] as number;
      const labelled = labelsFrom < labelsTo && labels.sum(profile, labelsFrom, labelsTo);
      if (labelled) {
        a = mix32(a ^ labels.high);
        b = mix32(b ^ labels.low);
      }
      a = mix32(a ^ (to - from));
      b = mix32(b + (to - from));
      let row = rows.get(a, b);
      if (row < 0) {
        row = count++;
        rows.set(a, b, row);
        high[row] = a;
        low[row] = b;
        sample[row] = index;
        labelsHigh[row] = labelled ? labels.high : 0;
        labelsLow[row] = labelled ? labels.low : 0;
      }
      rowOfSample[index] = row;
    }
    return count;
  }

  #mixLocation(high: number, low: number, locationHigh: number, locationLow: number): [number, number] {
    const a = Math.imul(((high << 13) | (high >>> 19)) ^ locationHigh, 0x9e3779b1);
    const b = Math.imul(((low << 11) | (low >>> 21)) ^ locationLow, 0x85ebca6b);
    return [a ^ (a >>> 15), b ^ (b >>> 13)];
  }
}

/** `start - offset` of each mapping as two words, high first; zeros last, for locations without a mapping. */
function mappingBases({ mappings }: DecodedProfile): Int32Array {
  const bases = new Int32Array(2 * mappings.length + 2);
  for (const [index, { start, offset }] of mappings.entries()) {
    const base = BigInt.asUintN(64, start - offset);
    bases[2 * index] = Number(base >> 32n) | 0;
    bases[2 * index + 1] = Number(base & 0xffff_ffffn) | 0;
  }
  return bases;
}

/** The columns of rows, grown together. */
class RowScratch {
  readonly high: Int32Array;
  readonly low: Int32Array;
  readonly sample: Int32Array;
  readonly labelsHigh: Int32Array;
  readonly labelsLow: Int32Array;

  constructor(rows: number) {
    this.high = new Int32Array(rows);
    this.low = new Int32Array(rows);
    this.sample = new Int32Array(rows);
    this.labelsHigh = new Int32Array(rows);
    this.labelsLow = new Int32Array(rows);
  }
}
