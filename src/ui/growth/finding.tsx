import { levelText, slopeText } from '../../model/growth-words.ts';
import type { UnixMs } from '../../model/units.ts';
import type { SignalEntry } from '../api/answers.ts';
import { Moment } from '../format/moment.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { Tier } from '../parts/tier.tsx';
import { Gates } from './gates.tsx';
import { GrowsMost } from './grows-most.tsx';
import { Table } from './table.tsx';
import { TrendChart } from './trend-chart.tsx';
import {
  findingText,
  intervalOf,
  type Judged,
  podsText,
  queryOfLink,
  signalNames,
  slopeOf,
  whyNotText,
} from './words.ts';

/** One signal of a workload now: what is found with all that belongs to it, or why nothing is. */
export function SignalSection({ signal, atMs }: { readonly signal: SignalEntry; readonly atMs: UnixMs }) {
  const { links } = signal;
  return (
    <section
      class={signal.tier === null ? 'growth-signal growth-quiet' : 'growth-signal'}
      aria-label={signalNames[signal.signal]}
    >
      <h2>
        {signalNames[signal.signal]} <Tier tier={signal.tier} />
      </h2>
      <FindingText judged={signal} endMs={atMs} />
      <div class="growth-links">
        {links.diffPage !== null && (
          <a class="growth-main" href={links.diffPage}>
            What changed
          </a>
        )}
        {links.explorePage !== null && <a href={links.explorePage}>Explore over time</a>}
        {links.eventPage !== null && <a href={links.eventPage}>Event</a>}
        <a href={links.profiles}>Single profiles (JSON)</a>
        {links.diff !== null && <a href={links.diff}>Diff as markdown</a>}
        {links.pprof !== null && (
          <CopyButton text={`go tool pprof -http=: '${location.origin}${links.pprof}'`} label="Copy go tool pprof" />
        )}
      </div>
      <TrendChart judged={signal} query={queryOfLink(links.profiles)} endMs={atMs} />
      <Functions judged={signal} />
      <Gates judged={signal} />
    </section>
  );
}

/** What grows, how fast, since when, compared with what. */
export function FindingText({ judged, endMs }: { readonly judged: Judged; readonly endMs: UnixMs }) {
  const { tier, startMs, sinceMs, pods } = judged;
  if (tier === null) {
    return (
      <p>
        {whyNotText(judged)}{' '}
        {judged.perSecond !== null && judged.perSecond !== 0 && (
          <span class="muted">
            Slope {slopeOf(judged)}
            {intervalOf(judged) !== '' && ` (${intervalOf(judged)})`}.
          </span>
        )}
      </p>
    );
  }
  return (
    <>
      <p class="growth-slope">
        Grows <strong>{slopeOf(judged)}</strong>
        {intervalOf(judged) !== '' && ` (${intervalOf(judged)})`}
        {startMs !== null && (
          <>
            {' '}
            since <Moment ms={startMs} />
          </>
        )}
        {', '}
        {findingText(judged, endMs)}.
      </p>
      <p class="muted">
        {sinceMs !== null && (
          <>
            Found <Moment ms={sinceMs} />.{' '}
          </>
        )}
        It grows in {podsText(judged)}
        {pods.length > 0 && `: ${pods.join(', ')}`}
      </p>
    </>
  );
}

/** The functions that grow, each with a link to it over time. */
export function Functions({ judged }: { readonly judged: Judged }) {
  const { signal, functions } = judged;
  if (functions.length === 0) return null;
  const rows = functions.map(({ functionId, perSecond, level }, at) => ({
    key: functionId,
    cells: [<GrowsMost judged={judged} at={at} />, slopeText(signal, perSecond), levelText(signal, level)],
  }));
  return <Table heads={['Function that grows', 'Grows', 'Holds']} rows={rows} numbers />;
}
