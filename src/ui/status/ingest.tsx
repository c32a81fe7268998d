import { useState } from 'preact/hooks';
import { counted, humanValue } from '../../model/human-value.ts';
import { minute, type UnixMs } from '../../model/units.ts';
import type { IngestStatus } from './answer.ts';
import { Card, Facts } from './facts.tsx';
import { type Reading, ratePerMinute, withReading } from './numbers.ts';

/** What comes in, what waits, and what was not kept. */
export function Ingest({
  ingest,
  startedMs,
  readMs,
}: {
  readonly ingest: IngestStatus;
  readonly startedMs: UnixMs;
  readonly readMs: UnixMs;
}) {
  const { stored, refused, dropped, queuedJobs, queuedBytes, resets, trimmedSamples, droppedLabels } = ingest;
  const [readings, setReadings] = useState<readonly Reading[]>([]);
  if (readings.at(-1)?.atMs !== readMs) setReadings(withReading(readings, { atMs: readMs, count: stored }));
  const measured = ratePerMinute(readings);
  const average = (stored * minute) / Math.max(minute, readMs - startedMs);
  const labels = droppedLabels.name + droppedLabels.values;
  return (
    <Card title="Ingest">
      <p class="status-figure">
        <b>{humanValue(measured ?? average, 'count')}</b> profiles a minute{' '}
        <span class="muted">{measured === undefined ? 'since the start' : 'just now'}</span>
      </p>
      <Facts
        rows={[
          { name: 'Stored', value: humanValue(stored, 'count'), note: 'since the start' },
          {
            name: 'Queue',
            value: queuedJobs === 0 ? 'empty' : counted(queuedJobs, 'profile'),
            note: queuedJobs === 0 ? undefined : humanValue(queuedBytes, 'bytes'),
          },
          { name: 'Dropped', value: humanValue(dropped, 'count'), note: 'the queue was full', isBad: dropped > 0 },
          { name: 'Refused', value: humanValue(refused, 'count'), note: 'no pprof, or too large', isBad: refused > 0 },
          { name: 'Resets', value: humanValue(resets, 'count'), note: 'counters that began anew' },
          { name: 'Trimmed', value: counted(trimmedSamples, 'sample'), note: 'over limits.stacks or limits.depth' },
          { name: 'Labels left out', value: humanValue(labels, 'count'), note: 'of samples: names or too many values' },
        ]}
      />
    </Card>
  );
}
