import { canonicalLabels, type LabelSet } from '../../../model/labels.ts';
import { compileMatchers } from '../../../model/matcher.ts';
import type { TimeWindow, UnixMs } from '../../../model/units.ts';
import type { MergeRequest } from '../../profile-store.ts';
import { lastPatience, wholeSecond } from '../../standing.ts';
import type { CatalogueSeries } from '../catalogue/catalogue-reader.ts';
import { hourOf, type UnixHour } from '../files/data-dir.ts';
import { groupLabels, type Roll, type RollLevel } from '../rollups/roll.ts';
import { MergeCollector } from './collect.ts';
import { planTime, type TimePlan, whyDetail, withoutHours } from './plan.ts';
import type { Sources } from './sources.ts';
import { visitProfiles } from './timeline.ts';

/** What a merge is made of, by the plan of its window. */
export function selectForMerge(
  request: MergeRequest,
  sources: Sources,
): { readonly collected: MergeCollector; readonly plan: TimePlan } {
  const { selector, aggregation, peakType } = request;
  const plan = planTime(request.window, sources.held, whyDetail({ matchers: selector.matchers, aggregation }));
  sources.noteLostRolls(plan);
  const windowEnd = wholeSecond(plan.window.toMs);
  const collected = new MergeCollector({ aggregation, peakType, windowEnd });
  const rollsOf = rollReading(request, sources);
  for (const roll of rollsOf('1d', plan.days)) collected.addRoll(roll);
  for (const roll of rollsOf('1h', plan.hours)) collected.addRoll(roll);
  const cutGroups = takeEdges(plan, rollsOf, collected);

  const last = plan.rest.at(-1);
  if (!last) return { collected, plan };
  const { catalogue } = sources;
  const candidates = catalogue.select(selector.kind, selector.matchers, -Infinity, hourOf(last.toMs));
  const ends = new Map<number, UnixMs | undefined>();
  const patience = aggregation === 'last' ? lastPatience : 0;
  const endOf = (process: number): UnixMs | undefined => catalogue.endOf(process, ends);
  for (const { windows, series } of byRest(plan, candidates, cutGroups)) {
    visitProfiles(sources, series, { windows, patience, endOf }, collected);
  }
  return { collected, plan };
}

/** What a roll-up holds before its sums are read. */
const rollBytes = 2 * 1024;

type RollReading = (level: RollLevel, buckets: readonly number[]) => Roll[];

function rollReading({ selector: { kind, matchers } }: MergeRequest, sources: Sources): RollReading {
  const meets = compileMatchers(matchers);
  const groupsOf = new Map<string, readonly number[]>();
  return (level, buckets) =>
    sources.rollRuns(level, buckets).flatMap(({ file, from, to }) => {
      const groups = groupsOf.get(file.name) ?? file.groups().flatMap(({ id, labels }) => (meets(labels) ? id : []));
      groupsOf.set(file.name, groups);
      const rolls = file.rolls(groups, kind, from, to);
      sources.allowance.hold(rolls.length * rollBytes);
      return rolls;
    });
}

/**
 * Takes the roll-ups of groups that hold nothing outside the window in an hour that it cuts. Returns for each such hour the
 * groups that do: their single profiles count.
 */
function takeEdges(
  { edges, window }: TimePlan,
  rollsOf: RollReading,
  collected: MergeCollector,
): ReadonlyMap<UnixHour, ReadonlySet<string>> {
  const cutGroups = new Map<UnixHour, ReadonlySet<string>>();
  for (const edge of edges) {
    const byGroup = Map.groupBy(rollsOf('1h', [edge]), ({ key }) => canonicalLabels(key.labels));
    const cut = new Set<string>();
    for (const [group, rolls] of byGroup) {
      if (!rolls.every((roll) => liesIn(roll, window))) cut.add(group);
      else for (const roll of rolls) collected.addRoll(roll);
    }
    cutGroups.set(edge, cut);
  }
  return cutGroups;
}

function liesIn({ stamps, processes }: Roll, { fromMs, toMs }: TimeWindow): boolean {
  if (stamps && (stamps.firstMs < fromMs || stamps.lastMs >= toMs)) return false;
  const [since, until] = [wholeSecond(fromMs), wholeSecond(toMs)];
  return processes.every(({ observed }) => observed.every(({ from, to }) => from >= since && to <= until));
}

/** Series by the time in which their single profiles count. */
function byRest(
  { edges, rest }: TimePlan,
  candidates: readonly CatalogueSeries[],
  cutGroups: ReadonlyMap<UnixHour, ReadonlySet<string>>,
): { readonly windows: readonly TimeWindow[]; readonly series: readonly CatalogueSeries[] }[] {
  const covering = edges.filter((edge) => cutGroups.has(edge));
  if (covering.length === 0) return [{ windows: rest, series: candidates }];
  const keys = new Map<LabelSet, string>();
  const keyOf = (labels: LabelSet): string => {
    const known = keys.get(labels) ?? canonicalLabels(groupLabels(labels));
    keys.set(labels, known);
    return known;
  };
  const byCovered = Map.groupBy(candidates, ({ labels }) =>
    covering.filter((edge) => !cutGroups.get(edge)?.has(keyOf(labels))).join(),
  );
  return [...byCovered].map(([covered, series]) => {
    const hours = covered === '' ? [] : covered.split(',').map(Number);
    return {
      windows: withoutHours(
        rest,
        hours.toSorted((a, b) => a - b),
      ),
      series,
    };
  });
}
