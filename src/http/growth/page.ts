import { formatDuration } from '../../model/duration.ts';
import { functionText, levelText, likelyTexts, slopeText } from '../../model/growth-words.ts';
import { counted } from '../../model/human-value.ts';
import { type Html, html, page } from '../html.ts';
import type { EventAnswer, VerdictAnswer } from './answers.ts';
import type { GrowthAnswer } from './ask-growth.ts';

/** Growth as pages: the same answers as the API's, drawn. */

type SignalAnswer = VerdictAnswer['signals'][number];
/** What a verdict and an event both say of a signal. */
type Judged = EventAnswer['verdict'];

export function growthPage(answer: GrowthAnswer, title: string, more: string | undefined): string {
  const { verdicts, events, meta } = answer;
  const [only] = verdicts.length === 1 ? verdicts : [];
  return page(
    `${title}: growth`,
    html`<p><a href="/">flameherd</a> / <a href="/growth">growth</a></p>
<h1>${title}</h1>
<p>${statusText(meta)}</p>
${meta.warnings.map(
  (warning) => html`<p>${warning}</p>
`,
)}${
  meta.hint === undefined
    ? ''
    : html`<p>${meta.hint}</p>
`
}${verdicts.length === 0 ? '' : verdictTable(verdicts)}
${only ? only.signals.map((signal) => signalSection(signal)) : ''}
<h2>Events</h2>
${events.length === 0 ? html`<p>None from ${shortTime(meta.from)} to ${shortTime(meta.to)}.</p>` : eventTable(events)}
${more === undefined ? '' : html`<p><a href="${more}">more</a></p>`}`,
  );
}

export function eventPage(event: EventAnswer): string {
  const name = nameOf(event);
  const { links } = event;
  const lines: (readonly [string, string | Html])[] = [
    ['workload', html`<a href="${links.workload}">${name}</a>`],
    ['what', `${event.signal} ${event.tier}`],
    ['state', event.resolved === null ? 'open' : `resolved ${shortTime(event.resolved)}`],
    ['found', shortTime(event.opened ?? '')],
    ...(event.likely === null ? [] : [['likely since', shortTime(event.likely)] as const]),
    ...(event.revision === null ? [] : [['revision', event.revision] as const]),
  ];
  const kept = [
    ...(links.baseProfile === null ? [] : [html` <a href="${links.baseProfile}">before</a>`]),
    ...(links.compareProfile === null ? [] : [html` <a href="${links.compareProfile}">while it grew</a>`]),
  ];
  return page(
    `${name}: ${event.signal} grew`,
    html`<p><a href="/">flameherd</a> / <a href="/growth">growth</a></p>
<h1>${name}: ${event.signal} ${event.state === 'open' ? 'grows' : 'grew'}</h1>
<table>
${lines.map(
  ([heading, text]) => html`<tr><th>${heading}</th><td>${text}</td></tr>
`,
)}</table>
${findingSection(event.verdict)}
<h2>Profiles</h2>
<ul>
<li><a href="${links.diff}">what changed</a>, as markdown; <a href="${links.pprof}">as pprof</a></li>
<li>kept with the event:${kept.length === 0 ? ' none yet' : kept}</li>
<li><a href="${links.profiles}">single profiles</a></li>
</ul>
${gateSection(event.verdict)}`,
  );
}

function statusText({ at, evaluated, bucketMs, tiers, workloads }: GrowthAnswer['meta']): string {
  const when =
    at !== null
      ? `As it would have been judged at ${shortTime(at)}`
      : evaluated === null
        ? 'Not judged yet'
        : `Judged at ${shortTime(evaluated)}, every ${formatDuration(bucketMs)}`;
  const { likely, suspected, none, skipped } = tiers;
  return `${when}: ${counted(workloads, 'workload')}: ${likely} likely, ${suspected} suspected, ${none} without a finding, ${skipped} not judged.`;
}

function verdictTable(verdicts: readonly VerdictAnswer[]): Html {
  return html`<table>
<tr><th>workload</th><th>what</th><th>verdict</th><th>since</th><th>slope</th><th>grows most</th><th>compared</th><th>pods</th><th></th></tr>
${verdicts.flatMap((verdict) => rowsOf(verdict))}</table>`;
}

function rowsOf(verdict: VerdictAnswer): Html[] {
  const name = html`<a href="${verdict.links.page}">${nameOf(verdict)}</a>`;
  if (verdict.skipped !== null) {
    return [
      html`<tr><td>${name}</td><td></td><td>not judged</td><td colspan="6">${verdict.skipped}</td></tr>
`,
    ];
  }
  return verdict.signals.map(
    (signal) => html`<tr><td>${name}</td><td>${signal.signal}</td>${
      signal.tier === null
        ? html`<td>nothing</td><td></td><td>${slopeOf(signal)}</td><td colspan="3">${signal.whyNot ?? ''}</td><td></td>`
        : foundCells(signal)
    }</tr>
`,
  );
}

