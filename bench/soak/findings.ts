import { minute, second } from '../../src/model/units.ts';
import { median, quantile, shortNumber } from '../table.ts';
import type { Asked } from './asking.ts';
import type { Fault } from './faults.ts';
import { notStored, type Stored } from './loss.ts';
import type { Operations } from './operations.ts';
import { residentByParts } from './sampling.ts';

export interface Finding {
  readonly what: string;
  readonly figure: string;
  readonly goal: string;
  /** Whether the goal is missed. */
  readonly isMissed: boolean;
}

/** How long after a fault it may still be felt: a scrape that was under way, a turn that was skipped. */
const echoMs = 75 * second;
/** What came so shortly before a kill may still have waited to be stored: nobody was told that it was. */
const waitingMs = 10 * second;
/** RSS that moves by less is flat. */
const flatWithin = 0.1;

/** Profiles that a pod sent and that are not stored, though nothing was broken: each with its time. */
export function lostForNoReason({ cluster, scrapes, faults }: Operations): string[] {
  return notStored(cluster.served, scrapes.stored)
    .filter(({ ms }) => !faultAt(faults, ms))
    .map(({ pod, kind, serial, ms }) => `${new Date(ms).toISOString()} ${pod} ${kind} ${serial} is not stored`);
}

/** The table of a run. */
export function findingsOf(run: Operations): Finding[] {
  return [...lossFindings(run), ...machineFindings(run), ...faultFindings(run), ...questionFindings(run)];
}

function lossFindings(run: Operations): Finding[] {
  const { scrapes, uploads, counted, exitCode } = run;
  const sent = sumOf(uploads.map(({ acknowledged }) => acknowledged));
  const [missing, different, forgotten] = [
    sumOf(uploads.map((one) => one.missing)),
    sumOf(uploads.map((one) => one.different)),
    sumOf(uploads.map((one) => one.forgotten)),
  ];
  const listed = scrapes.stored.length + sent;
  const elsewhere = lostForNoReason(run);
  const sums = scrapes.unequalSums.length;
  return [
    finding('uploads acknowledged', `${sent}`),
    finding('… and not answered by their id', `${missing}`, '0', missing > 0),
    finding('… answered with other samples', `${different}`, '0', different > 0),
    finding('… sent again, and taken for new', `${forgotten}`, '0', forgotten > 0),
    finding('profiles counted as stored, scraped and uploaded', `${counted}`),
    finding('… and not listed afterwards', `${Math.max(0, counted - listed)}`, '0', listed < counted),
    finding('scrapes stored', `${scrapes.stored.length}`),
    finding('… whose numbers or increases are wrong', `${scrapes.wrong.length}`, '0', scrapes.wrong.length > 0),
    finding('merged totals that differ from their profiles', `${sums} of ${scrapes.comparedSums}`, '0', sums > 0),
    finding('sent by a pod, not stored, and no fault near', `${elsewhere.length}`, '0', elsewhere.length > 0),
    finding('dropped because the queue was full', `${run.dropped}`, '0', run.dropped > 0),
    finding(
      'exit code; damaged files',
      `${exitCode}; ${run.damagedFiles.length}`,
      '0; 0',
      exitCode !== 0 || run.damagedFiles.length > 0,
    ),
    finding('uploads that were refused, and sent again', listOf(run.refusals)),
  ];
}

function machineFindings({ samples, fromMs, toMs, scrapes, options }: Operations): Finding[] {
  const [, before = 0, after = 0] = residentByParts(samples, 3);
  const change = after / before - 1;
  const megabytes = (bytes: number): string => shortNumber(bytes / 1e6);
  const [first, last] = [samples[0], samples.at(-1)];
  const cpu = ((last?.cpuSeconds ?? 0) - (first?.cpuSeconds ?? 0)) / (((last?.ms ?? 1) - (first?.ms ?? 0)) / 1000);
  const most = Math.max(...samples.map(({ residentBytes }) => residentBytes));
  return [
    finding('targets; minutes', `${options.targets}; ${shortNumber((toMs - fromMs) / minute)}`),
    finding('profiles stored a second', shortNumber((1000 * scrapes.stored.length) / (toMs - fromMs))),
    finding('RSS by sixths of the time, MB', residentByParts(samples, 6).map(megabytes).join(', ')),
    finding(
      'RSS, last third to the one before',
      `${shortNumber(100 * change)} %`,
      `≤ ${100 * flatWithin} %`,
      change > flatWithin,
    ),
    finding('RSS at most, MB', megabytes(most)),
    finding('CPU, of a core', shortNumber(cpu)),
    finding('disk at the end, MB', megabytes(last?.diskBytes ?? 0)),
  ];
}

