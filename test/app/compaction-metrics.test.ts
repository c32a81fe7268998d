import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CompactionNumbers, registerCompactionMetrics } from '../../src/app/compaction-metrics.ts';
import { createMetrics } from '../../src/observe/metrics.ts';

const now: CompactionNumbers = {
  totals: {
    hours: 2,
    profiles: 12_000,
    bytesBefore: 24_000_000,
    bytesAfter: 8_000_000,
    cpuMs: 1500,
    failures: 1,
    hoursToRoll: 3,
  },
  dueMs: undefined,
  nowMs: Date.UTC(2026, 6, 31, 10, 7),
};

async function shown(numbers: CompactionNumbers): Promise<string[]> {
  const registry = createMetrics();
  registerCompactionMetrics(registry, () => numbers);
  const { body } = await registry.text();
  return body.split('\n').filter((line) => line.startsWith('flameherd_'));
}

test('the metrics say how far compaction is and what it took', async () => {
  assert.deepEqual(await shown(now), [
    'flameherd_compaction_lag_seconds 0',
    'flameherd_compaction_roll_ups_waiting 3',
    'flameherd_compactions_total 2',
    'flameherd_compacted_profiles_total 12000',
    'flameherd_compaction_read_bytes_total 24000000',
    'flameherd_compaction_written_bytes_total 8000000',
    'flameherd_compaction_cpu_seconds_total 1.5',
    'flameherd_compaction_failures_total 1',
  ]);
});

test('the lag counts from the end of the oldest hour that waits, and is never below 0', async () => {
  const lag = async (dueMs: number) => (await shown({ ...now, dueMs }))[0];
  assert.equal(await lag(Date.UTC(2026, 6, 31, 10)), 'flameherd_compaction_lag_seconds 420');
  assert.equal(await lag(Date.UTC(2026, 6, 31, 11)), 'flameherd_compaction_lag_seconds 0');
});
