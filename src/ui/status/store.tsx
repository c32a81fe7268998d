import { counted, humanValue } from '../../model/human-value.ts';
import type { Limits, StoreStatus } from '../api/answers.ts';
import { Moment } from '../format/moment.tsx';
import { durationText } from '../format/time.ts';
import { Card, Facts } from './facts.tsx';
import { type StorePart, storeParts } from './numbers.ts';

/** What lies on disk: its size by kind of file, how far back it reaches, and what is wrong with it. */
export function Store({ store, limits }: { readonly store: StoreStatus; readonly limits: Limits }) {
  const parts = storeParts(store, limits);
  return (
    <Card title="Storage" isWide>
      <p class="status-figure">
        <b>{humanValue(store.bytes, 'bytes')}</b> of {humanValue(limits.storeBytes, 'bytes')}{' '}
        <span class="muted">({humanValue(store.bytes / limits.storeBytes, 'share')} of storage.maxBytes)</span>
      </p>
      <StoreBar parts={parts} />
      <div class="status-columns">
        <StoreTable parts={parts} />
        <StoreFacts store={store} limits={limits} />
      </div>
    </Card>
  );
}

/** The table says the same to whom the bar says nothing. */
function StoreBar({ parts }: { readonly parts: readonly StorePart[] }) {
  return (
    <div class="status-bar" aria-hidden="true">
      {parts.map(({ kind, share }) => (
        <span key={kind} class={`status-part-${kind}`} style={{ flexGrow: share }} title={kind} />
      ))}
    </div>
  );
}

function StoreTable({ parts }: { readonly parts: readonly StorePart[] }) {
  return (
    <table class="status-parts">
      <thead>
        <tr>
          <th>Files</th>
          <th class="number">Size</th>
          <th class="number">Share</th>
          <th class="number status-roomy">Number</th>
          <th class="number status-roomy">Oldest from</th>
          <th class="number">Kept for</th>
        </tr>
      </thead>
      <tbody>
        {parts.map(({ kind, holds, files, bytes, share, fromMs, keptMs }) => (
          <tr key={kind}>
            <th scope="row">
              <span class={`status-swatch status-part-${kind}`} aria-hidden="true" /> <code>{kind}</code>
              <small>{holds}</small>
            </th>
            <td class="number">{humanValue(bytes, 'bytes')}</td>
            <td class="number">{humanValue(share, 'share')}</td>
            <td class="number status-roomy">{files}</td>
            <td class="number status-roomy">{fromMs === undefined ? '–' : <Moment ms={fromMs} />}</td>
            <td class="number">{keptMs === undefined ? '–' : durationText(keptMs)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function StoreFacts({
  store: { oldestMs, newestMs, fullBecause, damagedHoursMs, compactionDueMs, series, partitions },
  limits,
}: {
  readonly store: StoreStatus;
  readonly limits: Limits;
}) {
  return (
    <Facts
      rows={[
        {
          name: 'Writes',
          value: fullBecause === undefined ? 'accepted' : `refused: ${fullBecause}`,
          note: fullBecause === undefined && `until less than ${humanValue(limits.minFreeBytes, 'bytes')} is free`,
          isBad: fullBecause !== undefined,
        },
        {
          name: 'Reaches back',
          value: oldestMs === undefined ? 'nothing is stored yet' : durationText(Date.now() - oldestMs),
          note: oldestMs !== undefined && (
            <>
              since <Moment ms={oldestMs} />
              {newestMs !== undefined && <>, newest {<Moment ms={newestMs} ago />}</>}
            </>
          ),
        },
        { name: 'Series', value: humanValue(series, 'count'), note: counted(partitions, 'partition') },
        compactionDueMs === undefined
          ? undefined
          : {
              name: 'Compaction',
              value: 'waits',
              note: <>for an hour that ended {<Moment ms={compactionDueMs} ago />}</>,
            },
        damagedHoursMs.length === 0
          ? undefined
          : {
              name: 'Damaged',
              value: counted(damagedHoursMs.length, 'hour'),
              note: damagedHoursMs.slice(0, 5).map((ms) => <Moment key={ms} ms={ms} />),
              isBad: true,
            },
      ]}
    />
  );
}
