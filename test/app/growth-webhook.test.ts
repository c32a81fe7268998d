import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Alert, GrowthWebhook, type WebhookOptions } from '../../src/app/growth-webhook.ts';
import { minute } from '../../src/model/units.ts';
import { silentLogger } from '../../src/observe/logger.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { changeOf, eventOf, likelyEvent, resolvedEvent } from '../support/growth-events.ts';
import { bucketMs, firstBucket } from '../support/growth-floors.ts';

interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly alerts: readonly Alert[];
}

/** An Alertmanager that takes what it is sent, and answers in turn with these; a number of 0 is silence. */
async function startReceiver(t: TestContext, statuses: number[] = []) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const alerts = JSON.parse(Buffer.concat(chunks).toString()) as Alert[];
      received.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, alerts });
      const status = statuses.shift() ?? 200;
      if (status === 0) return;
      response.writeHead(status, { location: '/elsewhere' }).end('no business of yours');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/am/`, received };
}

function webhookTo(url: string, more: Partial<WebhookOptions> = {}) {
  const lines: string[] = [];
  const clock = { ms: (firstBucket + 1) * bucketMs };
  const hook = new GrowthWebhook({
    url,
    authorizationFile: '',
    timeoutMs: 5000,
    bucketMs,
    externalLabels: { cluster: 'blue' },
    linkOf: ({ id }) => `https://flameherd.example.com/a/${id}`,
    logger: { ...silentLogger, warn: (message) => void lines.push(message) },
    now: () => clock.ms,
    ...more,
  });
  return { hook, lines, clock };
}

test('an alert is told as Alertmanager has it, and again with each evaluation while it is open', async (t) => {
  const { url, received } = await startReceiver(t);
  const { hook, clock } = webhookTo(url);
  await using _ = hook;
  hook.tell([changeOf('opened', eventOf())], [eventOf()]);
  await hook.settled;
  clock.ms += bucketMs;
  hook.tell([], [eventOf()]);
  await hook.settled;
  assert.deepEqual(
    received.map(({ method, path, headers }) => `${method} ${path} ${headers['content-type']}`),
    ['POST /am/api/v2/alerts application/json', 'POST /am/api/v2/alerts application/json'],
  );
  const [first, second] = received.map(({ alerts }) => alerts);
  assert.deepEqual(first, [
    {
      labels: {
        cluster: 'blue',
        alertname: 'FlameherdHeapGrowthSuspected',
        severity: 'info',
        namespace: 'shop',
        workload_kind: 'Deployment',
        workload: 'checkout',
        container: 'app',
      },
      annotations: {
        summary: 'The live heap of shop/checkout (app) is growing.',
        description:
          '+30 MiB/h in its fastest process, since 2026-02-28T18:00:00.000Z, 180 MiB over the stretch that shows it, growing since start, no baseline yet, revision r7, 1 of 3 pods. Growing: main.leak (+30 MiB/h).',
      },
      startsAt: '2026-03-01T00:00:00.000Z',
      endsAt: new Date(clock.ms - bucketMs + 4 * bucketMs + minute).toISOString(),
      generatorURL: 'https://flameherd.example.com/a/00000000000000aa',
    },
  ]);
  assert.equal(second?.[0]?.endsAt, new Date(clock.ms + 4 * bucketMs + minute).toISOString());
  assert.deepEqual(second?.[0]?.labels, first?.[0]?.labels);
});

test('goroutines that grow since the start are information, and a warning once there is a baseline', async (t) => {
  const { url, received } = await startReceiver(t);
  const { hook } = webhookTo(url);
  await using _ = hook;
  for (const kind of ['none', 'yesterday'] as const) {
    const event = eventOf();
    const verdict = { ...event.verdict, signal: 'goroutines', baseline: { kind, level: 5 } } as const;
    hook.tell([], [{ ...event, signal: 'goroutines', verdict }]);
    await hook.settled;
  }
  assert.deepEqual(
    received.map(({ alerts }) => alerts.map(({ labels }) => `${labels['alertname']} ${labels['severity']}`)),
    [['FlameherdGoroutineGrowth info'], ['FlameherdGoroutineGrowth warning']],
  );
});

