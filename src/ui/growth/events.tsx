import type { EventAnswer, GrowthAnswer } from '../api/answers.ts';
import { Moment } from '../format/moment.tsx';
import { windowText } from '../format/time.ts';
import { Tier } from '../parts/tier.tsx';
import { GrowsMost } from './grows-most.tsx';
import { type Row, Table } from './table.tsx';
import { nameText, signalNames } from './words.ts';

/** What was found from its beginning to its end, the newest first. */
export function Events({ events, meta }: Pick<GrowthAnswer, 'events' | 'meta'>) {
  return (
    <section>
      <h2>Events</h2>
      {events.length === 0 ? (
        <p class="muted">None was open in {windowText(meta)}.</p>
      ) : (
        <Table heads={['Workload', 'What grew', 'Found', 'Until', 'Grew most', 'See']} rows={events.map(rowOf)} />
      )}
    </section>
  );
}

function rowOf(event: EventAnswer): Row {
  const { id, links, openedMs, resolvedMs, signal, verdict } = event;
  return {
    key: id,
    cells: [
      <a class="growth-name" href={links.page ?? links.workload}>
        {nameText(event)}
      </a>,
      <span class="growth-nowrap">
        {signalNames[signal]} <Tier tier={event.tier} />
      </span>,
      openedMs !== null && <Moment ms={openedMs} />,
      resolvedMs === null ? 'still open' : <Moment ms={resolvedMs} />,
      <GrowsMost judged={verdict} />,
      <span class="growth-nowrap">
        {links.page !== null && <a href={links.page}>Event</a>} <a href={links.diffPage}>Diff</a>
      </span>,
    ],
  };
}
