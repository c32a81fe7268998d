import { formatDuration } from '../model/duration.ts';
import { functionText, levelText, likelyTexts, slopeText } from '../model/growth-words.ts';
import { counted } from '../model/human-value.ts';
import { formatTime } from '../model/time.ts';
import type {
  BacktestAnswer,
  EventAnswer,
  GrowthAnswer,
  SignalAnswer,
  VerdictAnswer,
  WorkloadAnswer,
} from './growth-answer.ts';
import { type Output, printable, roughDuration, styled, table } from './output.ts';

/** Growth on a terminal. */

/** What grows, most certain first, and how many show nothing. `all`: with those, and why they show nothing. */
export function drawGrowth(answer: GrowthAnswer, all: boolean, nowMs: number): string {
  const { verdicts, meta } = answer;
  const rows = verdicts.flatMap((verdict) => rowsOf(verdict, all, meta.atMs === null ? nowMs : undefined));
  const { none, skipped } = meta.tiers;
  const more = all || none + skipped === 0 ? '' : '; --all or -w NAME says why';
  const drawn =
    rows.length > 0
      ? table(['WORKLOAD', 'WHAT', 'VERDICT', 'SINCE', 'SLOPE', 'GROWS MOST', 'COMPARED, OR WHY NOT'], rows)
      : verdicts.length > 0
        ? 'Nothing grows.\n'
        : '';
  return `${drawn}${drawn === '' ? '' : '\n'}${judgedText(meta, nowMs)}: ${counted(none, 'workload')} without a finding, ${skipped} not judged${more}.\n${notesOf(meta)}`;
}

/** One workload or a few: what is found, the functions, and each gate with its numbers. */
export function drawWorkloads(answer: GrowthAnswer, output: Output, nowMs: number): string {
  const { verdicts, meta, events } = answer;
  const parts = verdicts.map(
    (verdict) =>
      `${styled(output, 'bold', printable(nameOf(verdict)))}: ${verdict.skipped === null ? counted(verdict.processes, 'process', 'processes') : `not judged: ${printable(verdict.skipped)}`}\n${verdict.signals.map((signal) => signalText(signal, output)).join('')}\n`,
  );
  const past = events.length === 0 ? '' : `${eventTable(events)}\n`;
  return `${parts.join('')}${past}${judgedText(meta, nowMs)}.\n${notesOf(meta)}`;
}

export function drawEvent(event: EventAnswer, server: string, output: Output): string {
  const { links } = event;
  const url = (path: string) => printable(new URL(path, server).href);
  const times = [
    `found ${shortTime(event.openedMs)}`,
    ...(event.likelyMs === null ? [] : [`likely ${shortTime(event.likelyMs)}`]),
    event.resolvedMs === null ? 'open' : `resolved ${shortTime(event.resolvedMs)}`,
    ...(event.revision === null ? [] : [`revision ${printable(event.revision)}`]),
  ];
  const kept =
    links.compareProfile === null
      ? 'No profiles are kept with it yet.\n'
      : links.baseProfile === null
        ? `go tool pprof '${url(links.compareProfile)}'\n`
        : `go tool pprof -diff_base '${url(links.baseProfile)}' '${url(links.compareProfile)}'\n`;
  return `${styled(output, 'bold', printable(nameOf(event)))}: ${times.join(', ')}\n${signalText({ ...event.verdict, tier: event.tier }, output)}\n${kept}curl '${url(links.diff)}'\n`;
}

/** What would have been found and when; of workloads without an event, why not. */
export function drawBacktest({ events, verdicts, meta }: BacktestAnswer, output: Output, isDetailed: boolean): string {
  const found = events.length === 0 ? 'Nothing would have been found.\n' : eventTable(events);
  const quiet = verdicts.filter((verdict) => !events.some((event) => nameOf(event) === nameOf(verdict)));
  const why = isDetailed
    ? quiet.map(
        (verdict) =>
          `\n${printable(nameOf(verdict))}\n${verdict.signals.map((signal) => signalText(signal, output)).join('')}`,
      )
    : [];
  const summary = `from ${shortTime(meta.fromMs)} to ${shortTime(meta.toMs)}, by ${meta.evaluations} evaluations of ${formatDuration(meta.bucketMs)}: ${counted(verdicts.length, 'workload')}, ${counted(events.length, 'event')}`;
  return `${found}${why.join('')}\n${summary}\n${notesOf(meta)}`;
}

