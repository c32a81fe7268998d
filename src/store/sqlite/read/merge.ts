import type { ValueType } from '../../../model/profile-type.ts';
import type { Profile } from '../../../profile/profile.ts';
import type { Coverage, MergeAnswer, MergeRequest, StoredType } from '../../profile-store.ts';
import { secondsOfUnion, wholeSecond } from '../../standing.ts';
import type { StackDictionary } from '../dictionary/dictionary.ts';
import type { FrameRegistry } from '../dictionary/frame-registry.ts';
import type { HeadReader, ProfileRow } from '../heads/head-reader.ts';
import { decodeTotalBounds, decodeTotals, SampleDecoder, samplesFormat } from '../heads/samples.ts';
import { type Shape, sameType } from '../heads/shape.ts';
import { buildAnswer, type PartitionSums } from './answer.ts';
import { HeaderMerge } from './header-merge.ts';
import type { SelectedProfile, SelectedSeries } from './select-profiles.ts';
import { WeightedSums } from './weighted-sums.ts';
import { gaugeWeights } from './weights.ts';

export interface MergeSources {
  readonly selected: readonly SelectedSeries[];
  readonly dictionaryOf: (partition: number) => StackDictionary;
  readonly registry: FrameRegistry;
}

/** One profile with how often its sums and its gauges count. */
interface Weighted {
  readonly profile: SelectedProfile;
  readonly shape: Shape;
  readonly gaugeWeight: number;
}

/** Merges what was selected: sums are added, gauges brought together as asked, each stack and type exactly. */
export function mergeProfiles(request: MergeRequest, { selected, dictionaryOf, registry }: MergeSources): MergeAnswer {
  const weighted = weigh(request, selected);
  const types = answerTypes(weighted);
  const header = new HeaderMerge();
  const sums = addUp(weighted, types, dictionaryOf, header);
  const coverage = coverageOf(request, selected);
  const divisors = types.map(({ temporality }) =>
    temporality === 'gauge' && request.aggregation === 'avg' ? Math.max(1, coverage.observedSeconds) : 1,
  );
  const { stacks, values, divisors: shown, warnings } = buildAnswer(sums, divisors, registry);
  const sampleTypes = types.map(({ type, unit }): ValueType => ({ type, unit }));
  return {
    profile: { sampleTypes, stacks, values, divisors: shown, header: header.result() },
    temporalities: types.map(({ temporality }) => temporality),
    coverage: { ...coverage, warnings },
  };
}

/** One profile as it is stored: increases where a type is cumulative, the snapshot where it is a gauge. */
export function readProfile(
  head: HeadReader,
  row: ProfileRow,
  dictionary: StackDictionary,
  registry: FrameRegistry,
): Profile {
  const { types, header } = head.shape(row.shape);
  const decoder = new SampleDecoder();
  openSamples(decoder, head, row);
  const partition = startPartition(dictionary, types.length);
  const bounds = decodeTotalBounds(row.totals);
  for (const [at, sums] of partition.sums.entries()) addColumn(decoder, sums, 1, bounds[at] ?? 0);
  const ones = types.map(() => 1);
  const { stacks, values, divisors } = buildAnswer([partition], ones, registry);
  const { timeNanos, durationNanos } = decoder;
  return {
    sampleTypes: types.map(({ type, unit }) => ({ type, unit })),
    stacks,
    values,
    divisors,
    header: { ...header, timeNanos, durationNanos },
  };
}

function weigh({ aggregation, peakType, window }: MergeRequest, selected: readonly SelectedSeries[]): Weighted[] {
  const profiles = selected.flatMap((series) => series.profiles);
  const shapes = profiles.map(({ row, head }) => head.shape(row.shape));
  const snapshots = profiles.map(({ row, standing }, at) => ({
    standing,
    total: aggregation === 'peak' ? totalOf(peakType, shapes[at]?.types ?? [], row.totals) : 0n,
  }));
  const weights = gaugeWeights(snapshots, aggregation, wholeSecond(window.toMs));
  return profiles.flatMap((profile, at) => {
    const shape = shapes[at];
    const gaugeWeight = weights[at] ?? 0;
    return shape && (profile.isInside || gaugeWeight > 0) ? [{ profile, shape, gaugeWeight }] : [];
  });
}

