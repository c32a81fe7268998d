import { FlameherdError } from '../../model/errors.ts';
import type { Temporality } from '../../model/profile-type.ts';
import { requiredValue } from '../../model/selector.ts';
import { isPlainView } from '../../model/view.ts';
import { labelledDiff } from '../../profile/diff-labelled.ts';
import { type Ratio, ratio, shareRatio } from '../../profile/diff-scaled-column.ts';
import type { Profile } from '../../profile/profile.ts';
import type { Coverage, GaugeAggregation, MergeAnswer, ProfileReader } from '../../store/profile-store.ts';
import { isZeroColumn } from '../emptiness.ts';
import type { Answer, DiffQuestion } from '../engine.ts';
import { inView, ofSamples } from '../in-view.ts';
import { describeMerge, mergeHeader } from '../merge-header.ts';
import { pprofAnswer } from '../pprof-answer.ts';
import { assertTypeIsThere, columnOf, columnOfType, shortTypeName } from '../types-that-exist.ts';
import { bytesOfProfile, bytesToRebuild, type WorkAllowance } from '../work-allowance.ts';
import { isEmptySide } from './read-sides.ts';
import { sideHint, sideTitles } from './side-hint.ts';
import type { PlannedSide, PlannedSides } from './sides.ts';

/**
 * Both sides as one pprof, all types of the kind that both have, as `go tool pprof -diff_base` makes it: samples of the base are
 * negative and labelled `pprof::base=true`. With `share` the compared side is scaled to the base's total, type by type, as
 * `-normalize` does; with `process` to as many process-seconds (gauges: processes) as the base has. The base stays as it
 * was measured. Throws `empty_window` where a side is empty.
 */
export function pprofDiff(
  reader: ProfileReader,
  question: DiffQuestion,
  sides: PlannedSides,
  allowance: WorkAllowance,
): Answer {
  const check = (): void => allowance.check();
  const compare = readProfile(reader, sides.compare, question.view, allowance);
  allowance.keep?.(bytesOfProfile(compare.profile));
  const base = readProfile(reader, sides.base, question.view, allowance);
  allowance.hold?.(bytesToRebuild(compare.profile) + bytesToRebuild(base.profile));
  const types = compare.profile.sampleTypes.filter(
    (type) => columnOfType(base.profile.sampleTypes, type) !== undefined,
  );
  const common = [compare, base].map((answer) => withTypes(answer, types)) as [MergeAnswer, MergeAnswer];
  const scale = types.map((_, column) => ratioOf(question, column, ...common));
  const diff = labelledDiff(withHeader(common[0], sides.compare), withHeader(common[1], sides.base), { scale, check });
  const { selector } = sides.compare.side;
  const header = {
    ...diff.header,
    defaultSampleType: selector.type.sampleType,
    comments: [
      ...new Set([...compare.profile.header.comments, ...base.profile.header.comments]),
      `compare: ${describeMerge(common[0], question)}`,
      `base: ${describeMerge(common[1], question)}`,
      scaleComment(question, types, scale),
      ...compare.warnings,
      ...base.warnings,
      ...(sides.rollout?.notes ?? []),
    ],
  };
  const name = {
    workload: requiredValue(selector, 'workload'),
    type: `${shortTypeName(selector.type)}-diff`,
    timeMs: compare.coverage.window.fromMs,
  };
  return pprofAnswer({ ...diff, header }, name, allowance);

  function withHeader(answer: MergeAnswer, { side }: PlannedSide): Profile {
    return { ...answer.profile, header: mergeHeader(answer, { ...question, selector: side.selector }) };
  }
}

interface ReadProfile extends MergeAnswer {
  /** Of the view. */
  readonly warnings: readonly string[];
}

function readProfile(
  reader: ProfileReader,
  side: PlannedSide,
  view: DiffQuestion['view'],
  allowance: WorkAllowance,
): ReadProfile {
  const { request, sampleMatchers } = side;
  const { type } = side.side.selector;
  const answer = reader.merge(request);
  const { sampleTypes, header } = answer.profile;
  assertTypeIsThere(type, sampleTypes, header.periodType);
  const selected = ofSamples(answer.profile, sampleMatchers, allowance);
  const column = columnOf(sampleTypes, type);
  const temporality = column === undefined ? undefined : answer.temporalities[column];
  const isZero = column === undefined || isZeroColumn(selected, column);
  const { coverage } = answer;
  if (isEmptySide({ coverage, temporality, isZero }, side)) {
    const hint = sideHint(reader, side, { coverage, temporality, sampleTypes, isEmpty: true });
    throw new FlameherdError('empty_window', `nothing to compare on ${sideTitles[side.name]}: ${hint}`, { hint });
  }
  // Frames to be dropped are left to go tool pprof, unless a view is to be seen without them.
  if (isPlainView(view)) return { ...answer, profile: selected, warnings: [] };
  const { profile, warnings } = inView(selected, view, allowance);
  return { ...answer, profile, warnings: warnings.map((warning) => `${side.name}: ${warning}`) };
}

/** What a sample type of the compared side is multiplied by. */
function ratioOf(
  { normalize, aggregation }: Pick<DiffQuestion, 'normalize' | 'aggregation'>,
  column: number,
  compare: MergeAnswer,
  base: MergeAnswer,
): Ratio {
  if (normalize === 'none') return same;
  if (normalize === 'share') return shareRatio(compare.profile, base.profile, column);
  const temporality = compare.temporalities[column];
  const [own, other] = [compare.coverage, base.coverage].map((coverage) =>
    processRatio(coverage, temporality, aggregation),
  ) as [Ratio, Ratio];
  return ratio(other.times * own.over, own.times * other.over);
}

const same: Ratio = { times: 1n, over: 1n };

/** `processUnits` as whole numbers: profiled milliseconds for sums, processes for gauges. */
function processRatio(coverage: Coverage, temporality: Temporality | undefined, aggregation: GaugeAggregation): Ratio {
  if (temporality !== 'gauge') return { times: BigInt(Math.round(coverage.profiledSeconds * 1000)), over: 1n };
  if (aggregation !== 'avg') return { times: BigInt(coverage.processesAtMoment ?? coverage.processes), over: 1n };
  return { times: BigInt(coverage.processSeconds), over: BigInt(Math.max(1, coverage.observedSeconds)) };
}

function scaleComment(
  { normalize }: Pick<DiffQuestion, 'normalize'>,
  types: readonly { readonly type: string }[],
  scale: readonly Ratio[],
): string {
  if (normalize === 'none') return 'normalize=none: values as measured';
  const factors = types.map(({ type }, column) => {
    const { times, over } = scale[column] ?? same;
    return `${type} × ${Number((Number(times) / Number(over)).toPrecision(7))}`;
  });
  return `normalize=${normalize}: the compared side is scaled to the base: ${factors.join(', ')}`;
}

function withTypes(answer: MergeAnswer, types: Profile['sampleTypes']): MergeAnswer {
  const { profile, temporalities } = answer;
  const columns = types.flatMap((type) => columnOfType(profile.sampleTypes, type) ?? []);
  return {
    ...answer,
    temporalities: columns.map((column) => temporalities[column] ?? 'delta'),
    profile: {
      ...profile,
      sampleTypes: types,
      values: columns.map((column) => profile.values[column] ?? new Float64Array()),
      divisors: columns.map((column) => profile.divisors[column] ?? 1),
    },
  };
}
