import { test } from 'node:test';
import { testKills } from '../../support/growth-kill-test.ts';
import { prometheusTools } from '../../support/promtool.ts';

const { skip } = await prometheusTools();

/**
 *     programs ──2 s──> flameherd ──1 s──> Prometheus
 *     known rates       kill -9            rate(), alerts
 *
 * Needs no cluster, but its time and the machine for itself.
 */
test(
  '20 times kill -9 under load: no rate in Prometheus is above the truth, no event is lost, nothing steady fires',
  {
    skip,
    timeout: 900_000,
  },
  (t) =>
    testKills(t, {
      steady: 8,
      profiles: ['cpu', 'heap', 'goroutine'],
      intervalSeconds: 2,
      bucketSeconds: 5,
      kills: 20,
      livesMs: [2000, 20_000],
      gapsMs: [0, 3000],
      outageMs: 25_000,
    }),
);
