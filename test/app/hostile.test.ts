import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { countingScript } from '../support/app-counters.ts';
import { address, type TargetAnswer } from '../support/app-transports.ts';
import { type Daemon, eventually, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { type FakeApiServer, startFakeApiServer } from '../support/fake-api-server.ts';
import { running, startFakeKubelet } from '../support/fake-kubelet.ts';
import { namespaceObject, podObject } from '../support/kubernetes-objects.ts';
import { noGo } from '../support/no-go.ts';
import { goBusy, type PprofServer, type ScriptedReply, startPprofServer } from '../support/pprof-server.ts';
import { buildSidecar, runProgram } from '../support/sidecar-program.ts';

/** What a pod may do and write that must hurt nobody: all of it at once, by every transport, at one real daemon. */

const secret = 'hunter2-of-another-team';
const page = `<html><title>${secret}</title></html>`;
const typed = (type: string): Readonly<Record<string, string>> => ({ 'content-type': type });
/** Inflates to 256 MB. */
const bomb = gzipSync(Buffer.alloc(256 << 20), { level: 1 });

interface Behaviour {
  readonly reply: ScriptedReply;
  /** What the target says of it. */
  readonly says: RegExp;
  /** Words of plain text: shown of a pod that is asked at its own address, where anybody could read them. */
  readonly shownDirectly?: boolean;
}

const behaviours: Readonly<Record<string, Behaviour>> = {
  bomb: { reply: { kind: 'profile', bytes: bomb }, says: /inflate|larger|more than|bytes/ },
  'nested-bomb': { reply: { kind: 'profile', bytes: gzipSync(bomb) }, says: /./ },
  drip: { reply: { kind: 'drip', everyMs: 1000 }, says: /no whole answer/ },
  endless: { reply: { kind: 'flood' }, says: /scrape\.maxBody|given up at/ },
  silent: { reply: { kind: 'hang' }, says: /no whole answer/ },
  login: {
    reply: { kind: 'status', status: 200, text: page, headers: typed('text/html') },
    says: /a page \(text\/html\)/,
  },
  'admin-page': { reply: { kind: 'status', status: 500, text: page, headers: typed('text/html') }, says: /500 on/ },
  'admin-json': {
    reply: { kind: 'status', status: 200, text: `{"password":"${secret}"}`, headers: typed('application/json') },
    says: /not|no profile|instead/,
  },
  'disguised-page': {
    reply: { kind: 'status', status: 200, text: page, headers: typed('application/octet-stream') },
    says: /not|no profile|instead/,
  },
  'admin-text': { reply: { kind: 'status', status: 500, text: `root:${secret}` }, says: /500 on/, shownDirectly: true },
  metadata: {
    reply: { kind: 'status', status: 302, headers: { location: 'http://169.254.169.254/latest/meta-data/' } },
    says: /redirect.* not followed/,
  },
  loop: {
    reply: { kind: 'status', status: 301, headers: { location: '/debug/pprof/heap' } },
    says: /redirect.* not followed/,
  },
  truncated: { reply: { kind: 'profile', bytes: bomb.subarray(0, 20_000) }, says: /gzip|truncated|end|cut/ },
  nothing: { reply: { kind: 'profile', bytes: new Uint8Array() }, says: /empty/ },
  busy: { reply: goBusy, says: /already in use/ },
};

/** Paths of an annotation that would leave the pod, its prefix or the request; the default is asked instead. */
const paths = [
  '//169.254.169.254/debug/pprof',
  'http://169.254.169.254/debug/pprof',
  '@169.254.169.254/pprof',
  '/\\169.254.169.254/pprof',
  '/debug/pprof/../../admin',
  '/debug/pprof/%2e%2e/admin',
  '/debug/pprof\r\nHost: evil',
  '/debug/pprof#@evil',
  `/debug/pprof/${'a'.repeat(64 * 1024)}`,
  '/debug/pprof/\u{1f4a9}',
  '/admin',
];

/** Other keys; what cannot be meant makes the target unresolved. */
const values: readonly Readonly<Record<string, string>>[] = [
  { port: '6060@169.254.169.254' },
  { port: '[::1]:6060' },
  { scheme: 'gopher' },
  { port: '9'.repeat(64 * 1024) },
];

const everyWay = ['port-forward', 'pod-proxy', ...(address ? ['direct'] : []), ...(noGo ? [] : ['ephemeral'])];

const config = `
scrape: { maxBody: 4MiB, maxInflated: 32MiB, profiles: [heap] }
limits: { queue: 16MiB, minInterval: 1s }
lease: { mode: 'off' }
discovery: { probe: false }
transports:
  podProxy: { enabled: true }
  ephemeral:
    enabled: true
    image: localhost/flameherd-sidecar:lab
    allowUnpinned: true
    streams: 100
    streamsPerNode: 100
    perSecond: 100
    injectionsPerMinute: 1000
`;

test('whatever pods answer and write, each is a readable error of its own target, and nothing else', {
  timeout: 300_000,
}, async (t) => {
  await using api = await startFakeApiServer();
  using _kubelet = startFakeKubelet(api, () => running);
  await runSidecarsOf(t, api);
  api.put(namespaceObject('shop', { labels: { 'flameherd.dev/ephemeral': 'allowed' } }));
  const servers: Record<string, PprofServer> = {};
  const serve = async (name: string, script: Parameters<typeof startPprofServer>[0]): Promise<PprofServer> => {
    const server = await startPprofServer(script, '0.0.0.0');
    t.after(() => server.close());
    servers[name] = server;
    return server;
  };
  const elsewhere = await serve('elsewhere', countingScript().script);
  const toElsewhere: Behaviour = {
    reply: {
      kind: 'status',
      status: 307,
      headers: { location: `http://127.0.0.1:${elsewhere.port}/debug/pprof/heap` },
    },
    says: /redirect.* not followed/,
  };
  const all: Readonly<Record<string, Behaviour>> = { ...behaviours, 'to-elsewhere': toElsewhere };
  for (const [name, { reply }] of Object.entries(all)) await serve(name, () => reply);
  await serve('good', countingScript().script);
  await serve('paths', countingScript().script);
  const put = (pod: string, server: string, annotations: Readonly<Record<string, string>>): void => {
    const port = servers[server]?.port ?? 0;
    api.streams.listen('shop', pod, port, { port });
    const ours = Object.entries({ scrape: 'true', interval: '5s', ...annotations });
    api.put(
      podObject('shop', pod, {
        ip: address ?? '10.99.0.1',
        ports: [{ name: 'pprof', containerPort: port }],
        annotations: Object.fromEntries(ours.map(([key, value]) => [`flameherd.dev/${key}`, value])),
      }),
    );
  };
  for (const transport of everyWay) {
    for (const name of [...Object.keys(all), 'good']) put(`${name}-by-${transport}`, name, { transport });
  }
  for (const [i, path] of paths.entries()) put(`path-${i}`, 'paths', { path, transport: 'port-forward' });
  for (const [i, value] of values.entries()) put(`value-${i}`, 'paths', { transport: 'port-forward', ...value });

  const daemon = await start(t, api);
  const count = everyWay.length * (Object.keys(all).length + 1) + paths.length + values.length;
  const targets = await settledTargets(daemon, count);

  for (const transport of everyWay) {
    const good = targets.get(`good-by-${transport}`);
    assert.deepEqual([transport, good?.health, good?.scrapes[0]?.lastError], [transport, 'up', '']);
    for (const [name, { says }] of Object.entries(all)) checkFailed(targets, `${name}-by-${transport}`, says);
  }
  for (const [i, path] of paths.entries()) {
    const target = targets.get(`path-${i}`);
    assert.equal(target?.health, 'up', path);
    assert.match(target?.warnings.join('\n') ?? '', /path/, path);
    assert.ok((target?.warnings.join('\n').length ?? 0) < 1000, path.slice(0, 40));
  }
  for (const [i] of values.entries()) {
    const target = targets.get(`value-${i}`);
    assert.deepEqual([i, target?.state], [i, 'unresolved']);
    assert.ok((target?.reason.length ?? 0) < 1000, String(i));
  }
  assert.deepEqual([...new Set(servers['paths']?.requests.map(({ path }) => path))], ['/debug/pprof/heap']);
  assert.equal(elsewhere.requests.length, 0);
  await checkNoForeignWords(daemon, [...targets.values()]);
  // A daemon that starts takes about 270 MB at its peak; the rest is twice limits.queue and some of scrape.maxInflated.
  assert.ok((await peakMb(daemon)) < 512, `peak RSS ${await peakMb(daemon)} MB`);
  t.diagnostic(`${targets.size} targets, peak RSS ${await peakMb(daemon)} MB`);
});

type HostileTarget = TargetAnswer & { readonly state: string; readonly reason: string };

/** Ephemeral sidecars are the real program, run on this machine. */
async function runSidecarsOf(t: TestContext, api: FakeApiServer): Promise<void> {
  if (noGo) return;
  const program = buildSidecar();
  t.after(() => program[Symbol.dispose]());
  api.streams.exec = async ({ argv }) => {
    const { exitCode, stdout, stderr } = await runProgram([program.path, ...argv.slice(1)]);
    return { exitCode, stdout, stderr };
  };
}

async function start(t: TestContext, api: FakeApiServer): Promise<Daemon> {
  const folder = await temporaryFolder(t);
  await writeFile(`${folder}/config.yml`, config);
  const flags = ['--config', `${folder}/config.yml`, '--kubernetes', '--no-self'];
  const daemon = await startDaemon(`${folder}/data`, flags, { KUBECONFIG: api.kubeconfig() });
  t.after(() => daemon.kill());
  return daemon;
}

/** All targets by pod, once each was asked or is known to be none. */
async function settledTargets(daemon: Daemon, count: number): Promise<ReadonlyMap<string, HostileTarget>> {
  let waiting: string[] = [];
  const check = async (): Promise<readonly HostileTarget[] | false> => {
    const { targets } = await daemon.getJson<{ targets: readonly HostileTarget[] }>('/api/v1/targets?limit=1000');
    waiting = targets.flatMap((target) => (isSettled(target) ? [] : [target.labels['pod'] ?? '']));
    return targets.length === count && waiting.length === 0 && targets;
  };
  const targets = await eventually(check, 120_000, 'answer of all targets').catch((error: unknown) =>
    assert.fail(`${String(error)}; still waiting: ${waiting.join()}`),
  );
  return new Map(targets.map((target) => [target.labels['pod'] ?? '', target]));
}

/** What is good must come up, if not at once on a busy machine. */
function isSettled({ labels, state, health, scrapes }: HostileTarget): boolean {
  if (/^(good|path)-/.test(labels['pod'] ?? '')) return health === 'up';
  return state !== 'active' || scrapes.some(({ lastError }) => lastError !== '');
}

function checkFailed(targets: ReadonlyMap<string, HostileTarget>, pod: string, says: RegExp): void {
  const target = targets.get(pod);
  const told = target?.scrapes[0]?.lastError ?? '';
  assert.match(`${pod}: ${told}`, says);
  assert.deepEqual([pod, target?.health], [pod, 'down']);
  assert.ok(told.length < 1000, `${pod}: ${told.length} characters`);
  assert.doesNotMatch(told.replaceAll('\n', ' '), /\p{Cc}/u, pod);
}

/** Nothing that a pod said is in any answer, in the log or in the metrics. */
async function checkNoForeignWords(daemon: Daemon, targets: readonly HostileTarget[]): Promise<void> {
  const allowed = new Set(
    Object.entries(behaviours).flatMap(([name, { shownDirectly }]) => (shownDirectly ? [`${name}-by-direct`] : [])),
  );
  const shown = targets.filter((target) => JSON.stringify(target).includes(secret)).map(({ labels }) => labels['pod']);
  assert.deepEqual(new Set(shown), new Set(address ? allowed : []));
  assert.doesNotMatch(JSON.stringify(daemon.log), new RegExp(secret));
  for (const url of [`${daemon.url}/api/v1/status`, `${daemon.opsUrl}/metrics`]) {
    assert.doesNotMatch(await (await fetch(url)).text(), new RegExp(secret), url);
  }
}

/** The most memory that the daemon has had, from the kernel. */
async function peakMb(daemon: Daemon): Promise<number> {
  const status = await readFile(`/proc/${daemon.process.pid}/status`, 'utf8');
  return Math.round(Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024);
}
