import { FlameherdError } from '../../model/errors.ts';
import { formatLabels, type LabelSet, labelValue, pickLabels } from '../../model/labels.ts';
import { kindOfProfileType, type ProfileKind } from '../../model/profile-type.ts';
import type { Matcher } from '../../model/selector.ts';
import { day, hour, type TimeWindow, type UnixMs } from '../../model/units.ts';
import type { ProfileReader, SecondRange, SeriesEntry } from '../../store/profile-store.ts';
import type { DiffSide } from '../engine.ts';
import { emptyHint } from '../hint.ts';
import { splitMatchers } from '../label-matchers.ts';
import { allStored } from './answer.ts';
import { historyOf, rolledOutAtOnce, type Stint } from './history.ts';
import { type ObservedProcess, observe } from './observe.ts';
import { factsOf } from './revisions.ts';
import { type CountProfiles, sidesOf } from './sides.ts';
import { hardlyProfiled, notesOf, oneRevision, revisionGiven, severalContainers } from './words.ts';

/** One revision as an answer names it; members that nothing tells are ''. */
export interface RevisionSummary {
  readonly revision: string;
  /** The tag of its image, of the container that was asked for or the first by name. */
  readonly image: string;
  readonly imageDigest: string;
  readonly version: string;
  readonly firstSeenMs: UnixMs;
  readonly lastSeenMs: UnixMs;
}

/** Two sides that show what the latest roll-out of a workload changed. */
export interface LatestRollout {
  /** The new revision; matchers are those that were asked for, and what names the workload and the revision alone. */
  readonly compare: DiffSide;
  /** The one that ran most just before it. */
  readonly base: DiffSide;
  readonly revisions: { readonly compare: RevisionSummary; readonly base: RevisionSummary };
  /** Sentences on which rule chose the windows, and what they hold. */
  readonly notes: readonly string[];
}

const workloadLabels = ['namespace', 'workload_kind', 'workload'] as const;
/** How far back the workload is looked for: what was there of late says which one is meant. */
const looksBackMs = [hour, day, Infinity];

/**
 * The newest revision of the workload that a side selects, against the one before it, as of the end of the side's window;
 * where the window begins does not matter. Of what the matchers select, what was profiled last is meant.
 *
 * Throws `bad_query` where the matchers name a revision, or select several workloads or several containers whose revisions are
 * their own; `not_found` where there is no workload or no second revision; `empty_window` where one of the two was hardly
 * profiled.
 */
export function latestRollout(reader: ProfileReader, { selector, window }: DiffSide, nowMs: UnixMs): LatestRollout {
  if (selector.matchers.some(({ name }) => name === 'revision')) throw revisionGiven();
  const kind = kindOfProfileType(selector.type);
  const asked = allStored(reader, Math.min(window.toMs, nowMs));
  const { matchers } = splitMatchers(reader, kind, selector.matchers, asked);
  const selected = lastSelected(reader, kind, matchers, asked);
  const workload = oneWorkload(reader, selected, { kind, matchers, window: asked });

  const containers = new Set(selected.map(({ labels }) => labelValue(labels, 'container')));
  const processes = rolledWith(containers, observe(reader, equalTo(workload), asked).processes);
  const rollout = historyOf(processes).rollouts.at(-1);
  if (!rollout) throw oneRevision(workload, processes);
  const named = equalTo(workload).filter((own) => !matchers.some((given) => isSame(own, given)));
  const count = counting(({ revision }, range) => {
    const own = { kind, matchers: [...matchers, ...named, ofRevision(revision)] };
    const type = { type: selector.type.sampleType, unit: selector.type.sampleUnit };
    const window = windowOf(range);
    return profilesIn(reader.totals({ selector: own, window, type, stepMs: hour, groupBy: ['revision'] }));
  });
  const ofStint = Map.groupBy(processes, ({ revision }) => revision);
  const newProcesses = ofStint.get(rollout.compare.revision) ?? [];
  const sides = sidesOf(rollout, newProcesses, count);
  if (!sides) throw hardlyProfiled(kind, rollout, count, asked.toMs);

  const summary = (stint: Stint): RevisionSummary => summaryOf(stint, ofStint.get(stint.revision) ?? [], containers);
  const side = ({ revision }: Stint, range: SecondRange): DiffSide => ({
    selector: { ...selector, matchers: [...selector.matchers, ...named, ofRevision(revision)] },
    window: windowOf(range),
  });
  return {
    compare: side(rollout.compare, sides.compare),
    base: side(rollout.base, sides.base),
    revisions: { compare: summary(rollout.compare), base: summary(rollout.base) },
    notes: notesOf(rollout, sides, count, asked.toMs),
  };
}