test('what becomes likely is another alert: the first one ends then, and the second one with the event', async (t) => {
  const { url, received } = await startReceiver(t);
  const { hook, clock } = webhookTo(url);
  await using _ = hook;
  clock.ms = (firstBucket + 100) * bucketMs + minute;
  hook.tell([changeOf('likely', likelyEvent)], [likelyEvent]);
  await hook.settled;
  clock.ms = (firstBucket + 120) * bucketMs + minute;
  hook.tell([changeOf('resolved', resolvedEvent)], []);
  await hook.settled;
  hook.tell([], []);
  await hook.settled;
  const told = received.map(({ alerts }) =>
    alerts.map(({ labels, startsAt, endsAt }) => `${labels['alertname']} ${labels['severity']} ${startsAt} ${endsAt}`),
  );
  assert.deepEqual(told, [
    [
      'FlameherdMemoryLeakLikely warning 2026-03-01T16:40:00.000Z 2026-03-01T17:22:00.000Z',
      'FlameherdHeapGrowthSuspected info 2026-03-01T00:00:00.000Z 2026-03-01T16:40:00.000Z',
    ],
    ['FlameherdMemoryLeakLikely warning 2026-03-01T16:40:00.000Z 2026-03-01T20:00:00.000Z'],
  ]);
});

test('what fails is counted, warned of once, and told with the next evaluation', async (t) => {
  const { url, received } = await startReceiver(t, [500, 307, 200, 503]);
  const { hook, lines } = webhookTo(url);
  await using _ = hook;
  hook.tell([changeOf('resolved', resolvedEvent)], []);
  await hook.settled;
  for (let turn = 0; turn < 3; turn++) {
    hook.tell([], []);
    await hook.settled;
  }
  // A redirect is not followed: the credential is for this server only.
  assert.deepEqual(
    received.map(({ path }) => path),
    Array.from({ length: 3 }, () => '/am/api/v2/alerts'),
  );
  assert.equal(hook.failures, 2);
  assert.deepEqual(lines, ['growth.webhook was not told: HTTP 500']);
  hook.tell([], [eventOf()]);
  await hook.settled;
  assert.equal(hook.failures, 3);
  assert.equal(lines.length, 2);
});

test('a receiver that says nothing holds up nobody', async (t) => {
  const { url, received } = await startReceiver(t, [0]);
  const { hook, lines } = webhookTo(url, { timeoutMs: 200 });
  await using _ = hook;
  hook.tell([changeOf('opened', eventOf())], [eventOf()]);
  // It is still being sent: this evaluation leaves it at that.
  hook.tell([], [eventOf()]);
  await hook.settled;
  assert.equal(received.length, 1);
  assert.deepEqual(lines, ['growth.webhook was not told: The operation was aborted due to timeout']);
  hook.tell([], [eventOf()]);
  await hook.settled;
  assert.deepEqual([received.length, hook.failures], [2, 1]);
});

test('closing ends what is being sent, without a word', async (t) => {
  const { url } = await startReceiver(t, [0]);
  const { hook, lines } = webhookTo(url, { timeoutMs: 60_000 });
  hook.tell([changeOf('opened', eventOf())], [eventOf()]);
  await hook[Symbol.asyncDispose]();
  assert.deepEqual([lines, hook.failures], [[], 0]);
});

test('the Authorization header comes from a file; without it nothing is sent', async (t) => {
  const { url, received } = await startReceiver(t);
  const authorizationFile = join(await temporaryFolder(t), 'authorization');
  const { hook, lines, clock } = webhookTo(url, { authorizationFile });
  await using _ = hook;
  hook.tell([], [eventOf()]);
  await hook.settled;
  assert.equal(received.length, 0);
  assert.match(lines[0] ?? '', /authorization cannot be read: ENOENT/);
  await writeFile(authorizationFile, 'Bearer secret\n');
  clock.ms += bucketMs;
  hook.tell([], [eventOf()]);
  await hook.settled;
  assert.equal(received[0]?.headers.authorization, 'Bearer secret');
});

test('a credential that is no header is not sent, and not told in the log', async (t) => {
  const { url, received } = await startReceiver(t);
  const authorizationFile = join(await temporaryFolder(t), 'authorization');
  await writeFile(authorizationFile, 'Bearer hunter2\nBearer hunter3\n');
  const { hook, lines } = webhookTo(url, { authorizationFile });
  await using _ = hook;
  hook.tell([], [eventOf()]);
  await hook.settled;
  assert.deepEqual([received.length, hook.failures], [0, 1]);
  assert.match(lines[0] ?? '', /authorization is no value of a header: one line/);
  assert.doesNotMatch(lines.join(), /hunter/);
});

test('many alerts are sent in several calls', async (t) => {
  const { url, received } = await startReceiver(t);
  const { hook } = webhookTo(url);
  await using _ = hook;
  hook.tell(
    [],
    Array.from({ length: 450 }, (_, index) => eventOf({ id: String(index).padStart(16, '0') })),
  );
  await hook.settled;
  assert.deepEqual(
    received.map(({ alerts }) => alerts.length),
    [200, 200, 50],
  );
});