function totalOf(wanted: ValueType, types: readonly StoredType[], totals: Uint8Array): bigint {
  const at = types.findIndex((type) => sameType(type, wanted));
  return at < 0 ? 0n : (decodeTotals(totals)[at] ?? 0n);
}

/** The types of all profiles, told apart by name and unit, in the order they are first met. */
function answerTypes(weighted: readonly Weighted[]): StoredType[] {
  const types: StoredType[] = [];
  for (const shape of new Set(weighted.map((one) => one.shape))) {
    for (const type of shape.types) if (!types.some((known) => sameType(known, type))) types.push(type);
  }
  return types;
}

function addUp(
  weighted: readonly Weighted[],
  types: readonly StoredType[],
  dictionaryOf: (partition: number) => StackDictionary,
  header: HeaderMerge,
): PartitionSums[] {
  const partitions = new Map<number, PartitionSums>();
  const decoder = new SampleDecoder();
  const targets = new Map<Shape, number[]>();
  for (const { profile, shape, gaugeWeight } of weighted) {
    const { row, head, isInside } = profile;
    const partition = partitions.get(row.partition) ?? startPartition(dictionaryOf(row.partition), types.length);
    partitions.set(row.partition, partition);
    const target = targets.get(shape) ?? shape.types.map((type) => types.findIndex((known) => sameType(known, type)));
    targets.set(shape, target);
    openSamples(decoder, head, row);
    if (isInside) header.add(shape, decoder.timeNanos, decoder.durationNanos);
    const totals = decodeTotalBounds(row.totals);
    target.forEach((to, at) => {
      const weight = types[to]?.temporality === 'gauge' ? gaugeWeight : isInside ? 1 : 0;
      addColumn(decoder, partition.sums[to], weight, totals[at] ?? 0);
    });
  }
  return [...partitions.values()];
}

function openSamples(decoder: SampleDecoder, head: HeadReader, row: ProfileRow): void {
  const { format, data } = head.samples(row.samples);
  if (format !== samplesFormat) throw new Error(`unknown format ${format} of samples ${row.samples}`);
  decoder.open(data);
}

function startPartition(dictionary: StackDictionary, types: number): PartitionSums {
  return {
    dictionary,
    sums: Array.from({ length: types }, () => new WeightedSums(dictionary.stackLeaf.size)),
  };
}

function addColumn(decoder: SampleDecoder, sums: WeightedSums | undefined, weight: number, total: number): void {
  if (weight === 0 || !sums) {
    decoder.skipColumn();
    return;
  }
  const kind = decoder.readColumn();
  if (kind === 'plain') sums.addPlain(decoder.ids, decoder.plain, decoder.count, weight, total);
  else if (kind === 'signed') sums.addSigned(decoder.ids, decoder.signed, decoder.count, weight);
}

function coverageOf({ window }: MergeRequest, selected: readonly SelectedSeries[]): Omit<Coverage, 'warnings'> {
  const byProcess = Map.groupBy(selected, ({ series }) => series.process);
  const profiles = selected.flatMap((series) => series.profiles);
  const inside = profiles.filter(({ isInside }) => isInside);
  let processSeconds = 0;
  for (const series of byProcess.values()) {
    processSeconds += secondsOfUnion(series.flatMap((one) => one.profiles.map(({ standing }) => standing)));
  }
  return {
    profiles: inside.length,
    processes: byProcess.size,
    observedSeconds: secondsOfUnion(profiles.map(({ standing }) => standing)),
    profiledSeconds: inside.reduce((sum, { row }) => sum + row.spanMs, 0) / 1000,
    processSeconds,
    window,
    resolution: 'detail',
    trimmed: profiles.reduce((sum, { row }) => sum + row.trimmed, 0),
    partial: false,
  };
}
