import type { Frame, FunctionName, MappingName, PprofLabel, StackTrace } from '../model/frame.ts';
import type { DecodedProfile } from '../pprof/decoded-profile.ts';
import { addressInFile } from './content-hasher.ts';
import { DroppedKeys } from './label-keys.ts';
import type { LocationCache } from './location-cache.ts';

/** Frames of other profiles, and the hash of each location of this one. */
export interface KnownFrames {
  readonly cache: LocationCache<readonly Frame[]>;
  readonly high: Int32Array;
  readonly low: Int32Array;
}

/**
 * Spells out samples of one profile as stack traces, which is needed only for stacks that the store has never seen. Frames
 * and functions are made once and shared by the stacks that have them. Valid as long as the profile is.
 */
export class StackDescriber {
  /** Texts that were longer than the cap and end in `…` now. */
  cut = 0;
  readonly #profile: DecodedProfile;
  readonly #maxText: number;
  readonly #texts = new Map<number, string>();
  readonly #functions = new Map<number, FunctionName>();
  readonly #mappings = new Map<number, MappingName>();
  readonly #locations: (readonly Frame[] | undefined)[] = [];
  readonly #known: KnownFrames | undefined;
  readonly #leftOut: DroppedKeys;

  /** `maxText` is in UTF-16 code units. */
  constructor(profile: DecodedProfile, maxText: number, leftOut = DroppedKeys.none, known?: KnownFrames) {
    this.#profile = profile;
    this.#leftOut = leftOut;
    this.#maxText = maxText;
    this.#locations.length = profile.locationCount;
    this.#known = known;
  }

  describe(sample: number): StackTrace {
    const { sampleStart, sampleLocation } = this.#profile;
    const frames: Frame[] = [];
    for (let at = (sampleStart[sample + 1] ?? 0) - 1; at >= (sampleStart[sample] ?? 0); at--) {
      for (const frame of this.framesOf(sampleLocation[at] ?? 0)) frames.push(frame);
    }
    return { frames, labels: this.#labelsOf(sample) };
  }

  /** The frames of a location, outermost first. */
  framesOf(location: number): readonly Frame[] {
    return (this.#locations[location] ??= this.#knownFrames(location) ?? this.#makeFrames(location));
  }

  #knownFrames(location: number): readonly Frame[] | undefined {
    const known = this.#known;
    if (!known) return undefined;
    const [high, low] = [known.high[location] ?? 0, known.low[location] ?? 0];
    const found = known.cache.get(high, low);
    if (found) return found;
    const cutBefore = this.cut;
    const frames = this.#makeFrames(location);
    // Texts that are cut are to be counted each time.
    if (this.cut === cutBefore) known.cache.set(high, low, frames);
    return frames;
  }

  #makeFrames(location: number): Frame[] {
    const profile = this.#profile;
    const from = profile.lineStart[location] ?? 0;
    const to = profile.lineStart[location + 1] ?? 0;
    const folded = profile.locationFolded[location] !== 0;
    const mapping = this.#mappingOf(profile.locationMapping[location] ?? -1);
    if (from === to) {
      const address = addressInFile(profile, location);
      return [{ function: undefined, line: 0, column: 0, inlined: false, folded, mapping, address }];
    }
    const frames: Frame[] = [];
    for (let line = to - 1; line >= from; line--) {
      frames.push({
        function: this.#functionOf(profile.lineFunction[line] ?? 0),
        line: profile.lineNumber[line] ?? 0,
        column: profile.lineColumn[line] ?? 0,
        inlined: line < to - 1,
        folded,
        mapping,
        address: 0n,
      });
    }
    return frames;
  }

  #functionOf(index: number): FunctionName {
    return remember(this.#functions, index, () => {
      const profile = this.#profile;
      return {
        name: this.#text(profile.functionName[index] ?? 0),
        systemName: this.#text(profile.functionSystemName[index] ?? 0),
        file: this.#text(profile.functionFile[index] ?? 0),
        startLine: profile.functionStartLine[index] ?? 0,
      };
    });
  }

  #mappingOf(index: number): MappingName | undefined {
    const mapping = index < 0 ? undefined : this.#profile.mappings[index];
    return (
      mapping &&
      remember(this.#mappings, index, () => ({ file: this.#cap(mapping.file), buildId: this.#cap(mapping.buildId) }))
    );
  }

  #labelsOf(sample: number): PprofLabel[] {
    const { labelStart, labelKey, labelText, labelNumber, labelUnit, bigLabelNumbers } = this.#profile;
    const labels: PprofLabel[] = [];
    for (let at = labelStart[sample] ?? 0; at < (labelStart[sample + 1] ?? 0); at++) {
      const text = labelText[at] ?? 0;
      const unit = labelUnit[at] ?? 0;
      const number = labelNumber[at] ?? 0;
      if (text === 0 && unit === 0 && number === 0) continue;
      // The key as it came: a cut one is not what was decided about.
      if (text !== 0 && this.#leftOut.idOf(this.#profile.text(labelKey[at] ?? 0))) continue;
      const key = this.#text(labelKey[at] ?? 0);
      if (text !== 0) labels.push({ key, text: this.#text(text) });
      else labels.push({ key, number: bigLabelNumbers?.get(at) ?? BigInt(number), unit: this.#text(unit) });
    }
    return labels.length < 2 ? labels : labels.sort(compareLabels);
  }

  #text(index: number): string {
    return remember(this.#texts, index, () => this.#cap(this.#profile.text(index)));
  }

  #cap(text: string): string {
    if (text.length <= this.#maxText) return text;
    this.cut++;
    return `${text.slice(0, this.#maxText - 1)}…`;
  }
}

/** By key, then texts before numbers, then by value, then by unit. */
function compareLabels(a: PprofLabel, b: PprofLabel): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  if ('text' in a) return 'text' in b ? compare(a.text, b.text) : -1;
  if ('text' in b) return 1;
  return compare(a.number, b.number) || compare(a.unit, b.unit);
}

function compare<Value extends string | bigint>(a: Value, b: Value): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function remember<Value>(memo: Map<number, Value>, index: number, make: () => Value): Value {
  let value = memo.get(index);
  if (value === undefined) {
    value = make();
    memo.set(index, value);
  }
  return value;
}
