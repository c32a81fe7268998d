import type { ValueType } from '../../../model/profile-type.ts';
import { sameType } from '../../../model/profile-type.ts';
import type { ProfileHeader } from '../../../profile/profile.ts';
import type { Allowance } from '../../allowance.ts';
import type { Coverage, MergeAnswer, MergeRequest, StoredType } from '../../profile-store.ts';
import type { StackDictionary } from '../dictionary/dictionary.ts';
import type { FrameRegistry } from '../dictionary/frame-registry.ts';
import { ValueSum } from './add-up.ts';
import { buildAnswer, type PartitionSums } from './answer.ts';
import type { MergeCollector } from './collect.ts';
import { selectForMerge } from './select.ts';
import type { Sources } from './sources.ts';

export type DictionaryOf = (partition: number) => StackDictionary;

/** What a merge comes to before it is made a profile or a tree. */
export interface MergedSums {
  readonly partitions: readonly PartitionSums[];
  /** The columns of the sums: the types that were asked for, as far as there are. */
  readonly types: readonly StoredType[];
  /** All types of the kind in the window. */
  readonly allTypes: readonly StoredType[];
  /** By column. */
  readonly divisors: readonly number[];
  /** Its times are 0 where they were not asked for. */
  readonly header: ProfileHeader;
  readonly coverage: Coverage;
}

/**
 * Adds up what was selected: sums are added, gauges brought together as asked, each stack and type exactly, from the coarsest
 * that the plan of the window allows. Types are in the order of the longest list that any profile has, whatever the plan.
 * `times`: whether the header's times are wanted, which costs a look at every profile.
 */
export function mergeSums(
  request: MergeRequest,
  sources: Sources,
  dictionaryOf: DictionaryOf,
  times: 'with times' | 'without times',
): MergedSums {
  const { collected, plan } = selectForMerge(request, sources);
  const { header } = collected;
  const allTypes = header.types();
  const types = allTypes.filter((type) => request.types?.some((asked) => sameType(asked, type)) ?? true);
  const { allowance } = sources;
  allowance.expect(collected.partitionCount());
  // Files were opened before: what their rows refer to is in the dictionaries by now.
  const sum = new ValueSum(types, dictionaryOf);
  for (const roll of collected.rolls) {
    allowance.check();
    sum.addRoll(roll);
  }
  for (const piece of collected.pieces()) {
    allowance.check();
    sum.addPiece(piece, times === 'with times' ? header : undefined);
  }
  const coverage = coverageOf(collected, plan);
  const observed = request.aggregation === 'avg' ? Math.max(1, coverage.observedSeconds) : 1;
  return {
    partitions: sum.result(),
    types,
    allTypes,
    divisors: types.map(({ temporality }) => (temporality === 'gauge' ? observed : 1)),
    header: header.result(),
    coverage,
  };
}

/** Sums as a profile: stacks with frames and labels. */
export function profileOfSums(merged: MergedSums, registry: FrameRegistry, allowance: Allowance): MergeAnswer {
  const { partitions, types, header, coverage } = merged;
  const { stacks, values, divisors, warnings } = buildAnswer(partitions, merged.divisors, registry, allowance);
  const sampleTypes = types.map(({ type, unit }): ValueType => ({ type, unit }));
  return {
    profile: { sampleTypes, stacks, values, divisors, header },
    temporalities: types.map(({ temporality }) => temporality),
    coverage: { ...coverage, warnings: [...coverage.warnings, ...warnings] },
  };
}

function coverageOf(
  { coverage, processesAtMoment }: MergeCollector,
  { window, resolution, warnings }: Pick<Coverage, 'window' | 'resolution' | 'warnings'>,
): Coverage {
  const atMoment = processesAtMoment === undefined ? {} : { processesAtMoment };
  return { ...coverage.result(), ...atMoment, window, resolution, warnings, partial: false };
}