/** The processes that were rolled out together with some containers. */
function rolledWith(
  containers: ReadonlySet<string>,
  processes: readonly ObservedProcess[],
): readonly ObservedProcess[] {
  const own = rolledOutAtOnce(processes).filter((each) => each.some(({ container }) => containers.has(container)));
  if (own.length > 1) throw severalContainers([...containers].sort());
  return own[0] ?? [];
}

function ofRevision(revision: string): Matcher {
  return { name: 'revision', operator: '=', value: revision };
}

function equalTo(labels: LabelSet): Matcher[] {
  return workloadLabels.map((name) => ({ name, operator: '=', value: labelValue(labels, name) }));
}

function isSame(a: Matcher, b: Matcher): boolean {
  return a.name === b.name && a.operator === b.operator && a.value === b.value;
}

/** The series that were profiled last before the end of the window: of an hour, of a day, or of all time. */
function lastSelected(
  reader: ProfileReader,
  kind: ProfileKind,
  matchers: readonly Matcher[],
  { fromMs, toMs }: TimeWindow,
): readonly SeriesEntry[] {
  for (const backMs of looksBackMs) {
    const series = reader.series(matchers, { fromMs: Math.max(fromMs, toMs - backMs), toMs }, kind);
    if (series.length > 0) return series;
  }
  return [];
}

/** Counts each window of a revision once. */
function counting(count: CountProfiles): CountProfiles {
  const known = new Map<string, number>();
  return (stint, range) => {
    const key = `${range.from} ${range.to} ${stint.revision}`;
    const counted = known.get(key) ?? count(stint, range);
    known.set(key, counted);
    return counted;
  };
}

function windowOf({ from, to }: SecondRange): TimeWindow {
  return { fromMs: from * 1000, toMs: to * 1000 };
}

function profilesIn({ series }: ReturnType<ProfileReader['totals']>): number {
  return series.reduce((sum, { points }) => points.reduce((all, { profiles }) => all + profiles, sum), 0);
}

function summaryOf(
  { revision, from, to }: Stint,
  processes: readonly ObservedProcess[],
  containers: ReadonlySet<string>,
): RevisionSummary {
  const { images, version } = factsOf(processes.filter(({ container }) => containers.has(container)));
  const [{ image, imageDigest } = { image: '', imageDigest: '' }] = images;
  return { revision, image, imageDigest, version, firstSeenMs: from * 1000, lastSeenMs: to * 1000 };
}

function oneWorkload(
  reader: ProfileReader,
  selected: readonly SeriesEntry[],
  { kind, matchers, window }: { kind: string; matchers: readonly Matcher[]; window: TimeWindow },
): LabelSet {
  const workloads = new Map(
    selected.map(({ labels }) => {
      const own = pickLabels(labels, workloadLabels);
      return [formatLabels(own), own] as const;
    }),
  );
  const [workload] = workloads.values();
  if (!workload) {
    throw new FlameherdError('not_found', `rollout: no ${kind} profile of this query is stored`, {
      hint: emptyHint(reader, { kind, matchers }, window),
    });
  }
  if (workloads.size > 1) {
    const shown = [...workloads.keys()].sort().slice(0, 4).join(', ');
    const rest = workloads.size > 4 ? ` and ${workloads.size - 4} more` : '';
    throw new FlameherdError('bad_query', `query: rollout=latest needs one workload, these are ${workloads.size}`, {
      hint: `add namespace, workload and workload_kind until it is one of ${shown}${rest}`,
    });
  }
  return workload;
}
