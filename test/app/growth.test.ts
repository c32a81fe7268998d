import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { Alert } from '../../src/app/growth-webhook.ts';
import { type Daemon, eventually, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { type EventAnswer, growthOf, signalOf } from '../support/growth-answers.ts';
import { leak, serveSynthetic, syntheticPrograms } from '../support/growth-targets.ts';

/** What an Alertmanager was told, alert by alert. */
async function startAlertmanager(t: TestContext) {
  const alerts: Alert[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      alerts.push(...(JSON.parse(body) as Alert[]));
      response.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, alerts };
}

const eventsOf = async (daemon: Daemon, workload: string): Promise<readonly EventAnswer[]> =>
  (await growthOf(daemon, 'local')).events.filter((event) => event.workload === workload);

test('a leak opens an event that keeps its profiles, is told, outlives a restart and ends with the program', async (t) => {
  const alertmanager = await startAlertmanager(t);
  await using programs = await serveSynthetic(syntheticPrograms(1));
  const target = (name: string): string[] => ['--target', `${name}=${programs.url}/${name}/debug/pprof`];
  const flags = ['--no-self', '--interval', '1s', ...target('leaky'), ...target('steady-0')];
  const env = {
    // A grid of seconds: the detector's day is 144 of them.
    FLAMEHERD_GROWTH_BUCKET: '1s',
    FLAMEHERD_GROWTH_WEBHOOK_URL: alertmanager.url,
    FLAMEHERD_SCRAPE_PROFILES: 'heap',
  };
  const folder = await temporaryFolder(t);
  const first = await startDaemon(folder, flags, env);
  t.after(() => first.kill());

  const event = await eventually(
    async () => (await eventsOf(first, 'leaky')).find(({ profiles }) => profiles !== null),
    90_000,
    'event of the leak with its profiles',
  );
  assert.deepEqual([event.signal, event.state], ['heap', 'open']);
  for (const link of [event.links.baseProfile, event.links.compareProfile]) {
    const response = await fetch(new URL(link ?? '', first.url));
    assert.equal(response.status, 200);
    assert.ok(gunzipSync(Buffer.from(await response.arrayBuffer())).includes(leak.name));
  }
  assert.equal((await fetch(`${first.url}/a/${event.id}`)).status, 200);

  const line = first.log.find((each) => each['event'] === event.id);
  assert.equal(line?.['link'], `${first.url}/a/${event.id}`);
  assert.match(
    String(line?.['message']),
    /^The live heap of local\/leaky \(leaky\) is growing\. .*Growing: main\.\(\*Sessions\)\.remember/,
  );
  const alert = await eventually(async () => alertmanager.alerts[0], 10_000, 'alert');
  assert.deepEqual([alert.labels['alertname'], alert.labels['workload']], ['FlameherdHeapGrowthSuspected', 'leaky']);
  assert.equal(alert.generatorURL, `${first.url}/a/${event.id}`);

  // The same moment judged again, from what is stored.
  const again = await first.getJson<Awaited<ReturnType<typeof growthOf>>>(
    `/api/v1/growth?namespace=local&workload=leaky&at=${event.openedMs}`,
  );
  assert.equal(signalOf(again, 'leaky', 'heap')?.tier, 'suspected');
  assert.deepEqual(await eventsOf(first, 'steady-0'), []);

  // Before the first evaluation after a restart, what was found stands.
  await first.stop();
  const second = await startDaemon(folder, flags, { ...env, FLAMEHERD_GROWTH_WEBHOOK_URL: '' });
  t.after(() => second.kill());
  assert.equal(signalOf(await growthOf(second, 'local'), 'leaky', 'heap')?.tier, 'suspected');
  await second.stop();

  const third = await startDaemon(folder, flags, env);
  t.after(() => third.kill());
  await programs.close();
  const ended = await eventually(
    async () => (await eventsOf(third, 'leaky')).find(({ id, state }) => id === event.id && state === 'resolved'),
    60_000,
    'end of the event',
  );
  assert.equal(ended.openedMs, event.openedMs);
  const over = (): Alert | undefined =>
    alertmanager.alerts.findLast(
      ({ endsAt, labels }) => labels['workload'] === 'leaky' && Date.parse(endsAt) <= Date.now(),
    );
  await eventually(async () => over(), 10_000, 'end of the alert');
});

test('switched off, nothing is judged and it is said so', async (t) => {
  await using programs = await serveSynthetic(syntheticPrograms(0));
  const flags = ['--no-self', '--interval', '1s', '--target', `leaky=${programs.url}/leaky/debug/pprof`];
  const env = {
    FLAMEHERD_GROWTH_ENABLED: 'false',
    FLAMEHERD_GROWTH_BUCKET: '1s',
    FLAMEHERD_SCRAPE_PROFILES: 'heap',
  };
  const daemon = await startDaemon(await temporaryFolder(t), flags, env);
  t.after(() => daemon.kill());
  interface Status {
    readonly growth: { readonly enabled: boolean; readonly evaluatedMs: number | null; readonly workloads: number };
  }
  await eventually(
    async () => (await daemon.getJson<{ ingest: { stored: number } }>('/api/v1/status')).ingest.stored >= 5,
    30_000,
    'profile that is stored',
  );
  const { growth } = await daemon.getJson<Status>('/api/v1/status');
  assert.deepEqual([growth.enabled, growth.workloads], [false, 0]);
  const { verdicts, events } = await growthOf(daemon, 'local');
  assert.deepEqual([verdicts, events], [[], []]);
});
