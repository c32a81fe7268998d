import type { Matcher } from '../../model/selector.ts';
import { formatTime } from '../../model/time.ts';
import { day, type TimeWindow, type UnixMs } from '../../model/units.ts';
import type { ProfileReader } from '../../store/profile-store.ts';
import type { Answer, RolloutsQuestion } from '../engine.ts';
import { emptyHint } from '../hint.ts';
import { type JsonValue, jsonAnswer, writeJson } from '../json.ts';
import { windowMembers } from '../meta.ts';
import { planWindow } from '../plan.ts';
import { currentStint, type History, historyOf, type Rollout, rolledOutAtOnce } from './history.ts';
import { type ObservedProcess, observe } from './observe.ts';
import { factsOf } from './revisions.ts';

/** The newest revisions and roll-outs of each kind of workload that are listed. */
export const maxListed = 1000;
/** The first times in which both revisions of a roll-out ran that are listed. */
export const maxOverlaps = 100;

/**
 * The revisions of a workload and the roll-outs between them, newest first, as JSON: `{namespace, workload, revisions,
 * rollouts, meta}`. Workloads of several kinds that have the name are told apart, and said to be several; containers are told
 * apart where revisions are images.
 */
export function answerRollouts(reader: ProfileReader, question: RolloutsQuestion, nowMs: UnixMs): Answer {
  const { namespace, workload } = question;
  const matchers = matchersOf(question);
  const { window, warnings } = planWindow(storedPart(question.window, allStored(reader, nowMs)), nowMs);
  const observed = observe(reader, matchers, window);
  const byKind = [...Map.groupBy(observed.processes, ({ workloadKind }) => workloadKind)].sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  const parts = byKind.flatMap(([kind, processes]) => rolledOutAtOnce(processes).map((own) => partOf(kind, own)));
  const kinds = byKind.map(([kind]) => kind || '(none)');
  const several = `${kinds.length} kinds of workload are named ${workload}: ${kinds.join(', ')}; workload_kind chooses one`;
  const hint = parts.length === 0 ? emptyHint(reader, { kind: undefined, matchers }, window) : undefined;
  return jsonAnswer(
    writeJson({
      namespace,
      workload,
      revisions: parts.flatMap(({ revisions }) => revisions),
      rollouts: parts.flatMap(({ rollouts }) => rollouts),
      meta: {
        ...windowMembers(observed.window),
        resolution: observed.resolution,
        warnings: [
          ...warnings,
          ...observed.warnings,
          ...(kinds.length > 1 ? [several] : []),
          ...parts.flatMap((part) => part.warnings),
        ],
        hint,
      },
    }),
  );
}

/** From the day of the first profile until now: whole days are answered from roll-ups. */
export function allStored(reader: ProfileReader, nowMs: UnixMs): TimeWindow {
  const { oldestMs } = reader.stats();
  return {
    fromMs: oldestMs === undefined ? nowMs - day : Math.floor(Math.min(oldestMs, nowMs - 1) / day) * day,
    toMs: nowMs,
  };
}

/** A window without the time before anything was stored. */
function storedPart(asked: TimeWindow | undefined, stored: TimeWindow): TimeWindow {
  if (asked === undefined) return stored;
  return { ...asked, fromMs: Math.max(asked.fromMs, Math.min(stored.fromMs, asked.toMs - 1)) };
}

function matchersOf({ namespace, workload, workloadKind }: RolloutsQuestion): Matcher[] {
  const named = { namespace, workload, ...(workloadKind === undefined ? {} : { workload_kind: workloadKind }) };
  return Object.entries(named).map(([name, value]) => ({ name, operator: '=', value }));
}

function partOf(kind: string, processes: readonly ObservedProcess[]) {
  const history = historyOf(processes);
  const ofRevision = Map.groupBy(processes, ({ revision }) => revision);
  const current = currentStint(history, (revision) => ofRevision.get(revision)?.some(({ isLive }) => isLive) ?? false);
  // In the order of their newest stints.
  const names = [...new Set(history.stints.map(({ revision }) => revision).reverse())];
  const revisions = names.map((revision): JsonValue => {
    const { images, version, firstSeenMs, lastSeenMs, ...counts } = factsOf(ofRevision.get(revision) ?? []);
    return {
      workloadKind: kind || null,
      revision: revision || null,
      version: version || null,
      images: images.map(({ container, image, imageDigest }) => ({
        container: container || null,
        image: image || null,
        imageDigest: imageDigest || null,
      })),
      ...moment('firstSeen', firstSeenMs),
      ...moment('lastSeen', lastSeenMs),
      ...counts,
      processSeconds: history.runTimes.get(revision)?.allProcessSeconds ?? 0,
      current: revision === current?.revision,
    };
  });
  const rollouts = history.rollouts.toReversed().map((rollout) => rolloutRow(kind, rollout, history));
  return {
    revisions: revisions.slice(0, maxListed),
    rollouts: rollouts.slice(0, maxListed),
    warnings: [
      ...leftOut('revisions', revisions.length, maxListed),
      ...leftOut('roll-outs', rollouts.length, maxListed),
    ],
  };
}

function rolloutRow(kind: string, { compare, base, overlaps }: Rollout, { runTimes }: History): JsonValue {
  return {
    workloadKind: kind || null,
    compare: compare.revision || null,
    base: base.revision || null,
    ...moment('compareFirstSeen', compare.from * 1000),
    ...moment('compareLastSeen', compare.to * 1000),
    ...moment('baseLastSeen', base.to * 1000),
    overlaps: overlaps.slice(0, maxOverlaps).map((range) => ({
      ...windowMembers({ fromMs: range.from * 1000, toMs: range.to * 1000 }),
      compareProcessSeconds: runTimes.get(compare.revision)?.processSeconds(range) ?? 0,
      baseProcessSeconds: runTimes.get(base.revision)?.processSeconds(range) ?? 0,
    })),
    overlapsLeftOut: Math.max(0, overlaps.length - maxOverlaps),
  };
}

function moment(name: string, ms: UnixMs): { readonly [name: string]: JsonValue } {
  return { [name]: formatTime(ms), [`${name}Ms`]: ms };
}

function leftOut(what: string, found: number, most: number): string[] {
  return found > most ? [`the newest ${most} of ${found} ${what} are listed; ask for a shorter window`] : [];
}
