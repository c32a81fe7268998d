import { DecodeError } from './decode-error.ts';
import type { DecodedProfile, DecodeLimits } from './decoded-profile.ts';
import { FunctionArena } from './function-arena.ts';
import { unpackBody } from './gunzip.ts';
import { HeaderFields } from './header-fields.ts';
import { IdIndex } from './id-index.ts';
import { openInflateEngine } from './inflate-engine.ts';
import { Inflater } from './inflater.ts';
import { LocationArena } from './location-arena.ts';
import { recogniseBody } from './recognise-body.ts';
import { SampleArena } from './sample-arena.ts';
import { StringTable, stringTag } from './string-table.ts';
import { WireReader } from './wire-reader.ts';

/** `Profile`'s fields as tags: number << 3 | wire type. */
const sampleTypeTag = 0x0a;
const sampleTag = 0x12;
const mappingTag = 0x1a;
const locationTag = 0x22;
const functionTag = 0x2a;
const lastProfileField = 15;

/** Frames of all samples together, inlined ones included; the largest real profile known has 1.2 million. */
const maxFrames = 10_000_000;

/**
 * Decodes pprof messages, gzip or plain, into columns. It is as strict as google/pprof's `CheckValid` and stricter where
 * the library would read a legacy format or ignore a contradiction; what it accepts means the same here as there.
 *
 * One instance reuses its memory: a decoded profile is good until the next `decode`. Time and memory are bounded by the
 * size of the body and by `limits`, whatever it says.
 */
export class PprofDecoder {
  readonly #limits: DecodeLimits;
  readonly #inflater: Inflater;
  readonly #wire = new WireReader();
  readonly #samples: SampleArena;
  readonly #locations: LocationArena;
  readonly #functions = new FunctionArena();
  readonly #strings: StringTable;
  readonly #ids = { location: new IdIndex(), mapping: new IdIndex(), function: new IdIndex() };

  constructor(limits: DecodeLimits) {
    this.#limits = limits;
    this.#inflater = new Inflater(limits.inflatedBytes, openInflateEngine());
    this.#samples = new SampleArena(limits);
    this.#locations = new LocationArena(limits);
    this.#strings = new StringTable(limits);
  }

  /** Throws `DecodeError` when the body is no sound profile or over a limit. The body is not changed or kept. */
  decode(body: Uint8Array): DecodedProfile {
    const { padded, length, wasGzip } = unpackBody(body, this.#limits, this.#inflater);
    const bytes = padded.subarray(0, length);
    try {
      return this.#decodeMessage(padded, bytes);
    } catch (error) {
      if (!(error instanceof DecodeError) || error.code !== 'malformed') throw error;
      const kind = recogniseBody(bytes);
      if (kind === undefined) throw error;
      throw new DecodeError('not_pprof', `no pprof profile but ${kind}${wasGzip ? ' (compressed)' : ''}`, {
        cause: error,
      });
    }
  }

  #decodeMessage(padded: Uint8Array, bytes: Uint8Array): DecodedProfile {
    this.#reset(padded, bytes);
    const header = new HeaderFields(this.#limits);
    const samplesInOrder = this.#readFields(header, bytes.length);
    if (this.#strings.count === 0) {
      throw new DecodeError('malformed', 'no string table: not even the empty string that every profile has');
    }
    if (header.sampleTypes.length === 0)
      throw new DecodeError('invalid', 'no sample types: nothing says what is counted');
    if (!samplesInOrder) this.#readSamplesAgain(header.sampleTypes.length, bytes.length);
    this.#samples.finish();
    this.#locations.finish();
    this.#checkStrings();
    this.#resolveIds();
    this.#checkFrames();
    return this.#result(bytes, header);
  }

  #reset(padded: Uint8Array, message: Uint8Array): void {
    this.#wire.bytes = padded;
    this.#wire.at = 0;
    this.#samples.reset();
    this.#locations.reset();
    this.#functions.reset();
    this.#strings.reset(message);
    this.#ids.location.reset();
    this.#ids.mapping.reset();
    this.#ids.function.reset();
  }

