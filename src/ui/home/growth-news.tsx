import { functionText, slopeText } from '../../model/growth-words.ts';
import type { GrowthAnswer, SignalEntry, VerdictEntry } from '../api/answers.ts';
import { ServerText } from '../format/server-text.tsx';
import { durationText, isoText } from '../format/time.ts';
import { Tier } from '../parts/tier.tsx';

const shownFindings = 4;

/** What grows that should not, the surest first. */
export function GrowthNews({ growth }: { readonly growth: GrowthAnswer | undefined }) {
  const findings = (growth?.verdicts ?? []).flatMap((verdict) =>
    verdict.signals.flatMap((signal) => (signal.tier === null ? [] : [{ verdict, signal }])),
  );
  const more = findings.length - shownFindings;
  return (
    <section class="home-panel">
      <h2>
        <a href="/growth">Growth</a>
      </h2>
      {growth && findings.length === 0 && (
        <p class="muted">
          <ServerText text={quietText(growth)} />
        </p>
      )}
      <ul>
        {findings.slice(0, shownFindings).map(({ verdict, signal }) => (
          <li key={verdict.links.page + signal.signal}>
            <Finding verdict={verdict} signal={signal} />
          </li>
        ))}
      </ul>
      {more > 0 && <a href="/growth">and {more} more</a>}
    </section>
  );
}

function Finding({ verdict, signal }: { readonly verdict: VerdictEntry; readonly signal: SignalEntry }) {
  const [first] = signal.functions;
  return (
    <>
      <Tier tier={signal.tier} />
      <a href={verdict.links.page}>
        {verdict.namespace}/{verdict.workload}
      </a>
      <span>
        {signal.signal} {signal.perSecond !== null && slopeText(signal.signal, signal.perSecond)}
      </span>
      {signal.startMs !== null && (
        <span class="muted">
          for <Since ms={signal.startMs} until={verdict.atMs} />
        </span>
      )}
      {first && (
        <a class="home-function" href={first.page ?? verdict.links.page} title={first.function}>
          {functionText(signal.signal, first.function)}
        </a>
      )}
    </>
  );
}

function Since({ ms, until }: { readonly ms: number; readonly until: number }) {
  return (
    <time dateTime={isoText(ms)} title={isoText(ms)}>
      {durationText(until - ms)}
    </time>
  );
}

function quietText({ meta }: GrowthAnswer): string {
  const [warning] = meta.warnings;
  if (warning !== undefined) return warning;
  if (meta.evaluatedMs === null) return meta.hint ?? 'Nothing was judged yet.';
  return 'Nothing grows that should not: live heap, goroutines and allocation rates are as they were.';
}
