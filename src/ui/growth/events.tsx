import { functionText } from '../../model/growth-words.ts';
import type { EventAnswer, GrowthAnswer } from '../api/answers.ts';
import { Moment } from '../format/moment.tsx';
import { windowText } from '../format/time.ts';
import { Tier } from '../parts/tier.tsx';
import { nameText, signalNames } from './words.ts';

/** What was found from its beginning to its end, the newest first. */
export function Events({ events, meta }: Pick<GrowthAnswer, 'events' | 'meta'>) {
  return (
    <section>
      <h2>Events</h2>
      {events.length === 0 ? (
        <p class="muted">None was open in {windowText(meta)}.</p>
      ) : (
        <div class="growth-scroll">
          <table>
            <thead>
              <tr>
                <th>Workload</th>
                <th>What grew</th>
                <th>Found</th>
                <th>Until</th>
                <th>Grew most</th>
                <th>See</th>
              </tr>
            </thead>
            <tbody>
              {events.map((event) => (
                <Row key={event.id} event={event} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Row({ event }: { readonly event: EventAnswer }) {
  const { links, openedMs, resolvedMs, signal, verdict } = event;
  const [first] = verdict.functions;
  return (
    <tr>
      <td>
        <a class="growth-name" href={links.page ?? links.workload}>
          {nameText(event)}
        </a>
      </td>
      <td>
        {signalNames[signal]} <Tier tier={event.tier} />
      </td>
      <td>{openedMs !== null && <Moment ms={openedMs} />}</td>
      <td>{resolvedMs === null ? 'still open' : <Moment ms={resolvedMs} />}</td>
      <td class="growth-function">{first && functionText(signal, first.function)}</td>
      <td class="growth-see">
        {links.page !== null && <a href={links.page}>Event</a>} <a href={links.diffPage}>Diff</a>
      </td>
    </tr>
  );
}
