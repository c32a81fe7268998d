import type { Temporality } from '../../src/model/profile-type.ts';
import type { TimeWindow } from '../../src/model/units.ts';
import { callTreeOf } from '../../src/profile/call-tree.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { comparedAnswer } from '../../src/store/compared-answer.ts';
import type {
  CallTreeAnswer,
  CallTreeRequest,
  Coverage,
  MergeAnswer,
  MergeRequest,
  ProfileReader,
} from '../../src/store/profile-store.ts';
import { memoryReader } from './query-memory-reader.ts';

/** A reader that holds two profiles, whatever their stacks are: the one of a window, and another for every other time. */
export function readerOfTwo(compare: Profile, base: Profile, compareWindow: TimeWindow): ProfileReader {
  const answerOf = ({ window, types }: MergeRequest): MergeAnswer => {
    const whole = window.fromMs >= compareWindow.fromMs ? compare : base;
    const profile = types === undefined ? whole : onlyTypes(whole, types);
    const temporalities = profile.sampleTypes.map((): Temporality => 'delta');
    return { profile, temporalities, coverage: coverageOf(whole, window) };
  };
  const treeOf = (request: CallTreeRequest): CallTreeAnswer => {
    const { profile, coverage } = answerOf({ ...request, types: [request.type] });
    const { sampleTypes, header } = profile;
    const about = {
      sampleTypes,
      periodType: header.periodType,
      dropFrames: header.dropFrames,
      keepFrames: header.keepFrames,
    };
    return { tree: callTreeOf(profile, 0), temporality: 'delta', coverage, ...about };
  };
  return {
    ...memoryReader([]),
    merge: answerOf,
    callTree: treeOf,
    callTrees: (first, second) => comparedAnswer(treeOf(first), treeOf(second)),
  };
}

function onlyTypes(profile: Profile, types: readonly { readonly type: string; readonly unit: string }[]): Profile {
  const columns = types.map(({ type, unit }) =>
    profile.sampleTypes.findIndex((have) => have.type === type && have.unit === unit),
  );
  return {
    ...profile,
    sampleTypes: types,
    values: columns.map((column) => profile.values[column] ?? new Float64Array()),
    divisors: columns.map((column) => profile.divisors[column] ?? 1),
  };
}

function coverageOf({ header }: Profile, window: TimeWindow): Coverage {
  const profiledSeconds = Number(header.durationNanos) / 1e9;
  return {
    profiles: 1,
    processes: 1,
    observedSeconds: 60,
    processSeconds: 60,
    profiledSeconds,
    window,
    resolution: 'detail',
    trimmed: 0,
    warnings: [],
    partial: false,
  };
}