function foundCells(signal: SignalAnswer): Html {
  const { links } = signal;
  return html`<td>${signal.tier ?? ''}</td><td>${signal.since === null ? '' : shortTime(signal.since)}</td><td>${slopeOf(signal)}</td><td>${functionOf(signal)}</td><td>${signal.baseline?.text ?? ''}</td><td>${podsOf(signal)}</td><td>${links.diff === null ? '' : html`<a href="${links.diff}">diff</a>`}${signal.eventId === null ? '' : html` <a href="/a/${encodeURIComponent(signal.eventId)}">event</a>`}</td>`;
}

function signalSection(signal: SignalAnswer): Html {
  const { links } = signal;
  return html`<h2>${signal.signal}: ${signal.tier ?? 'nothing found'}</h2>
${findingSection(signal)}
<p>${links.diff === null ? '' : html`<a href="${links.diff}">what changed</a>, `}${links.pprof === null ? '' : html`<a href="${links.pprof}">the same as pprof</a>, `}<a href="${links.profiles}">single profiles</a></p>
${gateSection(signal)}`;
}

/** What grows, how fast, since when, compared with what. */
function findingSection(judged: Judged): Html {
  if (judged.tier === null) return html``;
  const { signal, functions, pods, likelyBecause, rise } = judged;
  return html`<p>Grows ${slopeOf(judged)}${judged.start === null ? '' : ` since ${shortTime(judged.start)}`}${rise === null ? '' : `, ${levelText(signal, rise)} over the stretch that shows it`}; ${judged.baseline?.text ?? ''}${likelyBecause === null ? '' : `; likely: ${likelyTexts[likelyBecause]}`}.</p>
<p>Pods: ${podsOf(judged)}${pods.length === 0 ? '' : `: ${pods.join(', ')}`}</p>
<table>
<tr><th>function</th><th>grows</th><th>holds</th></tr>
${functions.map(
  ({ function: name, perSecond, level, link }) =>
    html`<tr><td>${link === null ? functionText(signal, name) : html`<a href="${link}">${name}</a>`}</td><td>${slopeText(signal, perSecond)}</td><td>${levelText(signal, level)}</td></tr>
`,
)}</table>`;
}

function gateSection({ gates }: Judged): Html {
  if (gates.length === 0) return html``;
  return html`<h3>Why, and why not more</h3>
<table>
<tr><th>gate</th><th></th><th>measured</th></tr>
${gates.map(
  ({ name, passed, text }) => html`<tr><td>${name}</td><td>${passed ? 'passed' : 'not passed'}</td><td>${text}</td></tr>
`,
)}</table>`;
}

function eventTable(events: readonly EventAnswer[]): Html {
  return html`<table>
<tr><th>workload</th><th>what</th><th>tier</th><th>found</th><th>resolved</th><th>grew most</th><th></th></tr>
${events.map(
  (event) =>
    html`<tr><td>${nameOf(event)}</td><td>${event.signal}</td><td>${event.tier}</td><td>${shortTime(event.opened ?? '')}</td><td>${event.resolved === null ? 'open' : shortTime(event.resolved)}</td><td>${functionOf(event.verdict)}</td><td><a href="/a/${encodeURIComponent(event.id)}">event</a> <a href="${event.links.diff}">diff</a></td></tr>
`,
)}</table>`;
}

function nameOf({
  namespace,
  workload,
  container,
}: Pick<VerdictAnswer, 'namespace' | 'workload' | 'container'>): string {
  return `${namespace}/${workload}${container === '' ? '' : ` (${container})`}`;
}

function functionOf({ signal, functions }: Judged): string {
  const [first] = functions;
  return first ? functionText(signal, first.function) : '';
}

function podsOf({ pods, judged }: Judged): string {
  return `${pods.length} of ${judged}`;
}

function slopeOf({ signal, perSecond, low, high }: Judged): string {
  if (perSecond === null) return '';
  const range = low === null || high === null ? '' : ` (${slopeText(signal, low)} to ${slopeText(signal, high)})`;
  return `${slopeText(signal, perSecond)}${range}`;
}

/** `2026-03-01T12:00Z`: without seconds where there are none, as with the usual buckets. */
function shortTime(time: string): string {
  return time.replace(/(:00)?\.\d{3}Z$/, 'Z');
}
