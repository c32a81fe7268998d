import { canonicalLabels, type LabelSet } from '../../src/model/labels.ts';
import { compileMatchers } from '../../src/model/matcher.ts';
import type { ProfileKind, ValueType } from '../../src/model/profile-type.ts';
import type { DurationMs, TimeWindow, UnixMs } from '../../src/model/units.ts';
import { callTreeOf } from '../../src/profile/call-tree.ts';
import { subtreeOf } from '../../src/profile/subtree.ts';
import { comparedAnswer } from '../../src/store/compared-answer.ts';
import type {
  Coverage,
  MergeRequest,
  ProfileEntry,
  ProfileReader,
  SecondRange,
  SeriesEntry,
  SeriesSelector,
  SeriesTotals,
  StoredType,
  TotalPoint,
  TotalsPart,
} from '../../src/store/profile-store.ts';
import { SampleLabels } from '../../src/store/sqlite/read/sample-labels.ts';
import {
  intersect,
  lastPatience,
  secondsIn,
  secondsOfUnion,
  standingOf,
  wholeSecond,
} from '../../src/store/standing.ts';
import { partsOf } from './query-memory-parts.ts';
import { profileOf, type Rows } from './query-profile.ts';
import { noFiles } from './store-files.ts';

/** One stored profile, as a test writes it. */
export interface MemoryProfile {
  readonly labels: LabelSet;
  readonly kind: ProfileKind;
  readonly processId: string;
  readonly stampMs: UnixMs;
  readonly intervalMs: DurationMs;
  readonly spanMs: DurationMs;
  readonly types: readonly StoredType[];
  readonly rows: Rows;
  readonly trimmed?: number;
  /** When the process is known to have ended. */
  readonly endedMs?: UnixMs;
  readonly startedMs?: UnixMs;
  readonly build?: string;
}

interface Series {
  readonly key: string;
  readonly labels: LabelSet;
  readonly kind: ProfileKind;
  readonly processId: string;
  readonly profiles: readonly MemoryProfile[];
}

interface Standing {
  readonly profile: MemoryProfile;
  readonly range: SecondRange;
}

/**
 * A store as simple as can be, straight from DESIGN §6: every question walks all profiles. Periods are the first sample type.
 */
