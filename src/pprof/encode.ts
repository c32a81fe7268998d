import type { PprofLabel } from '../model/frame.ts';
import type { ValueType } from '../model/profile-type.ts';
import type { Profile, ProfileHeader, ValueColumn } from '../profile/profile.ts';
import { Locations } from './encode-locations.ts';
import { gzip } from './gzip.ts';
import { dividedColumn } from './rounding.ts';
import { StringNumbers } from './string-numbers.ts';
import { intSize, uintSize, WireWriter } from './wire-writer.ts';

export interface EncodeOptions {
  /** Default: gzip at a level that is fast. */
  readonly gzip?: 'none';
  /** What the program is called when no frame says which binary it came from. */
  readonly mainMapping?: string | undefined;
  /** Called between steps of a few milliseconds; may throw to stop the work. */
  readonly check?: () => void;
}

/** Rows between two checks. */
const checkedRows = 4096;

/**
 * A profile as pprof, for `go tool pprof` and everything else that reads the format. It keeps all sample types, labels,
 * inlined frames, start lines and columns; locations without symbols keep the address in their file. Values with a divisor
 * are rounded by largest remainder; rows that are 0 in every type are left out, as google/pprof's merge does. Header
 * numbers beyond int64 wrap.
 */
export function encodeProfile(profile: Profile, options: EncodeOptions = {}): Uint8Array {
  const check = options.check ?? (() => {});
  const out = new WireWriter();
  const strings = new StringNumbers();
  const locations = new Locations(profile.stacks.tree);
  for (const type of profile.sampleTypes) writeValueType(out, 1, type, strings);
  writeSamples(out, profile, locations, strings, check);
  locations.write(out, strings, options.mainMapping ?? 'program', check);
  writeHeader(out, profile.header, strings);
  check();
  for (const text of strings.texts) out.textField(6, text);
  const message = out.written();
  return options.gzip === 'none' ? message : gzip(message, check);
}

function writeSamples(
  out: WireWriter,
  { stacks, values, divisors }: Profile,
  locations: Locations,
  strings: StringNumbers,
  check: () => void,
): void {
  const { size, leaf, labelSet } = stacks;
  const columns = values.map((column, type) =>
    dividedColumn(column.length > size ? column.subarray(0, size) : column, divisors[type] ?? 1),
  );
  const labels = new LabelFields(stacks.labelSets, strings);
  const ids: number[] = [];
  for (let row = 0; row < size; row++) {
    if (row % checkedRows === 0) check();
    if (isZeroRow(columns, row)) continue;
    const count = locations.stack(leaf[row] as number, ids);
    const idBytes = bytesOfIds(ids, count);
    const valueBytes = bytesOfRow(columns, row);
    const label = labels.of(labelSet[row] as number);
    out.lengthField(2, packedSize(idBytes) + packedSize(valueBytes) + label.length);
    if (count > 0) {
      out.lengthField(1, idBytes);
      for (let at = 0; at < count; at++) out.uint(ids[at] as number);
    }
    if (columns.length > 0) {
      out.lengthField(2, valueBytes);
      for (const column of columns) out.int(column[row] ?? 0);
    }
    if (label.length > 0) out.bytes(label);
  }
}

function isZeroRow(columns: readonly ValueColumn[], row: number): boolean {
  for (const column of columns) if (Number(column[row] ?? 0) !== 0) return false;
  return true;
}

function bytesOfIds(ids: readonly number[], count: number): number {
  let bytes = 0;
  for (let at = 0; at < count; at++) bytes += uintSize(ids[at] as number);
  return bytes;
}

function bytesOfRow(columns: readonly ValueColumn[], row: number): number {
  let bytes = 0;
  for (const column of columns) bytes += intSize(column[row] ?? 0);
  return bytes;
}

/** A list of numbers as a field; an empty one is left out. */
function packedSize(bytes: number): number {
  return bytes === 0 ? 0 : 1 + uintSize(bytes) + bytes;
}

function writeHeader(out: WireWriter, header: ProfileHeader, strings: StringNumbers): void {
  out.intField(7, strings.of(header.dropFrames));
  out.intField(8, strings.of(header.keepFrames));
  out.intField(9, BigInt.asIntN(64, header.timeNanos));
  out.intField(10, BigInt.asIntN(64, header.durationNanos));
  if (header.periodType) writeValueType(out, 11, header.periodType, strings);
  out.intField(12, BigInt.asIntN(64, header.period));
  const comments = header.comments.map((comment) => strings.of(comment));
  if (comments.length > 0) {
    out.lengthField(13, bytesOfIds(comments, comments.length));
    for (const comment of comments) out.uint(comment);
  }
  out.intField(14, strings.of(header.defaultSampleType));
  out.intField(15, strings.of(header.docUrl));
}

function writeValueType(out: WireWriter, field: number, { type, unit }: ValueType, strings: StringNumbers): void {
  const start = out.open(field);
  out.intField(1, strings.of(type));
  out.intField(2, strings.of(unit));
  out.close(start);
}

/** The labels of samples as they are written, by label set. */
class LabelFields {
  readonly #sets: readonly (readonly PprofLabel[])[];
  readonly #strings: StringNumbers;
  readonly #known: Uint8Array[] = [new Uint8Array(0)];

  constructor(sets: readonly (readonly PprofLabel[])[], strings: StringNumbers) {
    this.#sets = sets;
    this.#strings = strings;
  }

  of(set: number): Uint8Array {
    return (this.#known[set] ??= this.#write(this.#sets[set] ?? []));
  }

  #write(labels: readonly PprofLabel[]): Uint8Array {
    const out = new WireWriter(1024);
    for (const label of labels) {
      const start = out.open(3);
      out.intField(1, this.#strings.of(label.key));
      if ('text' in label) out.intField(2, this.#text(label.text));
      else this.#writeNumber(out, label);
      out.close(start);
    }
    return out.written();
  }

  #writeNumber(out: WireWriter, { number, unit }: Extract<PprofLabel, { readonly number: bigint }>): void {
    out.intField(3, BigInt.asIntN(64, number));
    out.intField(4, number === 0n ? this.#text(unit) : this.#strings.of(unit));
  }

  /** A label whose text is "", or whose number is 0 without a unit, does not exist in pprof when it points at string 0. */
  #text(text: string): number {
    return text === '' ? this.#strings.secondEmpty() : this.#strings.of(text);
  }
}