  /**
   * One pass over the message. False when samples must be read again: one came before a sample type, or has a
   * wrong number of values, which only the second pass can tell apart.
   */
  #readFields(header: HeaderFields, end: number): boolean {
    const wire = this.#wire;
    const bytes = wire.bytes;
    const samples = this.#samples;
    const ids = this.#ids;
    let samplesInOrder = true;
    let sawSample = false;
    while (wire.at < end) {
      const tag = bytes[wire.at++] as number;
      if (tag === sampleTag) {
        const fieldEnd = wire.lengthEnd(end);
        if (!sawSample) samples.begin(header.sampleTypes.length);
        sawSample = true;
        samplesInOrder &&= header.sampleTypes.length > 0;
        if (samplesInOrder) samplesInOrder = samples.read(wire, fieldEnd, ids.location);
        else wire.at = fieldEnd;
      } else if (tag === locationTag) this.#locations.read(wire, wire.lengthEnd(end), ids);
      else if (tag === stringTag) this.#strings.readRun(wire, end);
      else if (tag === functionTag) this.#functions.read(wire, wire.lengthEnd(end), ids.function);
      else if (tag === sampleTypeTag) {
        header.addSampleType(wire, wire.lengthEnd(end));
        samplesInOrder &&= !sawSample;
      } else {
        wire.at--;
        this.#readHeaderField(header, wire.tag(), end);
      }
    }
    wire.expectEnd(end);
    return samplesInOrder;
  }

  #readHeaderField(header: HeaderFields, tag: number, end: number): void {
    const wire = this.#wire;
    if (tag === mappingTag) header.addMapping(wire, wire.lengthEnd(end), this.#ids.mapping);
    else if (tag === 0x38) header.dropFrames = wire.index();
    else if (tag === 0x40) header.keepFrames = wire.index();
    else if (tag === 0x48) header.setTime(wire.bigInt64());
    else if (tag === 0x50) header.durationNanos = wire.bigInt64();
    else if (tag === 0x5a) header.setPeriodType(wire, wire.lengthEnd(end));
    else if (tag === 0x60) header.period = wire.bigInt64();
    else if (tag === 0x68) header.addComment(wire.index());
    else if (tag === 0x6a) {
      const fieldEnd = wire.lengthEnd(end);
      while (wire.at < fieldEnd) header.addComment(wire.index());
      wire.expectEnd(fieldEnd);
    } else if (tag === 0x70) header.defaultSampleType = wire.index();
    else if (tag === 0x78) header.docUrl = wire.index();
    else wire.skip(tag, lastProfileField, end);
  }

  /** A second pass for samples alone, now that all sample types are known. Everything else is known to be well formed. */
  #readSamplesAgain(types: number, end: number): void {
    const wire = this.#wire;
    this.#samples.begin(types);
    wire.at = 0;
    while (wire.at < end) {
      const tag = wire.tag();
      if (tag !== sampleTag) wire.skip(tag, 0, end);
      else if (!this.#samples.read(wire, wire.lengthEnd(end), this.#ids.location)) {
        const { count, valuesSeen } = this.#samples;
        throw new DecodeError(
          'invalid',
          `sample ${count - 1} has ${valuesSeen} values, but there are ${types} sample types`,
        );
      }
    }
  }

  #checkStrings(): void {
    const strings = this.#strings;
    const functions = this.#functions;
    const labels = this.#samples.labels;
    strings.checkAll(functions.nameIndex, functions.count, 'the name of function');
    strings.checkAll(functions.systemName, functions.count, 'the system name of function');
    strings.checkAll(functions.file, functions.count, 'the file of function');
    strings.check(labels.lostKey, 'the key of a label');
    strings.checkAll(labels.key, labels.count, 'the key of label');
    strings.checkAll(labels.text, labels.count, 'the text of label');
    strings.checkAll(labels.unit, labels.count, 'the unit of label');
  }

  #resolveIds(): void {
    const { location, mapping, function: functions } = this.#ids;
    const samples = this.#samples;
    const locations = this.#locations;
    const badSample = samples.resolveLocations(location);
    if (badSample >= 0) {
      const id = location.idOf((samples.location[badSample] as number) + 1);
      throw new DecodeError(
        'invalid',
        `sample ${samples.sampleAt(badSample)} names location ${id}, which does not exist`,
      );
    }
    const badLine = functions.resolve(locations.lineFunction, locations.lineCount);
    if (badLine >= 0) {
      const id = functions.idOf((locations.lineFunction[badLine] as number) + 1);
      throw new DecodeError('invalid', `line ${badLine} of the locations names function ${id}, which does not exist`);
    }
    // A mapping that is not there counts as none, as in google/pprof.
    for (let i = 0; i < locations.count; i++) locations.mapping[i] = mapping.find(locations.mapping[i] as number);
  }

  /** A location of ten thousand lines takes two bytes to name again: what samples unfold to is bounded on its own. */
  #checkFrames(): void {
    const { location, locationCount } = this.#samples;
    const { lineStart, count } = this.#locations;
    let mostLines = 1;
    for (let i = 0; i < count; i++) {
      mostLines = Math.max(mostLines, (lineStart[i + 1] as number) - (lineStart[i] as number));
    }
    if (locationCount * mostLines <= maxFrames) return;
    let frames = 0;
    for (let i = 0; i < locationCount; i++) {
      const at = location[i] as number;
      frames += Math.max(1, (lineStart[at + 1] as number) - (lineStart[at] as number));
    }
    if (frames > maxFrames)
      throw new DecodeError('too_large', `the samples have ${frames} frames, above the limit of ${maxFrames}`);
  }

  #result(bytes: Uint8Array, header: HeaderFields): DecodedProfile {
    const samples = this.#samples;
    const locations = this.#locations;
    const functions = this.#functions;
    const strings = this.#strings;
    return {
      ...header.resolve(strings),
      bytes,
      sampleCount: samples.count,
      sampleStart: samples.start,
      sampleLocation: samples.location,
      values: samples.values,
      bigValues: samples.bigValues,
      labelStart: samples.labelStart,
      labelKey: samples.labels.key,
      labelText: samples.labels.text,
      labelNumber: samples.labels.number,
      bigLabelNumbers: samples.labels.bigNumbers,
      labelUnit: samples.labels.unit,
      locationCount: locations.count,
      locationAddressLow: locations.addressLow,
      locationAddressHigh: locations.addressHigh,
      locationMapping: locations.mapping,
      locationFolded: locations.folded,
      lineStart: locations.lineStart,
      lineFunction: locations.lineFunction,
      lineNumber: locations.lineNumber,
      lineColumn: locations.lineColumn,
      functionCount: functions.count,
      functionName: functions.nameIndex,
      functionSystemName: functions.systemName,
      functionFile: functions.file,
      functionStartLine: functions.startLine,
      stringCount: strings.count,
      stringStart: strings.start,
      stringEnd: strings.end,
      text: (index) => strings.text(index),
    };
  }
}
