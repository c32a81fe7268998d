import type { ValueType } from '../model/profile-type.ts';

/**
 * A pprof message as typed arrays: columns instead of objects, because a collector decodes thousands of these a minute.
 *
 * Ids are already resolved: `sampleLocation` holds indexes of locations, `lineFunction` indexes of functions,
 * `locationMapping` indexes of mappings (-1: none). Text stays in `bytes` until it is asked for by `text(index)`.
 * Arrays may be longer than what is valid; the counts say how much is. All of it may be overwritten by the decoder's
 * next `decode`, so copy what must live longer.
 */
export interface DecodedProfile {
  /** The inflated message. */
  readonly bytes: Uint8Array;
  readonly sampleTypes: readonly ValueType[];
  readonly periodType: ValueType | undefined;
  readonly period: bigint;
  readonly timeNanos: bigint;
  readonly durationNanos: bigint;
  readonly defaultSampleType: string;
  readonly dropFrames: string;
  readonly keepFrames: string;
  readonly docUrl: string;
  readonly comments: readonly string[];

  readonly sampleCount: number;
  /** Locations of sample `i`, leaf first: `sampleLocation[sampleStart[i] … sampleStart[i + 1])`. */
  readonly sampleStart: Int32Array;
  readonly sampleLocation: Int32Array;
  /** Value `t` of sample `i`: `values[i * sampleTypes.length + t]`. Exact, unless listed in `bigValues`. */
  readonly values: Float64Array;
  /** By index into `values`: those beyond 2^53, exact. Undefined when there are none. */
  readonly bigValues: ReadonlyMap<number, bigint> | undefined;

  /** Labels of sample `i`: `[labelStart[i] … labelStart[i + 1])`. A label with number 0, no text and no unit does not exist. */
  readonly labelStart: Int32Array;
  readonly labelKey: Int32Array;
  /** String index of the text; 0 for a number. */
  readonly labelText: Int32Array;
  /** The number where the text is 0; exact, unless listed in `bigLabelNumbers`. */
  readonly labelNumber: Float64Array;
  readonly bigLabelNumbers: ReadonlyMap<number, bigint> | undefined;
  readonly labelUnit: Int32Array;

  readonly locationCount: number;
  /** The address as two halves: `high * 2^32 + low`, both unsigned after `>>> 0`. */
  readonly locationAddressLow: Int32Array;
  readonly locationAddressHigh: Int32Array;
  /** Index of the mapping, or -1. */
  readonly locationMapping: Int32Array;
  readonly locationFolded: Uint8Array;
  /** Lines of location `i`, innermost first: `[lineStart[i] … lineStart[i + 1])`. */
  readonly lineStart: Int32Array;
  readonly lineFunction: Int32Array;
  /** Line numbers are int64 on the wire; beyond 2^53 they are rounded. */
  readonly lineNumber: Float64Array;
  readonly lineColumn: Float64Array;

  readonly functionCount: number;
  /** String indexes. */
  readonly functionName: Int32Array;
  readonly functionSystemName: Int32Array;
  readonly functionFile: Int32Array;
  readonly functionStartLine: Float64Array;

  readonly mappings: readonly DecodedMapping[];

  readonly stringCount: number;
  /** The bytes of string `i`: `bytes[stringStart[i] … stringEnd[i])`. */
  readonly stringStart: Int32Array;
  readonly stringEnd: Int32Array;
  /** String `i` as text; bytes that are not UTF-8 become U+FFFD. */
  text(index: number): string;
}

export interface DecodedMapping {
  readonly start: bigint;
  readonly limit: bigint;
  readonly offset: bigint;
  readonly file: string;
  readonly buildId: string;
}

/** Bounds of one decode. What is over a bound is refused with a reason that names it. */
export interface DecodeLimits {
  /** Of the body as it came, gzip or not. */
  readonly bodyBytes: number;
  /** After gunzip. */
  readonly inflatedBytes: number;
  readonly samples: number;
  readonly locations: number;
  readonly strings: number;
  readonly sampleTypes: number;
  readonly labelsPerSample: number;
}
