import { functionText } from '../../model/growth-words.ts';
import type { SignalEntry, VerdictEntry } from '../api/answers.ts';
import { Moment } from '../format/moment.tsx';
import { Tier } from '../parts/tier.tsx';
import { bySureness, byTier, intervalOf, nameText, podsText, signalNames, slopeOf } from './words.ts';

/** Many workloads: what is found, why nothing is found of others, and what is not judged. */
export function Verdicts({ verdicts }: { readonly verdicts: readonly VerdictEntry[] }) {
  const { found, none, skipped } = byTier(verdicts);
  const findings = found.flatMap((verdict) =>
    bySureness(verdict.signals).flatMap((signal) => (signal.tier === null ? [] : [{ verdict, signal }])),
  );
  return (
    <>
      {findings.length > 0 && <Findings findings={findings} />}
      {none.length > 0 && (
        <>
          <h2>Nothing found</h2>
          <div class="growth-scroll">
            <table>
              <thead>
                <tr>
                  <th>Workload</th>
                  {Object.values(signalNames).map((name) => (
                    <th key={name}>{name}</th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {none.map((verdict) => (
                  <Quiet key={verdict.links.page} verdict={verdict} />
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
      {skipped.length > 0 && (
        <>
          <h2>Not judged</h2>
          <ul>
            {skipped.map((verdict) => (
              <li key={verdict.links.page}>
                <Name verdict={verdict} />: {verdict.skipped}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

interface Finding {
  readonly verdict: VerdictEntry;
  readonly signal: SignalEntry;
}

function Findings({ findings }: { readonly findings: readonly Finding[] }) {
  return (
    <>
      <h2>Found</h2>
      <div class="growth-scroll">
        <table>
          <thead>
            <tr>
              <th>Workload</th>
              <th>What grows</th>
              <th>Since</th>
              <th>Slope</th>
              <th>Grows most</th>
              <th>Compared</th>
              <th>Processes</th>
              <th>See</th>
            </tr>
          </thead>
          <tbody>
            {findings.map(({ verdict, signal }) => (
              <FindingRow key={verdict.links.page + signal.signal} verdict={verdict} signal={signal} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function FindingRow({ verdict, signal }: Finding) {
  const [first] = signal.functions;
  const { links } = signal;
  return (
    <tr>
      <td>
        <Name verdict={verdict} />
      </td>
      <td>
        {signalNames[signal.signal]} <Tier tier={signal.tier} />
      </td>
      <td>{signal.startMs !== null && <Moment ms={signal.startMs} />}</td>
      <td>
        <strong>{slopeOf(signal)}</strong>
        <br />
        <span class="muted">{intervalOf(signal)}</span>
      </td>
      <td class="growth-function">
        {first &&
          (first.page ? <a href={first.page}>{first.function}</a> : functionText(signal.signal, first.function))}
      </td>
      <td>{signal.baseline?.text}</td>
      <td title={podsText(signal)}>
        {signal.pods.length} of {signal.judged}
      </td>
      <td class="growth-see">
        {links.diffPage !== null && <a href={links.diffPage}>Diff</a>}{' '}
        {links.eventPage !== null && <a href={links.eventPage}>Event</a>}
      </td>
    </tr>
  );
}

function Quiet({ verdict }: { readonly verdict: VerdictEntry }) {
  return (
    <tr>
      <td>
        <Name verdict={verdict} />
      </td>
      {Object.keys(signalNames).map((name) => {
        const signal = verdict.signals.find((one) => one.signal === name);
        return (
          <td key={name} class="muted">
            {signal?.whyNot}{' '}
            {signal && slopeOf(signal) !== '' && <span title={intervalOf(signal)}>({slopeOf(signal)})</span>}
          </td>
        );
      })}
    </tr>
  );
}

function Name({ verdict }: { readonly verdict: VerdictEntry }) {
  return (
    <a class="growth-name" href={verdict.links.page}>
      {nameText(verdict)}
    </a>
  );
}