export function memoryReader(profiles: readonly MemoryProfile[], periodType?: ValueType): ProfileReader {
  const all = seriesOf(profiles);
  const select = ({ kind, matchers }: Partial<SeriesSelector>): Series[] => {
    const meets = compileMatchers(matchers ?? []);
    return all.filter((series) => (kind === undefined || series.kind === kind) && meets(series.labels));
  };
  const entries = all.flatMap((series) => series.profiles).map((profile, index) => entryOf(profile, index));
  return {
    merge(request) {
      return mergeSeries(select(request.selector), request, periodType);
    },
    callTree({ type, root, ...request }) {
      const { profile, temporalities, coverage } = mergeSeries(select(request.selector), request, periodType);
      const column = profile.sampleTypes.findIndex((have) => isType(have, type));
      const whole = column < 0 ? undefined : callTreeOf(profile, column);
      const tree = whole && root ? subtreeOf(whole, root) : whole;
      const { sampleTypes, header } = profile;
      const { dropFrames, keepFrames } = header;
      return { tree, temporality: temporalities[column], sampleTypes, periodType, dropFrames, keepFrames, coverage };
    },
    callTrees(compare, base) {
      const whole = (request: typeof compare) => this.callTree({ ...request, root: undefined });
      const answer = comparedAnswer(whole(compare), whole(base));
      const { root } = compare;
      if (!root || !answer.trees) return answer;
      const { compare: first, base: second } = answer.trees;
      return { ...answer, trees: { compare: subtreeOf(first, root), base: subtreeOf(second, root) } };
    },
    totals({ selector, window, type, stepMs, split }) {
      const linesOf = (series: Series, part?: TotalsPart): SeriesTotals[] => {
        const temporality = typesOf(series).find((have) => isType(have, type))?.temporality;
        if (!temporality) return [];
        const points = buckets(window, stepMs).flatMap((bucket) => pointOf(series, bucket, type, stepMs) ?? []);
        const { labels, processId } = series;
        return points.length === 0 ? [] : [{ labels, processId, temporality, points, ...(part ? { part } : {}) }];
      };
      const series = select(selector).flatMap((series) => [
        ...linesOf(series),
        ...(split ? partsOf(stacksOf(series), split) : []).flatMap(({ part, rowsOf }) =>
          linesOf({ ...series, profiles: series.profiles.map((one) => ({ ...one, rows: rowsOf(one.rows) })) }, part),
        ),
      ]);
      return { series, window, resolution: 'detail', warnings: [], partial: false };
    },
    sampleLabels({ kind, matchers }, window) {
      const rest = { window, aggregation: 'avg', peakType: { type: '', unit: '' } } as const;
      const labels = new SampleLabels();
      for (const of of kind === undefined ? all.map((series) => series.kind) : [kind]) {
        const selector = { kind: of, matchers };
        labels.add(mergeSeries(select(selector), { ...rest, selector }, periodType).profile.stacks.labelSets);
      }
      return labels.result();
    },
    series(matchers, window, kind) {
      return select({ matchers, ...(kind === undefined ? {} : { kind }) }).flatMap((series) => {
        const inWindow = series.profiles.filter((profile) => isIn(profile, window));
        return inWindow.length === 0 ? [] : [seriesEntry({ ...series, profiles: inWindow }, periodType)];
      });
    },
    profiles(selector, window, limit, before) {
      const selected = new Set(select(selector).flatMap((series) => series.profiles.map(keyOf)));
      return entries
        .filter((entry) => selected.has(keyOf(entry)) && isIn(entry, window))
        .filter(({ processId }) => selector.processes?.has(processId) ?? true)
        .filter(({ id }) => before === undefined || Number(id) < Number(before))
        .sort((a, b) => Number(b.id) - Number(a.id))
        .slice(0, limit);
    },
    profile(id) {
      const entry = entries.find((candidate) => candidate.id === id);
      const stored = entry && profiles.find((profile) => keyOf(profile) === keyOf(entry));
      if (!entry || !stored) return undefined;
      return { entry, profile: profileOf(stored.rows, stored.types, undefined, { periodType }) };
    },
    stats() {
      const stamps = profiles.map(({ stampMs }) => stampMs);
      return {
        bytes: 0,
        files: 0,
        series: all.length,
        partitions: 1,
        oldestMs: stamps.length === 0 ? undefined : Math.min(...stamps),
        newestMs: stamps.length === 0 ? undefined : Math.max(...stamps),
        fullBecause: undefined,
        byKind: noFiles,
        compactionDueMs: undefined,
        damagedHoursMs: [],
      };
    },
    takeDamage: () => [],
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function mergeSeries(
  series: readonly Series[],
  { window, aggregation, peakType }: MergeRequest,
  periodType: ValueType | undefined,
) {
  const inWindow = series.flatMap(({ profiles }) => profiles.filter((profile) => isIn(profile, window)));
  const patience = aggregation === 'last' ? lastPatience : 0;
  const standing = series.flatMap((one) => standingIn(one, window, patience));
  const types = [...inWindow, ...standing.map(({ profile }) => profile)][0]?.types ?? [];
  const observedSeconds = secondsOfUnion(standing.map(({ range }) => range));
  const rows = new Map<string, bigint[]>();
  const add = (profile: MemoryProfile, temporalities: readonly string[], weight: bigint): void => {
    for (const [stack, values] of profile.rows) {
      const sums = rows.get(stack) ?? types.map(() => 0n);
      for (const [index, { temporality }] of types.entries()) {
        if (temporalities.includes(temporality)) sums[index] = (sums[index] ?? 0n) + (values[index] ?? 0n) * weight;
      }
      rows.set(stack, sums);
    }
  };
  for (const profile of inWindow) add(profile, ['cumulative', 'delta'], 1n);
  const moment = aggregation === 'peak' ? peakSecond(standing, peakType) : Math.floor(window.toMs / 1000) - 1;
  for (const { profile, range } of standing) {
    if (aggregation === 'avg') add(profile, ['gauge'], BigInt(range.to - range.from));
    else if (range.from <= moment && moment < range.to) add(profile, ['gauge'], 1n);
  }
  const isAveraged = aggregation === 'avg' && observedSeconds > 0;
  const divisors = types.map(({ temporality }) => (temporality === 'gauge' && isAveraged ? observedSeconds : 1));
  const coverage: Coverage = {
    profiles: inWindow.length,
    processes: new Set([...inWindow, ...standing.map(({ profile }) => profile)].map(({ processId }) => processId)).size,
    ...(aggregation === 'avg' ? {} : { processesAtMoment: processesAt(standing, moment) }),
    observedSeconds,
    profiledSeconds: inWindow.reduce((sum, { spanMs }) => sum + spanMs, 0) / 1000,
    processSeconds: [...Map.groupBy(standing, ({ profile }) => profile.processId).values()].reduce(
      (sum, own) => sum + secondsOfUnion(own.map(({ range }) => range)),
      0,
    ),
    window,
    resolution: 'detail',
    trimmed: 0,
    warnings: [],
    partial: false,
  };
  const temporalities = types.map(({ temporality }) => temporality);
  return { profile: profileOf(rows, types, divisors, { periodType, period: 10n }), temporalities, coverage };
}

function processesAt(standing: readonly Standing[], moment: number): number {
  const then = standing.filter(({ range }) => range.from <= moment && moment < range.to);
  return new Set(then.map(({ profile }) => profile.processId)).size;
}

/** The first second in which what stands adds up to most. */
function peakSecond(standing: readonly Standing[], type: ValueType): number {
  const totals = new Map<number, bigint>();
  for (const { profile, range } of standing) {
    for (let second = range.from; second < range.to; second++) {
      totals.set(second, (totals.get(second) ?? 0n) + totalOf(profile, type));
    }
  }
  const [peak = [0]] = [...totals].sort(([a, x], [b, y]) => (x === y ? a - b : x < y ? 1 : -1));
  return peak[0];
}

function pointOf(series: Series, bucket: TimeWindow, type: ValueType, stepMs: DurationMs): TotalPoint | undefined {
  const inBucket = series.profiles.filter((profile) => isIn(profile, bucket));
  const standing = standingIn(series, bucket);
  if (inBucket.length === 0 && standing.length === 0) return undefined;
  const isGauge = typesOf(series).find((have) => isType(have, type))?.temporality === 'gauge';
  const lengths = standing.map(({ range }) => range.to - range.from);
  return {
    bucketMs: Math.floor(bucket.fromMs / stepMs) * stepMs,
    value: isGauge
      ? standing.reduce((sum, { profile }, index) => sum + totalOf(profile, type) * BigInt(lengths[index] ?? 0), 0n)
      : inBucket.reduce((sum, profile) => sum + totalOf(profile, type), 0n),
    coveredSeconds: isGauge
      ? lengths.reduce((sum, length) => sum + length, 0)
      : inBucket.reduce((sum, { spanMs }) => sum + spanMs, 0) / 1000,
    standing: standing.map(({ range }) => range),
    profiles: inBucket.length,
  };
}

/** What stood in a window, cut to it. */
function standingIn({ profiles }: Series, { fromMs, toMs }: TimeWindow, patience = 0): Standing[] {
  const window = { from: wholeSecond(fromMs), to: wholeSecond(toMs) };
  return profiles.flatMap((profile, index) => {
    const nextMs = profiles[index + 1]?.stampMs;
    const range = intersect(standingOf({ ...profile, nextMs, endMs: profile.endedMs, patience }), window);
    // What is stamped at the window's end or later is not known in it yet.
    return profile.stampMs < toMs && secondsIn(range) > 0 ? [{ profile, range }] : [];
  });
}

function buckets({ fromMs, toMs }: TimeWindow, stepMs: DurationMs): TimeWindow[] {
  const found: TimeWindow[] = [];
  for (let left = Math.floor(fromMs / stepMs) * stepMs; left < toMs; left += stepMs) {
    found.push({ fromMs: Math.max(left, fromMs), toMs: Math.min(left + stepMs, toMs) });
  }
  return found;
}

function seriesOf(profiles: readonly MemoryProfile[]): Series[] {
  const groups = Map.groupBy(
    profiles,
    ({ kind, processId, labels }) => `${kind} ${processId} ${canonicalLabels(labels)}`,
  );
  return [...groups].map(([key, members]) => {
    const [{ labels, kind, processId } = { labels: {}, kind: '', processId: '' }] = members;
    return { key, labels, kind, processId, profiles: members.toSorted((a, b) => a.stampMs - b.stampMs) };
  });
}

function stacksOf({ profiles }: Series): string[] {
  return [...new Set(profiles.flatMap(({ rows }) => [...rows.keys()]))];
}

function typesOf({ profiles }: Series): readonly StoredType[] {
  return profiles[0]?.types ?? [];
}

function seriesEntry(series: Series, periodType: ValueType | undefined): SeriesEntry {
  const { labels, kind, processId, profiles } = series;
  const [firstMs = 0, lastMs = firstMs] = [profiles[0]?.stampMs, profiles.at(-1)?.stampMs];
  const { startedMs, endedMs, build } = profiles.at(-1) ?? {};
  const intervalMs = Math.max(0, ...profiles.map((profile) => profile.intervalMs));
  const types = typesOf(series);
  return { labels, kind, processId, types, periodType, firstMs, lastMs, intervalMs, startedMs, endedMs, build };
}

function entryOf(profile: MemoryProfile, index: number): ProfileEntry {
  const { rows: _, ...entry } = profile;
  return {
    ...entry,
    trimmed: profile.trimmed ?? 0,
    id: String(index + 1),
    totals: profile.types.map((type) => totalOf(profile, type)),
  };
}

function keyOf({
  labels,
  kind,
  processId,
  stampMs,
}: Pick<MemoryProfile, 'labels' | 'kind' | 'processId' | 'stampMs'>): string {
  return `${kind} ${processId} ${canonicalLabels(labels)} ${stampMs}`;
}

function totalOf({ types, rows }: MemoryProfile, type: ValueType): bigint {
  const index = types.findIndex((have) => isType(have, type));
  return [...rows.values()].reduce((sum, values) => sum + (values[index] ?? 0n), 0n);
}

function isType(a: ValueType, b: ValueType): boolean {
  return a.type === b.type && a.unit === b.unit;
}

function isIn({ stampMs }: { readonly stampMs: UnixMs }, { fromMs, toMs }: TimeWindow): boolean {
  return stampMs >= fromMs && stampMs < toMs;
}
