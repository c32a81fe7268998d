import type { UnixMs } from '../model/units.ts';
import type { MetricsRegistry } from '../observe/metrics.ts';
import type { CompactionTotals } from './maintenance.ts';

export interface CompactionNumbers {
  readonly totals: CompactionTotals;
  /** The end of the oldest hour that waits for compaction though it is over. */
  readonly dueMs: UnixMs | undefined;
  readonly nowMs: UnixMs;
}

/** How far the making of chunks and roll-ups is, and what it takes. */
export function registerCompactionMetrics(registry: MetricsRegistry, read: () => CompactionNumbers): void {
  const counter = (name: string, help: string, of: (totals: CompactionTotals) => number): void =>
    registry.readCounter(name, help, [], () => [{ labels: {}, value: of(read().totals) }]);

  registry.gauge(
    'flameherd_compaction_lag_seconds',
    'Time since the end of the oldest hour that is over and not compacted; 0 when none is.',
    [],
    () => [{ labels: {}, value: lagSeconds(read()) }],
  );
  registry.gauge('flameherd_compaction_roll_ups_waiting', 'Compacted hours that no roll-up holds yet.', [], () => [
    { labels: {}, value: read().totals.hoursToRoll },
  ]);
  counter('flameherd_compactions_total', 'Hours compacted; one of late profiles counts again.', (now) => now.hours);
  counter('flameherd_compacted_profiles_total', 'Profiles compacted.', (now) => now.profiles);
  counter('flameherd_compaction_read_bytes_total', 'Size of the files that were compacted.', (now) => now.bytesBefore);
  counter('flameherd_compaction_written_bytes_total', 'Size of the chunks made of them.', (now) => now.bytesAfter);
  counter('flameherd_compaction_cpu_seconds_total', 'CPU time of compaction and roll-ups.', (now) => now.cpuMs / 1000);
  counter(
    'flameherd_compaction_failures_total',
    'What could not be compacted or rolled up and was left for another try; the log says why.',
    (now) => now.failures,
  );
}

function lagSeconds({ dueMs, nowMs }: CompactionNumbers): number {
  return dueMs === undefined ? 0 : Math.max(0, nowMs - dueMs) / 1000;
}
