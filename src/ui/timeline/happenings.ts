import type { TimeWindow } from '../../model/units.ts';
import type { GrowthAnswer, RolloutsAnswer } from '../api/answers.ts';
import { isoText } from '../format/time.ts';
import { hrefOf } from '../state/href.ts';
import { type Jump, jumpText } from './jumps.ts';
import type { Mark } from './mark.ts';
import type { ScrapedProcess } from './provenance.ts';
import { lengthOf } from './scale.ts';

/** What happened to a selection, as marks of its timeline. */

/** A workload of a selection. */
export interface Workload {
  readonly namespace: string;
  readonly workload: string;
  readonly workloadKind: string | undefined;
}

/** The workloads that some processes are of, each once. */
export function workloadsOf(processes: readonly ScrapedProcess[]): Workload[] {
  const found = new Map<string, Workload>();
  for (const { labels } of processes) {
    const { namespace, workload, workload_kind: workloadKind } = labels;
    if (namespace && workload)
      found.set(`${namespace}/${workloadKind}/${workload}`, { namespace, workload, workloadKind });
  }
  return [...found.values()];
}

/** Pods of a roll-out come one after the other: what starts so long after it came to an end is a restart. */
const settledMs = 120_000;

/** Processes that started in the window, but those that a roll-out brought: a roll-out has a mark of its own. */
export function restartMarks(
  processes: readonly ScrapedProcess[],
  rollouts: readonly RolloutsAnswer[],
  shown: TimeWindow,
): Mark[] {
  const moves = rollouts.flatMap((answer) =>
    answer.rollouts.map((rollout) => ({ workload: answer.workload, ...rollout })),
  );
  const isRolledOut = ({ labels }: ScrapedProcess, startedMs: number): boolean =>
    moves.some(
      ({ workload, compare, compareFirstSeenMs, overlaps }) =>
        workload === labels['workload'] &&
        compare === labels['revision'] &&
        startedMs <= (overlaps.at(-1)?.toMs ?? compareFirstSeenMs) + settledMs,
    );
  return processes.flatMap((process): Mark[] => {
    const { startedMs, labels } = process;
    if (startedMs === null || startedMs <= shown.fromMs || startedMs > shown.toMs) return [];
    if (isRolledOut(process, startedMs)) return [];
    const pod = labels['pod'];
    const isAgain = processes.some((other) => other.labels['pod'] === pod && (other.startedMs ?? Infinity) < startedMs);
    return [
      {
        atMs: startedMs,
        kind: 'restart',
        label: `${isAgain ? 'restart of' : 'new process'} ${pod ?? process.process}`,
      },
    ];
  });
}

/** Where growth began and where it was found, of the events of a window. */
export function growthMarks({ events }: GrowthAnswer): Mark[] {
  return events.flatMap(({ verdict, signal, tier, openedMs, container, links }): Mark[] => {
    const href = links.page ?? links.workload;
    const what = `${signal} of ${container}`;
    const began: Mark[] =
      verdict.startMs === null ? [] : [{ atMs: verdict.startMs, kind: 'event', label: `${what} begins to grow`, href }];
    return openedMs === null
      ? began
      : [...began, { atMs: openedMs, kind: 'event', label: `${what} found to grow: ${tier}`, href }];
  });
}

/** As much is compared on each side at most: a jump is news of its time. */
const comparedPart = 6;

/** Jumps of a function, each a link to what changed there. */
export function jumpMarks(
  jumps: readonly Jump[],
  { query, functionName, shown }: { readonly query: string; readonly functionName: string; readonly shown: TimeWindow },
): Mark[] {
  const mostMs = lengthOf(shown) / comparedPart;
  const short = functionName.slice(functionName.lastIndexOf('/') + 1);
  return jumps.map((jump, at): Mark => {
    const fromMs = Math.max(jumps[at - 1]?.atMs ?? shown.fromMs, jump.atMs - mostMs);
    const toMs = Math.min(jumps[at + 1]?.atMs ?? shown.toMs, jump.atMs + mostMs);
    return {
      atMs: jump.atMs,
      kind: 'jump',
      label: `${short} ${jumpText(jump)} here`,
      href: hrefOf('/diff', {
        query,
        from: isoText(jump.atMs),
        to: isoText(toMs),
        base_from: isoText(fromMs),
        base_to: isoText(jump.atMs),
        function: functionName,
      }),
    };
  });
}
