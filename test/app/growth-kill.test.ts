import { test } from 'node:test';
import { testKills } from '../support/growth-kill-test.ts';
import { prometheusTools } from '../support/promtool.ts';

const { skip } = await prometheusTools();

/**
 *     programs ──2 s──> flameherd ──1 s──> Prometheus
 *     known rates       kill -9            rate(), alerts
 *
 * `test/e2e/alone/growth-kill.e2e.ts` does it 20 times.
 */
test('3 times kill -9: no rate in Prometheus is above the truth, and the leaks keep their events', { skip }, (t) =>
  testKills(t, {
    steady: 3,
    profiles: ['heap', 'goroutine'],
    intervalSeconds: 1,
    bucketSeconds: 2,
    kills: 3,
    livesMs: [3000, 6000],
    gapsMs: [0, 1000],
    outageMs: 12_000,
  }),
);
