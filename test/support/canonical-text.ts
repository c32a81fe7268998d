import { type Frame, frameName, type PprofLabel } from '../../src/model/frame.ts';
import type { ValueType } from '../../src/model/profile-type.ts';
import type { DecodedProfile } from '../../src/pprof/decoded-profile.ts';
import type { Profile } from '../../src/profile/profile.ts';

/**
 * Profiles as text that does not depend on ids or order (`flameherd-canon 1`): two profiles mean the same when their
 * texts are equal. Columns of numbers by stack of functions, by stack of lines, by label, and by labels and stack.
 */
export function canonicalTextOfDecoded(decoded: DecodedProfile): string {
  const locations = Array.from({ length: decoded.locationCount }, (_, i) => locationTexts(decoded, i));
  const strings = new Map<number, string>();
  const string = (index: number): string => {
    const text = strings.get(index) ?? decoded.text(index);
    strings.set(index, text);
    return text;
  };
  const text = new CanonicalText(decoded.sampleTypes);
  for (let sample = 0; sample < decoded.sampleCount; sample++) {
    const functions: string[] = [];
    const lines: string[] = [];
    for (let at = (decoded.sampleStart[sample + 1] ?? 0) - 1; at >= (decoded.sampleStart[sample] ?? 0); at--) {
      const location = locations[decoded.sampleLocation[at] ?? -1];
      functions.push(...(location?.functions ?? []));
      lines.push(...(location?.lines ?? []));
    }
    const labels: string[] = [];
    for (let at = decoded.labelStart[sample] ?? 0; at < (decoded.labelStart[sample + 1] ?? 0); at++) {
      labels.push(labelText(decodedLabel(decoded, at, string)));
    }
    text.add(functions.join(';'), lines.join(';'), labels, decodedValues(decoded, sample));
  }
  return text.print();
}

/** As `canonicalTextOfDecoded`, for a profile in memory whose divisors are 1. */
export function canonicalTextOfProfile(profile: Profile): string {
  const text = new CanonicalText(profile.sampleTypes);
  for (let row = 0; row < profile.stacks.size; row++) {
    const { frames, labels } = profile.stacks.stack(row);
    const values = profile.values.map((column) => BigInt(column[row] ?? 0));
    const texts = frames.map(frameTexts);
    text.add(
      texts.map(({ name }) => name).join(';'),
      texts.map(({ line }) => line).join(';'),
      labels.map(labelText),
      values,
    );
  }
  return text.print();
}

