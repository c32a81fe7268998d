import { gzipSync } from 'node:zlib';
import { Label, Profile as PprofMessage, ValueType as PprofValueType, Sample, StringTable } from 'pprof-format';
import type { PprofLabel } from '../model/frame.ts';
import type { ValueType } from '../model/profile-type.ts';
import type { Profile, ProfileHeader } from '../profile/profile.ts';
import { LocationWriter } from './encode-locations.ts';
import { dividedColumn } from './rounding.ts';

export interface EncodeOptions {
  /** The level of gzip, or no gzip at all. Default 1: half the time of 6 for a tenth more bytes. */
  readonly gzip?: 1 | 2 | 3 | 4 | 5 | 6 | 'none';
  /** What the program is called when no frame says which binary it came from. */
  readonly mainMapping?: string;
}

/** `string_table: ""`, as it stands behind a message. */
const emptyStringField = Uint8Array.of(0x32, 0x00);

/**
 * A profile as pprof, for `go tool pprof` and everything else that reads the format. It keeps all sample types, labels,
 * inlined frames, start lines and columns; locations without symbols keep the address in their file. Values with a divisor
 * are rounded by largest remainder; rows that are 0 in every type are left out, as google/pprof's merge does. Header
 * numbers beyond int64 wrap.
 */
export function encodeProfile(profile: Profile, options: EncodeOptions = {}): Uint8Array {
  const strings = new StringTable();
  const locations = new LocationWriter(profile.stacks.tree, strings, options.mainMapping ?? 'program');
  const labels = new LabelWriter(strings);
  const message = new PprofMessage({
    sampleType: profile.sampleTypes.map((type) => valueType(strings, type)),
    sample: samplesOf(profile, locations, labels),
    mapping: locations.mappings,
    location: locations.locations,
    function: locations.functions,
    stringTable: strings,
    ...headerFields(profile.header, strings),
  });
  const needsEmpty = labels.finish();
  const bytes = encodeMessage(message);
  const whole = needsEmpty ? Buffer.concat([bytes, emptyStringField]) : bytes;
  return options.gzip === 'none' ? whole : gzipSync(whole, { level: options.gzip ?? 1 });
}

function samplesOf(profile: Profile, locations: LocationWriter, labels: LabelWriter): Sample[] {
  const { stacks } = profile;
  const columns = profile.values.map((column, type) =>
    dividedColumn(column.length > stacks.size ? column.subarray(0, stacks.size) : column, profile.divisors[type] ?? 1),
  );
  const samples: Sample[] = [];
  for (let row = 0; row < stacks.size; row++) {
    const value = columns.map((column) => column[row] ?? 0);
    if (value.every((one) => Number(one) === 0)) continue;
    const locationId = locations.stack(stacks.leaf[row] as number);
    const label = labels.labels(stacks.labelSets[stacks.labelSet[row] as number] ?? []);
    samples.push(new Sample({ locationId, value, label }));
  }
  return samples;
}

function headerFields(header: ProfileHeader, strings: StringTable): ConstructorParameters<typeof PprofMessage>[0] {
  return {
    timeNanos: BigInt.asIntN(64, header.timeNanos),
    durationNanos: BigInt.asIntN(64, header.durationNanos),
    period: BigInt.asIntN(64, header.period),
    ...(header.periodType ? { periodType: valueType(strings, header.periodType) } : {}),
    defaultSampleType: strings.dedup(header.defaultSampleType),
    dropFrames: strings.dedup(header.dropFrames),
    keepFrames: strings.dedup(header.keepFrames),
    docUrl: strings.dedup(header.docUrl),
    comment: header.comments.map((comment) => strings.dedup(comment)),
  };
}

function valueType(strings: StringTable, { type, unit }: ValueType): PprofValueType {
  return new PprofValueType({ type: strings.dedup(type), unit: strings.dedup(unit) });
}

/**
 * pprof-format counts no bytes for an empty `ValueType`, yet writes two; without room for them the end of the message
 * would be lost.
 */
function encodeMessage(message: PprofMessage): Uint8Array {
  const types = message.periodType ? [...message.sampleType, message.periodType] : message.sampleType;
  const uncounted = 2 * types.filter((type) => type.length === 0).length;
  return message.encode(new Uint8Array(message.length + uncounted));
}

/**
 * Labels by label set. A label whose text is "", or whose number is 0 without a unit, does not exist in pprof when it
 * points at string 0; it points at a second empty string instead.
 */
class LabelWriter {
  readonly #strings: StringTable;
  readonly #bySet = new Map<readonly PprofLabel[], Label[]>();
  readonly #emptyTexts: Label[] = [];
  readonly #emptyUnits: Label[] = [];

  constructor(strings: StringTable) {
    this.#strings = strings;
  }

  labels(set: readonly PprofLabel[]): Label[] {
    let labels = this.#bySet.get(set);
    if (!labels) this.#bySet.set(set, (labels = set.map((label) => this.#label(label))));
    return labels;
  }

  /** Call when all strings are in the table; true when one more empty string must be appended to it. */
  finish(): boolean {
    const second = this.#strings.strings.length;
    for (const label of this.#emptyTexts) label.str = second;
    for (const label of this.#emptyUnits) label.numUnit = second;
    return this.#emptyTexts.length + this.#emptyUnits.length > 0;
  }

  #label(label: PprofLabel): Label {
    const key = this.#strings.dedup(label.key);
    if ('text' in label) {
      const written = new Label({ key, str: this.#strings.dedup(label.text) });
      if (label.text === '') this.#emptyTexts.push(written);
      return written;
    }
    const written = new Label({ key, num: BigInt.asIntN(64, label.number), numUnit: this.#strings.dedup(label.unit) });
    if (label.number === 0n && label.unit === '') this.#emptyUnits.push(written);
    return written;
  }
}
