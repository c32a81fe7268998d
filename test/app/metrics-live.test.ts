import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { createDetector } from '../../src/growth/detector/detector.ts';
import type { GrowthVerdict, SignalVerdict, Workload } from '../../src/model/growth.ts';
import { hour, minute, second } from '../../src/model/units.ts';
import { encodeProfile } from '../../src/pprof/encode.ts';
import { openSqliteGrowth } from '../../src/store/sqlite/growth/growth.ts';
import { upload } from '../support/app-uploads.ts';
import { type Daemon, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { type MetricsPage, parseMetrics } from '../support/metrics-page.ts';
import { profileFromText } from '../support/profile-from-text.ts';
import { prometheusTools } from '../support/promtool.ts';

const checkout = { namespace: 'shop', workload_kind: 'Deployment', workload: 'checkout', container: 'app' };
const bucketMs = hour;
const env = { FLAMEHERD_GROWTH_BUCKET: '1h', FLAMEHERD_GROWTH_RETENTION: '60d' };

interface Upload {
  readonly kind: 'heap' | 'goroutine';
  readonly pod: string;
  /** Before now; the program began half a minute ago. */
  readonly agoMs: number;
  /** Stacks with their values: allocated objects and bytes, objects and bytes in use; or a count. */
  readonly rows: string;
}

const typesOf = {
  heap: ['alloc_objects count', 'alloc_space bytes', 'inuse_objects count', 'inuse_space bytes'],
  goroutine: ['goroutine count'],
} as const;

/** All moments of a test are counted from here, so that stamps of one program stay as far apart as they were meant. */
const nowMs = Date.now();

async function send({ url }: Daemon, { kind, pod, agoMs, rows }: Upload): Promise<void> {
  const types = typesOf[kind].map((text) => {
    const [type = '', unit = ''] = text.split(' ');
    return { type, unit };
  });
  const parameters = new URLSearchParams({
    ...checkout,
    pod,
    process: pod,
    started: String(nowMs - 30 * second),
    interval: '1m',
    time: String(nowMs - agoMs),
    kind,
  });
  await upload(url, parameters, encodeProfile(profileFromText(rows, { types })));
}

async function pageOf({ opsUrl }: Daemon): Promise<{ readonly text: string; readonly page: MetricsPage }> {
  const text = await (await fetch(`${opsUrl}/metrics`)).text();
  return { text, page: parseMetrics(text) };
}

/** Two pods of checkout, each looked at twice. */
const firstUploads: readonly Upload[] = [
  { kind: 'heap', pod: 'a', agoMs: 20_000, rows: 'main;shop.fill 10 1000 4 400\nmain;shop.read 5 500 1 100' },
  { kind: 'heap', pod: 'a', agoMs: 10_000, rows: 'main;shop.fill 16 1600 7 700\nmain;shop.read 6 600 1 100' },
  { kind: 'heap', pod: 'b', agoMs: 20_000, rows: 'main;shop.fill 3 300 3 300' },
  { kind: 'heap', pod: 'b', agoMs: 10_000, rows: 'main;shop.fill 5 500 2 200' },
  { kind: 'goroutine', pod: 'a', agoMs: 10_000, rows: 'main;wait 7\nmain;serve 2' },
  { kind: 'goroutine', pod: 'b', agoMs: 10_000, rows: 'main;wait 4' },
];

test('what is uploaded is what /metrics tells; after kill -9 counters begin at 0, and a verdict stands', async (t) => {
  const folder = await temporaryFolder(t);
  await saveFinding(folder);
  const first = await startDaemon(folder, ['--no-self', '--no-kubernetes'], env);
  t.after(() => first.kill());
  assertFinding((await pageOf(first)).page);
  for (const each of firstUploads) await send(first, each);

  const { page, text } = await pageOf(first);
  const value = (name: string, more = {}) => page.value(name, { ...checkout, ...more });
  assert.deepEqual(
    {
      bytes: value('flameherd_heap_inuse_bytes'),
      objects: value('flameherd_heap_inuse_objects'),
      largest: value('flameherd_heap_inuse_pod_max_bytes'),
      allocated: value('flameherd_heap_alloc_bytes_total'),
      allocatedObjects: value('flameherd_heap_alloc_objects_total'),
      goroutines: value('flameherd_goroutines'),
    },
    { bytes: 1000, objects: 10, largest: 800, allocated: 2700, allocatedObjects: 27, goroutines: 13 },
  );
  const functions = (name: string) =>
    page.samples(name, checkout).map(({ labels, value: held }) => `${labels['function']} ${held}`);
  assert.deepEqual(functions('flameherd_function_heap_inuse_bytes').sort(), [
    '(other) 0',
    'shop.fill 900',
    'shop.read 100',
  ]);
  const allocated = page.samples('flameherd_function_heap_alloc_bytes_total', checkout);
  assert.equal(
    allocated.reduce((sum, sample) => sum + sample.value, 0),
    2700,
  );
  await assertLints(t, text);

  await first.kill();
  const restarted = await startDaemon(folder, ['--no-self', '--no-kubernetes'], env);
  t.after(() => restarted.kill());
  const { page: after } = await pageOf(restarted);
  assertFinding(after);
  assert.deepEqual(after.samples('flameherd_heap_alloc_bytes_total'), [], 'an older value');
  await send(restarted, {
    kind: 'heap',
    pod: 'a',
    agoMs: 0,
    rows: 'main;shop.fill 20 2000 7 700\nmain;shop.read 6 600 1 100',
  });
  const { page: resumed } = await pageOf(restarted);
  assert.equal(
    resumed.value('flameherd_heap_alloc_bytes_total', checkout),
    400,
    'what was allocated since, and no more',
  );
  assert.equal(await restarted.stop(), 0);
});

const leaky: Workload = { namespace: 'shop', workloadKind: 'Deployment', workload: 'leaky', container: 'app' };

/** As an evaluation leaves it: of the last bucket that is over, so that nothing is judged anew while the test runs. */
async function saveFinding(dataDir: string): Promise<void> {
  const bucket = Math.floor((nowMs - minute) / bucketMs) - 1;
  const atMs = (bucket + 1) * bucketMs;
  const heap: SignalVerdict = {
    signal: 'heap',
    tier: 'likely',
    likelyBecause: 'ramp',
    sinceMs: atMs - hour,
    startMs: atMs - 7 * hour,
    perSecond: 4096,
    baseline: { kind: 'plateau', level: 1000 },
    functions: [],
    pods: ['leaky-1'],
    judged: 1,
    gates: [],
  };
  const verdict: GrowthVerdict = { workload: leaky, atMs, signals: [heap], processes: 1 };
  const settings = { bucketMs, minAge: 33, minPeriods: 64, minShare: 0.05 };
  const memory = createDetector(leaky, settings).memory();
  await using store = openSqliteGrowth({ dataDir, synchronous: 'normal' });
  store.saveEvaluations([{ workload: leaky, bucketMs, bucket, memory, verdict }], []);
}

function assertFinding(page: MetricsPage): void {
  const of = { workload: 'leaky' };
  const tiers = ['suspected', 'likely'].map((tier) => page.value('flameherd_heap_growth_detected', { ...of, tier }));
  assert.deepEqual(tiers, [1, 1]);
  assert.equal(page.value('flameherd_heap_growth_bytes_per_second', of), 4096);
}

/** Where promtool is there, or can be had. */
async function assertLints(t: { diagnostic(text: string): void }, text: string): Promise<void> {
  const tools = await prometheusTools();
  if (tools.kind === 'missing') {
    t.diagnostic(`not linted: ${tools.skip}`);
    return;
  }
  const { status, stdout, stderr } = spawnSync(tools.promtool, ['check', 'metrics'], { input: text, encoding: 'utf8' });
  assert.deepEqual({ status, said: stdout + stderr }, { status: 0, said: '' });
}