function faultFindings(run: Operations): Finding[] {
  return [
    ...run.faults.flatMap((fault) => {
      const missed = notStored(run.cluster.served, run.scrapes.stored).filter(({ ms }) => isNear(fault, ms)).length;
      const asked = run.asked.filter((one) => isAmid(fault, one));
      const failed = asked.filter(({ status }) => status !== 200).length;
      return [
        finding(`${fault.name}: seconds`, `${shortNumber((fault.toMs - fault.fromMs) / 1000)}; ${fault.seen}`),
        finding(`${fault.name}: longest gap between two heaps of a pod, s`, gapsOf(run.scrapes.stored, fault)),
        finding(`${fault.name}: sent by a pod and not stored`, `${missed}`),
        finding(`${fault.name}: questions without an answer`, `${failed} of ${asked.length}`),
      ];
    }),
    finding('pods that came while the API server was away: first asked, s after it was back', newcomers(run)),
  ];
}

/** Median and most over pods, of those that had one before and one after. */
function gapsOf(stored: readonly Stored[], fault: Fault): string {
  const heaps = Map.groupBy(
    stored.filter(({ kind }) => kind === 'heap'),
    ({ pod }) => pod,
  );
  const longest = heaps
    .values()
    .map((profiles) => longestGap(profiles, fault))
    .filter((gap) => gap > 0)
    .toArray();
  const seconds = (ms: number): string => shortNumber(ms / 1000);
  return `median ${seconds(median(longest))}, most ${seconds(Math.max(0, ...longest))}`;
}

function longestGap(profiles: readonly Stored[], { fromMs, toMs }: Fault): number {
  let longest = 0;
  for (const [index, { timeMs }] of profiles.entries()) {
    const next = profiles[index + 1]?.timeMs;
    if (next !== undefined && next >= fromMs && timeMs <= toMs) longest = Math.max(longest, next - timeMs);
  }
  return longest;
}

function newcomers({ cluster, faults }: Operations): string {
  const backMs = faults.find(({ name }) => name === 'API server away')?.toMs ?? 0;
  const waited = cluster.replaced.map(({ firstAskedMs }) => ((firstAskedMs ?? Number.NaN) - backMs) / 1000);
  const never = waited.filter(Number.isNaN).length;
  const known = waited.filter((seconds) => !Number.isNaN(seconds));
  return `median ${shortNumber(median(known))}, most ${shortNumber(Math.max(...known))}; never ${never} of ${waited.length}`;
}

/** Of questions while nothing was broken. */
function questionFindings({ asked, faults }: Operations): Finding[] {
  const calm = asked.filter((one) => !faults.some((fault) => isAmid(fault, one)));
  const failed = calm.filter(({ status }) => status !== 200).length;
  const rows = [['all', calm] as const, ...Map.groupBy(calm, ({ name }) => name)].map(([name, all]) => {
    const times = all.map(({ ms }: Asked) => ms);
    const figure = [quantile(times, 0.5), quantile(times, 0.99)].map(shortNumber).join(' / ');
    return finding(`questions, ${name}: p50 / p99, ms`, `${figure}; ${all.length}`);
  });
  return [finding('questions without an answer, no fault', `${failed} of ${calm.length}`, '0', failed > 0), ...rows];
}

function faultAt(faults: readonly Fault[], ms: number): Fault | undefined {
  return faults.find((fault) => isNear(fault, ms));
}

function isNear({ fromMs, toMs }: Fault, ms: number): boolean {
  return ms >= fromMs - waitingMs && ms <= toMs + echoMs;
}

function isAmid({ fromMs, toMs }: Fault, { startedMs, ms }: Asked): boolean {
  return startedMs + ms >= fromMs && startedMs <= toMs;
}

function finding(what: string, figure: string, goal = '', isMissed = false): Finding {
  return { what, figure, goal, isMissed };
}

function listOf(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([name, count]) => `${count} ${name}`).join(', ') || '0';
}

function sumOf(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
