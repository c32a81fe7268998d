import { counted, humanValue } from '../../model/human-value.ts';
import { Moment } from '../format/moment.tsx';
import { durationText } from '../format/time.ts';
import type { StoreStatus } from './answer.ts';
import { Card, Facts } from './facts.tsx';
import { type StorePart, storeParts } from './numbers.ts';

/** What lies on disk: its size by kind of file, how far back it reaches, and what is wrong with it. */
export function Store({ store }: { readonly store: StoreStatus }) {
  const { oldestMs, newestMs, fullBecause, damagedHoursMs, compactionDueMs, series, partitions } = store;
  const parts = storeParts(store);
  return (
    <Card title="Storage" isWide>
      <p class="status-figure">
        <b>{humanValue(store.bytes, 'bytes')}</b> in{' '}
        {counted(
          parts.reduce((sum, { files }) => sum + files, 0),
          'file',
        )}
      </p>
      <StoreBar parts={parts} />
      <div class="status-columns">
        <StoreTable parts={parts} />
        <Facts
          rows={[
            fullBecause === undefined ? undefined : { name: 'Writes', value: `refused: ${fullBecause}`, isBad: true },
            {
              name: 'Reaches back',
              value: oldestMs === undefined ? 'nothing is stored yet' : durationText(Date.now() - oldestMs),
              note: oldestMs !== undefined && (
                <>
                  since <Moment ms={oldestMs} />
                  {newestMs !== undefined && (
                    <>
                      , newest <Moment ms={newestMs} ago />
                    </>
                  )}
                </>
              ),
            },
            { name: 'Series', value: humanValue(series, 'count'), note: counted(partitions, 'partition') },
            compactionDueMs === undefined
              ? undefined
              : {
                  name: 'Compaction',
                  value: (
                    <>
                      waits for an hour that ended <Moment ms={compactionDueMs} ago />
                    </>
                  ),
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
          <th class="number">Number</th>
        </tr>
      </thead>
      <tbody>
        {parts.map(({ kind, holds, files, bytes, share }) => (
          <tr key={kind}>
            <th scope="row">
              <span class={`status-swatch status-part-${kind}`} aria-hidden="true" /> <code>{kind}</code>
              <small>{holds}</small>
            </th>
            <td class="number">{humanValue(bytes, 'bytes')}</td>
            <td class="number">{humanValue(share, 'share')}</td>
            <td class="number">{files}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
