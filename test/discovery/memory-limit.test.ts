import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerOf, outcomeOf } from '../support/discovery-records.ts';

test('a target knows what its container may use of memory, and nothing where there is no limit', () => {
  const containers = [
    containerOf('app', ['pprof 6060'], { memoryLimit: 512 * 1024 ** 2 }),
    containerOf('worker', ['6061']),
  ];
  const on = { pod: { scrape: 'true', port: 'app:6060,worker:6061' } };
  const { targets } = outcomeOf({ on, pod: { containers } });
  assert.deepEqual(
    targets.map(({ labels, memoryLimitBytes }) => [labels['container'], memoryLimitBytes]),
    [
      ['app', 536_870_912],
      ['worker', undefined],
    ],
  );
});