/** One line for each label of a sample, as the canonical text writes it. */
export function labelText(label: PprofLabel): string {
  const key = escaped(label.key, /[,="]/g);
  if ('text' in label) return `${key}="${escaped(label.text, /[,="]/g)}"`;
  return `${key}=${label.number}${label.unit === '' ? '' : ` ${escaped(label.unit, /[,="]/g)}`}`;
}

class CanonicalText {
  readonly #types: readonly ValueType[];
  readonly #total: bigint[];
  readonly #byFunctions = new Rows();
  readonly #byLines = new Rows();
  readonly #byLabel = new Rows();
  readonly #labelled = new Rows();

  constructor(types: readonly ValueType[]) {
    this.#types = types;
    this.#total = types.map(() => 0n);
  }

  add(functions: string, lines: string, labels: readonly string[], values: readonly bigint[]): void {
    addTo(this.#total, values);
    this.#byFunctions.add(functions, values);
    this.#byLines.add(lines, values);
    if (labels.length === 0) return;
    const sorted = sortedByBytes(labels);
    this.#labelled.add(`${sorted.join(',')}\t${functions}`, values);
    for (const label of new Set(sorted)) this.#byLabel.add(label, values);
  }

  print(): string {
    return [
      'flameherd-canon 1',
      ...this.#types.map(({ type, unit }) => `sample_type\t${escaped(type)}\t${escaped(unit)}`),
      ['total', ...this.#total].join('\t'),
      '[func]',
      ...this.#byFunctions.lines(),
      '[line]',
      ...this.#byLines.lines(),
      '[label]',
      ...this.#byLabel.lines(),
      '[labelled]',
      ...this.#labelled.lines(),
      '',
    ].join('\n');
  }
}

class Rows {
  readonly #rows = new Map<string, bigint[]>();

  add(key: string, values: readonly bigint[]): void {
    const row = this.#rows.get(key);
    if (row) addTo(row, values);
    else this.#rows.set(key, [...values]);
  }

  lines(): string[] {
    return sortedByBytes(
      [...this.#rows]
        .filter(([, values]) => values.some((value) => value !== 0n))
        .map(([key, values]) => [key, ...values].join('\t')),
    );
  }
}

function addTo(sums: bigint[], values: readonly bigint[]): void {
  values.forEach((value, i) => {
    sums[i] = (sums[i] ?? 0n) + value;
  });
}

/** In the order of UTF-8 bytes. The order of strings is the same unless there are surrogates, and compares much faster. */
function sortedByBytes(lines: readonly string[]): string[] {
  if (!lines.some((line) => /[\ud800-\udfff]/.test(line))) return lines.toSorted();
  return lines
    .map((line) => Buffer.from(line))
    .sort((a, b) => Buffer.compare(a, b))
    .map(String);
}

function locationTexts(decoded: DecodedProfile, location: number): { functions: string[]; lines: string[] } {
  const start = decoded.lineStart[location] ?? 0;
  const end = decoded.lineStart[location + 1] ?? 0;
  if (start === end) {
    const text = addressText(decodedAddress(decoded, location), decodedFile(decoded, location));
    return { functions: [text], lines: [text] };
  }
  const functions: string[] = [];
  const lines: string[] = [];
  for (let line = end - 1; line >= start; line--) {
    const fn = decoded.lineFunction[line] ?? 0;
    const name = decoded.text(decoded.functionName[fn] ?? 0) || decoded.text(decoded.functionSystemName[fn] ?? 0);
    const shown = name === '' ? '?' : escaped(name);
    const file = escaped(decoded.text(decoded.functionFile[fn] ?? 0));
    functions.push(shown);
    lines.push(`${shown} (${file}:${int64Text(decoded.lineNumber[line] ?? 0)})`);
  }
  return { functions, lines };
}

/** The largest int64 rounds up to 2^63 in a double. */
function int64Text(value: number): string {
  return String(value >= 2 ** 63 ? 2n ** 63n - 1n : BigInt(value));
}

function decodedAddress(decoded: DecodedProfile, location: number): bigint {
  const low = BigInt((decoded.locationAddressLow[location] ?? 0) >>> 0);
  const high = BigInt((decoded.locationAddressHigh[location] ?? 0) >>> 0);
  const mapping = decoded.mappings[decoded.locationMapping[location] ?? -1];
  const address = (high << 32n) | low;
  return mapping ? BigInt.asUintN(64, address - mapping.start + mapping.offset) : address;
}

function decodedFile(decoded: DecodedProfile, location: number): string {
  return decoded.mappings[decoded.locationMapping[location] ?? -1]?.file ?? '';
}

function decodedLabel(decoded: DecodedProfile, at: number, string: (index: number) => string): PprofLabel {
  const key = string(decoded.labelKey[at] ?? 0);
  const text = decoded.labelText[at] ?? 0;
  if (text !== 0) return { key, text: string(text) };
  const number = decoded.bigLabelNumbers?.get(at) ?? BigInt(decoded.labelNumber[at] ?? 0);
  return { key, number, unit: string(decoded.labelUnit[at] ?? 0) };
}

function decodedValues(decoded: DecodedProfile, sample: number): bigint[] {
  const types = decoded.sampleTypes.length;
  return decoded.sampleTypes.map((_, type) => {
    const at = sample * types + type;
    return decoded.bigValues?.get(at) ?? BigInt(decoded.values[at] ?? 0);
  });
}

const textsOfFrames = new WeakMap<Frame, { readonly name: string; readonly line: string }>();

function frameTexts(frame: Frame): { readonly name: string; readonly line: string } {
  let texts = textsOfFrames.get(frame);
  if (!texts) {
    const name = frame.function ? escaped(frameName(frame)) : addressText(frame.address, frame.mapping?.file ?? '');
    const line = frame.function ? `${name} (${escaped(frame.function.file)}:${int64Text(frame.line)})` : name;
    texts = { name, line };
    textsOfFrames.set(frame, texts);
  }
  return texts;
}

function addressText(address: bigint, file: string): string {
  return `0x${address.toString(16)} (${escaped(file)})`;
}

function escaped(text: string, extra?: RegExp): string {
  const common = text.replace(/[\\;\p{Cc}]/gu, (character) => {
    if (character === '\\' || character === ';') return `\\${character}`;
    if (character === '\t') return '\\t';
    if (character === '\n') return '\\n';
    if (character === '\r') return '\\r';
    if (character > '\u007f') return character;
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return extra ? common.replace(extra, '\\$&') : common;
}
