import './growth.css';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { EventAnswer } from '../api/answers.ts';
import { latest, useAnswer } from '../api/use-answer.ts';
import { Moment } from '../format/moment.tsx';
import { windowText } from '../format/time.ts';
import { Answered } from '../parts/answered.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { Page } from '../parts/page.tsx';
import { Tier } from '../parts/tier.tsx';
import { usePlace } from '../state/place.ts';
import { FindingText, Functions } from './finding.tsx';
import { Gates } from './gates.tsx';
import { TrendChart } from './trend-chart.tsx';
import { growsText, keptCommand, nameText, queryOfLink, signalNames } from './words.ts';

/** One event of growth, which stays when what grew is gone: what it was, since when, and the profiles that are kept with it. */
export function EventPage() {
  const { path } = usePlace();
  const asked = useAnswer<EventAnswer>(`/api/v1/growth/${path.slice('/a/'.length)}`);
  const event = latest(asked);
  return (
    <Page title={event ? titleOf(event) : 'Event of growth'}>
      <p class="growth-back">
        <a href="/growth">All workloads</a>
      </p>
      <Answered asked={asked} what="Asking for the event">
        {(answer) => <Event event={answer} />}
      </Answered>
    </Page>
  );
}

function titleOf(event: EventAnswer): string {
  return `${nameText(event)}: ${growsText(event).toLowerCase()}`;
}

function Event({ event }: { readonly event: EventAnswer }) {
  const { signal, tier, state, verdict, links, revision, openedMs, likelyMs, resolvedMs } = event;
  const [nowMs] = useState(() => Date.now());
  const endMs = resolvedMs ?? nowMs;
  return (
    <section class="growth-signal">
      <dl class="growth-facts">
        <Fact name="Workload">
          <a href={links.workload}>{nameText(event)}</a>
        </Fact>
        <Fact name="What">
          {signalNames[signal]} <Tier tier={tier} />
        </Fact>
        <Fact name="State">{state}</Fact>
        <At name="Found" ms={openedMs} />
        <At name="Likely since" ms={likelyMs} />
        <At name="Resolved" ms={resolvedMs} />
        {revision !== null && <Fact name="Revision">{revision}</Fact>}
      </dl>
      <FindingText judged={{ ...verdict, sinceMs: null }} endMs={endMs} />
      <div class="growth-links">
        <a class="growth-main" href={links.diffPage}>
          What changed
        </a>
        <a href={links.explorePage}>Explore over time</a>
        <a href={links.profiles}>Single profiles (JSON)</a>
        <a href={links.diff}>Diff as markdown</a>
        <a href={links.pprof}>Diff as pprof</a>
      </div>
      <TrendChart judged={verdict} query={queryOfLink(links.profiles)} endMs={endMs} />
      <Functions judged={verdict} />
      <KeptProfiles event={event} />
      <Gates judged={verdict} />
    </section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function At({ name, ms }: { readonly name: string; readonly ms: number | null }) {
  return ms === null ? null : (
    <Fact name={name}>
      <Moment ms={ms} />
    </Fact>
  );
}

/** Kept for as long as the event, when the windows of the diff are long gone. */
function KeptProfiles({ event: { links, profiles } }: { readonly event: EventAnswer }) {
  const command = keptCommand(links, location.origin);
  return (
    <>
      <h2>Profiles kept with the event</h2>
      {command === undefined ? (
        <p class="muted">None yet: they are kept shortly after the event opens.</p>
      ) : (
        <>
          <ul>
            {links.baseProfile !== null && (
              <li>
                <a href={links.baseProfile} download>
                  Before
                </a>{' '}
                {profiles?.base && windowText(profiles.base)}
              </li>
            )}
            {links.compareProfile !== null && (
              <li>
                <a href={links.compareProfile} download>
                  While it grew
                </a>{' '}
                {profiles && windowText(profiles.compare)}
              </li>
            )}
          </ul>
          <div class="growth-command">
            <code>{command}</code>
            <CopyButton text={command} />
          </div>
        </>
      )}
    </>
  );
}
