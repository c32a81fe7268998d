import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ValueType } from '../../src/model/profile-type.ts';
import { encodeProfile } from '../../src/pprof/encode.ts';
import { upload } from '../support/app-uploads.ts';
import { type Daemon, eventually, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { profileFromText } from '../support/profile-from-text.ts';

const cpuTypes = [
  { type: 'samples', unit: 'count' },
  { type: 'cpu', unit: 'nanoseconds' },
];
const blockTypes = [
  { type: 'contentions', unit: 'count' },
  { type: 'delay', unit: 'nanoseconds' },
];
const env = { FLAMEHERD_LIMITS_LABEL_VALUES: '100' };

async function start(t: TestContext, folder: string): Promise<Daemon> {
  const daemon = await startDaemon(folder, ['--no-self'], env);
  t.after(() => daemon.kill());
  return daemon;
}

interface UploadReply {
  readonly trimmed: number;
  readonly warnings: readonly string[];
}

/** Uploads a profile of shop/cart, so many seconds ago. */
async function send(daemon: Daemon, kind: string, types: readonly ValueType[], ago: number, text: string) {
  const bytes = encodeProfile(profileFromText(text, { types }));
  const time = String(Date.now() - ago * 1000);
  const labels = { namespace: 'shop', workload: 'cart', pod: 'cart-1', process: 'cart-1/a', interval: '60s' };
  const answer: unknown = await upload(daemon.url, new URLSearchParams({ ...labels, kind, time }), bytes);
  return answer as UploadReply;
}

/** What a merge of the last ten minutes says, stack by stack. */
async function folded(daemon: Daemon, query: string): Promise<string> {
  const url = `${daemon.url}/api/v1/merge?format=collapsed&from=now-10m&query=${encodeURIComponent(query)}`;
  return (await (await fetch(url)).text()).trim();
}

/** A line for each request: its id, its endpoint, and both values. */
function requests(count: number, values: (request: number) => string): string {
  const line = (request: number): string =>
    `main;handle {req=r${request},endpoint=/${request % 2 === 0 ? 'cart' : 'pay'}} ${values(request)}`;
  return Array.from({ length: count }, (_, request) => line(request)).join('\n');
}

test('ids of single requests are left out, counted and said; endpoints stay exact', async (t) => {
  const daemon = await start(t, await temporaryFolder(t));
  const sent = await send(
    daemon,
    'cpu',
    cpuTypes,
    60,
    requests(20_000, () => '1 10'),
  );
  assert.equal(sent.trimmed, 0);
  assert.deepEqual(sent.warnings, [
    'the label "req" has had more than 100 values: stacks are stored without it (limits.labelValues)',
  ]);
  assert.equal(await folded(daemon, 'samples'), 'main;handle 20000');
  assert.equal(await folded(daemon, 'samples{endpoint="/cart"}'), 'main;handle 10000');
  const { labels } = await daemon.getJson<{ labels: string[] }>('/api/v1/labels');
  assert.ok(labels.includes('endpoint') && !labels.includes('req'), labels.join());
  // The thread that counts is asked now and then.
  const counted = await eventually(
    async () => {
      const metrics = await (await fetch(`${daemon.opsUrl}/metrics`)).text();
      return /^flameherd_labels_dropped_total\{reason="values"\} ([1-9]\d*)$/m.exec(metrics)?.[1];
    },
    60_000,
    'metric of labels',
  );
  assert.equal(counted, '20000');
});

test('a collector that is killed right after a counter lost a label counts on without a jump', async (t) => {
  const folder = await temporaryFolder(t);
  let daemon = await start(t, folder);
  const counters = (count: number, each: number): string => requests(count, () => `${each} ${10 * each}`);
  // A seed; then 101 requests, one too many; and after the kill some more.
  await send(daemon, 'block', blockTypes, 180, counters(50, 1000));
  await send(daemon, 'block', blockTypes, 120, counters(101, 1001));
  await daemon.kill();
  daemon = await start(t, folder);
  await send(daemon, 'block', blockTypes, 60, counters(103, 1002));
  const grown = 103 * 1002 - 50 * 1000;
  assert.equal(await folded(daemon, 'block_count'), `main;handle ${grown}`);
  assert.equal(await folded(daemon, 'block_count{endpoint="/pay"}'), `main;handle ${51 * 1002 - 25 * 1000}`);
});
