import type { ValueType } from '../model/profile-type.ts';
import { DecodeError } from './decode-error.ts';
import type { DecodedMapping, DecodeLimits } from './decoded-profile.ts';
import type { IdIndex } from './id-index.ts';
import type { StringTable } from './string-table.ts';
import type { WireReader } from './wire-reader.ts';

/** Mappings and comments are objects here, a hundred times their bytes: more than these is an attack. */
const maxMappings = 1 << 16;
const maxComments = 1 << 16;

const lastValueTypeField = 2;
const lastMappingField = 10;

interface ValueTypeIndexes {
  readonly type: number;
  readonly unit: number;
}

interface MappingFields {
  start: bigint;
  limit: bigint;
  offset: bigint;
  file: number;
  buildId: number;
}

/** All of a message but samples, locations, functions and strings: few and small, so plain objects serve. */
export class HeaderFields {
  readonly sampleTypes: ValueTypeIndexes[] = [];
  readonly mappings: MappingFields[] = [];
  readonly comments: number[] = [];
  period = 0n;
  timeNanos = 0n;
  durationNanos = 0n;
  dropFrames = 0;
  keepFrames = 0;
  defaultSampleType = 0;
  docUrl = 0;
  #periodType: ValueTypeIndexes = { type: 0, unit: 0 };
  readonly #limits: DecodeLimits;
  /** Text by string index: a thousand comments may name one string of a megabyte. */
  readonly #texts = new Map<number, string>();

  constructor(limits: DecodeLimits) {
    this.#limits = limits;
  }

  addSampleType(wire: WireReader, end: number): void {
    this.sampleTypes.push(readValueType(wire, end));
    if (this.sampleTypes.length > this.#limits.sampleTypes) {
      throw new DecodeError('too_large', `more than ${this.#limits.sampleTypes} sample types`);
    }
  }

  setPeriodType(wire: WireReader, end: number): void {
    this.#periodType = readValueType(wire, end);
  }

  /** A second time in one message means that two profiles were glued together. */
  setTime(nanos: bigint): void {
    if (this.timeNanos !== 0n) {
      throw new DecodeError('invalid', 'time_nanos comes twice: two profiles one after the other are not one profile');
    }
    this.timeNanos = nanos;
  }

  addComment(index: number): void {
    if (this.comments.push(index) > maxComments)
      throw new DecodeError('too_large', `more than ${maxComments} comments`);
  }

  addMapping(wire: WireReader, end: number, ids: IdIndex): void {
    const mapping: MappingFields = { start: 0n, limit: 0n, offset: 0n, file: 0, buildId: 0 };
    let id = 0;
    while (wire.at < end) {
      const tag = wire.tag();
      if (tag === 0x08) id = ids.key(wire.varint(), wire.high);
      else if (tag === 0x10) mapping.start = wire.bigUint64();
      else if (tag === 0x18) mapping.limit = wire.bigUint64();
      else if (tag === 0x20) mapping.offset = wire.bigUint64();
      else if (tag === 0x28) mapping.file = wire.index();
      else if (tag === 0x30) mapping.buildId = wire.index();
      // has_functions, has_filenames, has_line_numbers, has_inline_frames: what the lines show anyway.
      else if (tag === 0x38 || tag === 0x40 || tag === 0x48 || tag === 0x50) wire.varint();
      else wire.skip(tag, lastMappingField, end);
    }
    wire.expectEnd(end);
    const at = this.mappings.push(mapping) - 1;
    if (at >= maxMappings) throw new DecodeError('too_large', `more than ${maxMappings} mappings`);
    if (id === 0) throw new DecodeError('invalid', `mapping ${at} of the table has id 0, which is reserved`);
    if (!ids.define(id, at))
      throw new DecodeError(
        'invalid',
        `mapping id ${ids.idOf(id)} comes twice: or are these two profiles glued together?`,
      );
  }

  /** The header with its texts. Throws when one is outside the string table. */
  resolve(strings: StringTable): ResolvedHeader {
    const text = (index: number, what: string): string => this.#text(strings, index, what);
    const valueType = (indexes: ValueTypeIndexes, what: string): ValueType => ({
      type: text(indexes.type, what),
      unit: text(indexes.unit, what),
    });
    const periodType = valueType(this.#periodType, 'period_type');
    return {
      sampleTypes: this.sampleTypes.map((indexes, i) => valueType(indexes, `sample type ${i}`)),
      periodType: periodType.type === '' && periodType.unit === '' ? undefined : periodType,
      period: this.period,
      timeNanos: this.timeNanos,
      durationNanos: this.durationNanos,
      defaultSampleType: text(this.defaultSampleType, 'default_sample_type'),
      dropFrames: text(this.dropFrames, 'drop_frames'),
      keepFrames: text(this.keepFrames, 'keep_frames'),
      docUrl: text(this.docUrl, 'doc_url'),
      comments: this.comments.map((index, i) => text(index, `comment ${i}`)),
      mappings: this.mappings.map((mapping, i) => ({
        start: mapping.start,
        limit: mapping.limit,
        offset: mapping.offset,
        file: text(mapping.file, `mapping ${i}`),
        buildId: text(mapping.buildId, `mapping ${i}`),
      })),
    };
  }

  #text(strings: StringTable, index: number, what: string): string {
    strings.check(index, what);
    let text = this.#texts.get(index);
    if (text === undefined) {
      text = strings.text(index);
      this.#texts.set(index, text);
    }
    return text;
  }
}

export interface ResolvedHeader {
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
  readonly mappings: readonly DecodedMapping[];
}

function readValueType(wire: WireReader, end: number): ValueTypeIndexes {
  let type = 0;
  let unit = 0;
  while (wire.at < end) {
    const tag = wire.tag();
    if (tag === 0x08) type = wire.index();
    else if (tag === 0x10) unit = wire.index();
    else wire.skip(tag, lastValueTypeField, end);
  }
  wire.expectEnd(end);
  return { type, unit };
}