function rowsOf(verdict: VerdictAnswer, all: boolean, nowMs: number | undefined): string[][] {
  const name = nameOf(verdict);
  if (verdict.skipped !== null) return all ? [[name, '', 'not judged', '', '', '', verdict.skipped]] : [];
  return verdict.signals
    .filter(({ tier }) => all || tier !== null)
    .map((signal) => [
      name,
      signal.signal,
      signal.tier ?? '',
      signal.sinceMs === null
        ? ''
        : nowMs === undefined
          ? shortTime(signal.sinceMs)
          : `${roughDuration(nowMs - signal.sinceMs)} ago`,
      signal.perSecond === null ? '' : slopeText(signal.signal, signal.perSecond),
      firstFunction(signal),
      signal.tier === null ? (signal.whyNot ?? '') : (signal.baseline?.text ?? ''),
    ]);
}

function signalText(signal: SignalAnswer, output: Output): string {
  const { tier, functions, gates, pods, judged } = signal;
  const style = tier === 'likely' ? 'red' : tier === 'suspected' ? 'yellow' : 'dim';
  const finding =
    tier === null
      ? (signal.whyNot ?? 'nothing found')
      : [
          `${slopeRange(signal)}${signal.startMs === null ? '' : ` since ${shortTime(signal.startMs)}`}`,
          signal.baseline?.text ?? '',
          signal.likelyBecause === null ? '' : likelyTexts[signal.likelyBecause],
          `${pods.length} of ${judged} pods${pods.length === 0 ? '' : `: ${pods.join(', ')}`}`,
        ]
          .filter((text) => text !== '')
          .join('; ');
  const functionLines =
    tier === null
      ? []
      : functions.map(
          ({ function: name, perSecond, level }) =>
            `    ${slopeText(signal.signal, perSecond).padEnd(12)} ${levelText(signal.signal, level).padEnd(10)} ${printable(functionText(signal.signal, name))}\n`,
        );
  const width = Math.max(0, ...gates.map(({ name }) => name.length));
  const gateLines = gates.map(
    ({ name, passed, text }) => `    ${passed ? '✓' : '✗'} ${printable(name).padEnd(width)}  ${printable(text)}\n`,
  );
  return `  ${signal.signal}: ${styled(output, style, tier ?? 'nothing')}: ${printable(finding)}\n${functionLines.join('')}${gateLines.join('')}`;
}

function eventTable(events: readonly EventAnswer[]): string {
  return table(
    ['FOUND', 'LIKELY', 'RESOLVED', 'WORKLOAD', 'WHAT', 'GREW MOST', 'SLOPE', 'EVENT'],
    events.map((event) => [
      shortTime(event.openedMs),
      event.likelyMs === null ? '' : shortTime(event.likelyMs),
      event.resolvedMs === null ? 'open' : shortTime(event.resolvedMs),
      nameOf(event),
      event.signal,
      firstFunction(event.verdict),
      event.verdict.perSecond === null ? '' : slopeText(event.signal, event.verdict.perSecond),
      event.id,
    ]),
  );
}

function judgedText({ atMs, evaluatedMs, bucketMs }: GrowthAnswer['meta'], nowMs: number): string {
  if (atMs !== null) return `as of ${shortTime(atMs)}`;
  if (evaluatedMs === null) return 'not judged yet';
  return `judged ${roughDuration(nowMs - evaluatedMs)} ago, every ${formatDuration(bucketMs)}`;
}

function notesOf({ warnings, hint }: Pick<GrowthAnswer['meta'], 'warnings' | 'hint'>): string {
  const notes = [...warnings, ...(hint === undefined ? [] : [`hint: ${hint}`])];
  return notes.map((note) => `${printable(note)}\n`).join('');
}

function nameOf({ namespace, workloadKind, workload, container }: WorkloadAnswer): string {
  const kind = workloadKind === '' ? '' : `${workloadKind.toLowerCase()}/`;
  return `${namespace} ${kind}${workload}${container === '' || container === workload ? '' : ` (${container})`}`;
}

function firstFunction({ signal, functions }: SignalAnswer): string {
  const [first] = functions;
  return first ? functionText(signal, first.function) : '';
}

function slopeRange({ signal, perSecond, low, high }: SignalAnswer): string {
  if (perSecond === null) return 'growing';
  const range = low === null || high === null ? '' : ` (${slopeText(signal, low)} to ${slopeText(signal, high)})`;
  return `${slopeText(signal, perSecond)}${range}`;
}

/** `2026-03-01T12:00Z`: without seconds where there are none, as with the usual buckets. */
function shortTime(ms: number): string {
  return formatTime(ms).replace(/(:00)?\.\d{3}Z$/, 'Z');
}
