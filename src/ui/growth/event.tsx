import './growth.css';
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
import { keptCommand, nameText, queryOfLink, signalNames } from './words.ts';

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
  return `${nameText(event)}: ${signalNames[event.signal].toLowerCase()} ${event.state === 'open' ? 'grows' : 'grew'}`;
}

function Event({ event }: { readonly event: EventAnswer }) {
  const { signal, tier, verdict, links, revision, openedMs, likelyMs, resolvedMs } = event;
  const endMs = resolvedMs ?? Date.now();
  return (
    <>
      <dl class="growth-facts">
        <dt>Workload</dt>
        <dd>
          <a href={links.workload}>{nameText(event)}</a>
        </dd>
        <dt>What</dt>
        <dd>
          {signalNames[signal]} <Tier tier={tier} />
        </dd>
        <dt>State</dt>
        <dd>
          {resolvedMs === null ? (
            'open'
          ) : (
            <>
              resolved <Moment ms={resolvedMs} />
            </>
          )}
        </dd>
        {openedMs !== null && (
          <>
            <dt>Found</dt>
            <dd>
              <Moment ms={openedMs} />
            </dd>
          </>
        )}
        {likelyMs !== null && (
          <>
            <dt>Likely since</dt>
            <dd>
              <Moment ms={likelyMs} />
            </dd>
          </>
        )}
        {revision !== null && (
          <>
            <dt>Revision</dt>
            <dd>{revision}</dd>
          </>
        )}
      </dl>
      <FindingText judged={verdict} endMs={endMs} />
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
    </>
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
