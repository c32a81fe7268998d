import type { Frame, FunctionName, MappingName, PprofLabel } from '../model/frame.ts';
import type { Profile, ProfileHeader } from '../profile/profile.ts';
import { StackTableBuilder } from '../profile/stack-table-builder.ts';
import { SumColumn } from '../profile/sum-column.ts';
import type { DecodedProfile } from './decoded-profile.ts';

/**
 * A decoded profile as a profile in memory, which does not depend on the decoder any more. Samples of one stack and one
 * label set become one row. Throws `bad_profile` when their sum is beyond int64.
 */
export function profileOf(decoded: DecodedProfile): Profile {
  const stacks = new StackTableBuilder();
  const framesOf = locationFrames(decoded);
  const labelsOf = labelReader(decoded);
  const frameIds: (readonly number[] | undefined)[] = [];
  const types = decoded.sampleTypes.length;
  const columns = decoded.sampleTypes.map(() => new SumColumn(decoded.sampleCount));
  for (let sample = 0; sample < decoded.sampleCount; sample++) {
    let node = 0;
    const first = decoded.sampleStart[sample] as number;
    for (let at = (decoded.sampleStart[sample + 1] as number) - 1; at >= first; at--) {
      const location = decoded.sampleLocation[at] as number;
      const ids = (frameIds[location] ??= framesOf(location).map((frame) => stacks.tree.frameId(frame)));
      for (const id of ids) node = stacks.tree.node(node, id);
    }
    const row = stacks.row(node, stacks.labelSetId(labelsOf(sample)));
    columns.forEach((column, type) => {
      const at = sample * types + type;
      column.add(row, decoded.bigValues?.get(at) ?? (decoded.values[at] as number));
    });
  }
  return {
    sampleTypes: decoded.sampleTypes,
    stacks,
    values: columns.map((column) => column.finish(stacks.size)),
    divisors: decoded.sampleTypes.map(() => 1),
    header: headerOf(decoded),
  };
}

/** What a decoded profile says of itself. */
export function headerOf(decoded: DecodedProfile): ProfileHeader {
  const { timeNanos, durationNanos, periodType, period, defaultSampleType } = decoded;
  const { dropFrames, keepFrames, docUrl, comments } = decoded;
  return {
    timeNanos,
    durationNanos,
    periodType,
    period,
    defaultSampleType,
    dropFrames,
    keepFrames,
    docUrl,
    comments,
  };
}

/**
 * Reads the frames of a location, outermost first. Functions and mappings are shared between frames; texts are read when
 * first asked for. The reader is good until the decoder's next `decode`.
 */
export function locationFrames(decoded: DecodedProfile): (location: number) => Frame[] {
  const functions: (FunctionName | undefined)[] = [];
  const functionAt = (index: number): FunctionName =>
    (functions[index] ??= {
      name: decoded.text(decoded.functionName[index] as number),
      systemName: decoded.text(decoded.functionSystemName[index] as number),
      file: decoded.text(decoded.functionFile[index] as number),
      startLine: decoded.functionStartLine[index] as number,
    });
  const mappings: readonly MappingName[] = decoded.mappings.map(({ file, buildId }) => ({ file, buildId }));
  return (location) => {
    const mapping = mappings[decoded.locationMapping[location] as number];
    const folded = decoded.locationFolded[location] !== 0;
    const first = decoded.lineStart[location] as number;
    const last = (decoded.lineStart[location + 1] as number) - 1;
    if (last < first) return [addressFrame(decoded, location, mapping, folded)];
    const frames: Frame[] = [];
    for (let line = last; line >= first; line--) {
      frames.push({
        function: functionAt(decoded.lineFunction[line] as number),
        line: decoded.lineNumber[line] as number,
        column: decoded.lineColumn[line] as number,
        inlined: line !== last,
        folded,
        mapping,
        address: 0n,
      });
    }
    return frames;
  };
}

/** Reads the labels of a sample, in the order they were written. */
export function labelReader(decoded: DecodedProfile): (sample: number) => PprofLabel[] {
  const texts = new Map<number, string>();
  const text = (index: number): string => {
    let found = texts.get(index);
    if (found === undefined) texts.set(index, (found = decoded.text(index)));
    return found;
  };
  return (sample) => {
    const labels: PprofLabel[] = [];
    for (let at = decoded.labelStart[sample] as number; at < (decoded.labelStart[sample + 1] as number); at++) {
      const key = text(decoded.labelKey[at] as number);
      const textIndex = decoded.labelText[at] as number;
      if (textIndex !== 0) labels.push({ key, text: text(textIndex) });
      else {
        const number = decoded.bigLabelNumbers?.get(at) ?? BigInt(decoded.labelNumber[at] as number);
        labels.push({ key, number, unit: text(decoded.labelUnit[at] as number) });
      }
    }
    return labels;
  };
}

/** A frame without symbols; its address counts from the start of the file, the same wherever the file was loaded. */
function addressFrame(
  decoded: DecodedProfile,
  location: number,
  mapping: MappingName | undefined,
  folded: boolean,
): Frame {
  return {
    function: undefined,
    line: 0,
    column: 0,
    inlined: false,
    folded,
    mapping,
    address: addressOf(decoded, location),
  };
}

/** The address of a location relative to its file, or as it stands when it has no mapping; in [0, 2^64). */
export function addressOf(decoded: DecodedProfile, location: number): bigint {
  const high = BigInt((decoded.locationAddressHigh[location] as number) >>> 0);
  const address = (high << 32n) | BigInt((decoded.locationAddressLow[location] as number) >>> 0);
  const mapping = decoded.mappings[decoded.locationMapping[location] as number];
  return mapping ? BigInt.asUintN(64, address - mapping.start + mapping.offset) : address;
}
