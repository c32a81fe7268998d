import { counted, humanValue } from '../../model/human-value.ts';
import type { StatusAnswer } from '../api/answers.ts';
import { Moment } from '../format/moment.tsx';
import { durationText } from '../format/time.ts';
import { Sparkline } from '../parts/sparkline.tsx';
import { hrefOf } from '../state/href.ts';
import { Card, type FactRow, Facts } from './facts.tsx';
import { perMinute } from './numbers.ts';

interface Shown {
  readonly status: StatusAnswer;
}

const number = (count: number) => humanValue(count, 'count');
/** A count that should be 0. */
const lost = (name: string, count: number, note: string): FactRow => ({
  name,
  value: number(count),
  note,
  isBad: count > 0,
});

/** What comes in, what waits, and what was not kept. */
export function Ingest({ status, readMs }: Shown & { readonly readMs: number }) {
  const { ingest, recent, limits } = status;
  if (!ingest) return null;
  const { count, when } = perMinute(status, readMs);
  // The newest minute is not over.
  const whole = recent.time.slice(0, -1);
  const [fromMs, toMs] = [whole[0], whole.at(-1)];
  return (
    <Card title="Ingest">
      <p class="status-figure">
        <b>{number(count)}</b> profiles a minute <span class="muted">{when}</span>
      </p>
      {fromMs !== undefined && toMs !== undefined && fromMs < toMs && (
        <Sparkline
          label="Profiles stored, by minute"
          unit="count"
          points={whole.map((ms, at) => [ms, recent.stored[at] ?? null])}
          window={{ fromMs, toMs }}
        />
      )}
      <Facts
        rows={[
          { name: 'Stored', value: number(ingest.stored), note: 'since the start' },
          {
            name: 'Queue',
            value: ingest.queuedJobs === 0 ? 'empty' : counted(ingest.queuedJobs, 'profile'),
            note: `${humanValue(ingest.queuedBytes, 'bytes')} of ${humanValue(limits.queueBytes, 'bytes')}`,
          },
          lost('Dropped', ingest.dropped, 'the queue was full'),
          lost('Refused', ingest.refused, 'no profiles, or too large'),
          { name: 'Resets', value: number(ingest.resets), note: 'counters that began anew' },
          { name: 'Trimmed', value: counted(ingest.trimmedSamples, 'sample'), note: 'over limits.stacks or depth' },
        ]}
      />
    </Card>
  );
}

const roles = {
  alone: 'this collector, alone',
  holder: 'this collector: it holds the Lease',
  standby: 'another collector',
} as const;

/** What is scraped, what is not, and by whom. */
export function Scraping({ status: { targets, lease, pauses, limits, targetsOverLimit } }: Shown) {
  const of = (name: string) => targets[name] ?? 0;
  const link = (name: string, count: number, parameters: Readonly<Record<string, string>>, isBad = false): FactRow => ({
    name,
    value: <a href={hrefOf('/targets', parameters)}>{number(count)}</a>,
    isBad: isBad && count > 0,
  });
  return (
    <Card title="Scraping">
      <p class="status-figure">
        <b>{number(of('up'))}</b> of {number(of('up') + of('down') + of('unknown'))} sources up{' '}
        <span class="muted">at most {number(limits.targets)}</span>
      </p>
      <Facts
        rows={[
          link('Down', of('down'), { health: 'down' }, true),
          link('Unresolved', of('unresolved'), { state: 'unresolved' }, true),
          link('Held', of('held'), { state: 'held' }),
          link('Candidates', of('candidate'), { state: 'candidate' }),
          targetsOverLimit > 0 ? lost('Over the limit', targetsOverLimit, 'raise limits.targets') : undefined,
          link('Pauses', pauses.length, {}),
          { name: 'Who scrapes', value: roles[lease.role], note: lease.detail },
        ]}
      />
    </Card>
  );
}

/** What is judged for growth. */
export function Growth({ status: { growth, ingest } }: Shown) {
  const { enabled, bucketMs, evaluatedMs, workloads } = growth;
  const held = ingest?.growth;
  return (
    <Card title="Growth">
      <p class="status-figure">
        {enabled ? <b>{number(workloads)}</b> : 'off: growth.enabled is false'}
        {enabled && (workloads === 1 ? ' workload judged' : ' workloads judged')}
      </p>
      <Facts
        rows={[
          {
            name: 'Judged',
            value: evaluatedMs === undefined ? 'not yet' : <Moment ms={evaluatedMs} ago />,
            note: `every ${durationText(bucketMs)}`,
          },
          held && {
            name: 'Followed',
            value: counted(held.processes, 'process', 'processes'),
            note: `${counted(held.functions, 'function')} of ${counted(held.workloads, 'workload')}`,
          },
          held && lost('Left out', held.seriesLeftOut + held.profilesLeftOut, 'for want of room'),
        ]}
      />
    </Card>
  );
}

/** What is asked, and what ended without an answer. */
export function Questions({ status: { queries, limits } }: Shown) {
  const { lanes, ended } = queries;
  const all = Object.values(lanes);
  const sum = (name: 'running' | 'waiting') => all.reduce((total, lane) => total + lane[name], 0);
  return (
    <Card title="Questions">
      <p class="status-figure">
        <b>{number(sum('running'))}</b> running{' '}
        <span class="muted">
          {number(sum('waiting'))} of at most {number(limits.queriesWaiting)} waiting
        </span>
      </p>
      <Facts
        rows={[
          lost('Timed out', ended.timeout, `after ${durationText(limits.queryTimeoutMs)}`),
          lost('Too large', ended.too_large, `over ${humanValue(limits.queryBytes, 'bytes')}`),
          lost('Turned away', ended.busy, 'too many waited'),
          { name: 'Called off', value: number(ended.cancelled), note: 'by who asked' },
        ]}
      />
    </Card>
  );
}
