import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { growthTellers } from '../../src/app/growth-tellers.ts';
import { configOf } from '../../src/config/load.ts';
import type { GrowthEvent } from '../../src/model/growth.ts';
import { silentLogger } from '../../src/observe/logger.ts';
import { eventually } from '../support/daemon.ts';

/** What is told of alerts, as their names. */
async function alertmanager(t: TestContext): Promise<{ url: string; told: string[] }> {
  const told: string[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const alerts = JSON.parse(body) as { labels: { alertname: string } }[];
      told.push(...alerts.map(({ labels }) => labels.alertname));
      response.end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, told };
}

const event: GrowthEvent = {
  id: '0123456789abcdef',
  workload: { namespace: 'shop', workloadKind: 'Deployment', workload: 'checkout', container: 'app' },
  signal: 'goroutines',
  tier: 'suspected',
  openedMs: 0,
  revision: 'a',
  verdict: { signal: 'goroutines', tier: 'suspected', functions: [], pods: [], judged: 1, gates: [] },
};

test('a webhook that is changed is told from then on, and the one before it no more', async (t) => {
  const [first, second] = [await alertmanager(t), await alertmanager(t)];
  const configured = (url: string) => configOf([{ growth: { webhook: { url } } }]).config;
  await using tellers = growthTellers({
    config: configured(first.url),
    access: undefined,
    seen: () => undefined,
    rights: { refused: () => {} },
    collectorId: 'c',
    linkOf: ({ id }) => `http://flameherd/a/${id}`,
    logger: silentLogger,
    now: Date.now,
  });
  const isTold = (by: { told: string[] }) => eventually(async () => by.told.length > 0, 10_000, 'alert');
  tellers.tell([], [event]);
  await isTold(first);
  tellers.setWebhook(configured(second.url).growth.webhook);
  tellers.tell([], [event]);
  await isTold(second);
  assert.deepEqual(first.told, ['FlameherdGoroutineGrowth']);
  tellers.setWebhook(configured('').growth.webhook);
  tellers.tell([], [event]);
  assert.deepEqual(second.told, ['FlameherdGoroutineGrowth']);
  assert.equal(tellers.numbers().webhookFailures, 0);
});
