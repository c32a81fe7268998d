import { growthSignals } from '../../model/growth.ts';
import type { SignalEntry, VerdictEntry } from '../api/answers.ts';
import { Moment } from '../format/moment.tsx';
import { ServerText } from '../format/server-text.tsx';
import { capital } from '../format/server-words.ts';
import { Tier } from '../parts/tier.tsx';
import { GrowsMost } from './grows-most.tsx';
import { type Row, Table } from './table.tsx';
import { bySureness, byTier, intervalOf, nameText, signalNames, slopeOf, whyNotText } from './words.ts';

/** Many workloads: what is found, why nothing is found of others, and what is not judged. */
export function Verdicts({ verdicts }: { readonly verdicts: readonly VerdictEntry[] }) {
  const { found, none, skipped } = byTier(verdicts);
  const findings = found.flatMap((verdict) =>
    bySureness(verdict.signals).flatMap((signal) => (signal.tier === null ? [] : [findingRow(verdict, signal)])),
  );
  return (
    <>
      {findings.length > 0 && (
        <>
          <h2>Found</h2>
          <Table
            heads={['Workload', 'What grows', 'Since', 'Slope', 'Grows most', 'Compared', 'Processes', 'See']}
            rows={findings}
          />
        </>
      )}
      {none.length > 0 && (
        <>
          <h2>Nothing found</h2>
          <Table heads={['Workload', ...Object.values(signalNames)]} rows={none.map(quietRow)} />
        </>
      )}
      {skipped.length > 0 && (
        <>
          <h2>Not judged</h2>
          <Table
            heads={['Workload', 'Why']}
            rows={skipped.map((verdict) => ({
              key: verdict.links.page,
              cells: [<Name verdict={verdict} />, verdict.skipped && <ServerText text={verdict.skipped} />],
            }))}
          />
        </>
      )}
    </>
  );
}

function findingRow(verdict: VerdictEntry, signal: SignalEntry): Row {
  const { links, startMs, baseline, pods, judged, tier } = signal;
  return {
    key: verdict.links.page + signal.signal,
    cells: [
      <Name verdict={verdict} />,
      <span class="growth-nowrap">
        {signalNames[signal.signal]} <Tier tier={tier} />
      </span>,
      startMs !== null && (
        <span class="growth-nowrap">
          <Moment ms={startMs} />
        </span>
      ),
      <span class="growth-nowrap">
        <strong>{slopeOf(signal)}</strong>
        <br />
        <span class="muted">{intervalOf(signal)}</span>
      </span>,
      <GrowsMost judged={signal} />,
      baseline && capital(baseline.text),
      `${pods.length} of ${judged}`,
      <span class="growth-nowrap">
        {links.diffPage !== null && <a href={links.diffPage}>Diff</a>}{' '}
        {links.eventPage !== null && <a href={links.eventPage}>Event</a>}
      </span>,
    ],
  };
}

function quietRow(verdict: VerdictEntry): Row {
  const cells = growthSignals.map((name) => {
    const signal = verdict.signals.find((one) => one.signal === name);
    if (!signal) return '';
    return (
      <span class="muted">
        {whyNotText(signal)} {signal.perSecond ? <span title={intervalOf(signal)}>Slope {slopeOf(signal)}.</span> : ''}
      </span>
    );
  });
  return { key: verdict.links.page, cells: [<Name verdict={verdict} />, ...cells] };
}

function Name({ verdict }: { readonly verdict: VerdictEntry }) {
  return (
    <a class="growth-name" href={verdict.links.page}>
      {nameText(verdict)}
    </a>
  );
}
