import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '../support/daemon.ts';
import { type Collector, errorsOf, isUp, startCollector } from '../support/e2e-collector.ts';
import { hook, withoutHooks } from '../support/e2e-hooks.ts';
import { pod } from '../support/e2e-pods.ts';
import { deployment, kubectl, kubectlApply, kubectlGet, rolledOut, temporaryNamespace } from '../support/kubectl.ts';

const cleanUps: (() => Promise<void>)[] = [];
const suite = { after: (cleanUp: () => Promise<void>) => void cleanUps.unshift(cleanUp) };
const annotations = { 'flameherd.dev/scrape': 'true', 'flameherd.dev/port': '6060' };
const intervalMs = 10_000;

let namespace: string;
let collector: Collector;

before(async () => {
  namespace = await temporaryNamespace(suite, 'faults');
  collector = await startCollector(suite, {
    namespaces: [namespace],
    env: { FLAMEHERD_SCRAPE_CPU_SECONDS: '4', FLAMEHERD_TRANSPORTS_POD_PROXY_ENABLED: 'true' },
  });
});
after(async () => {
  for (const cleanUp of cleanUps) await cleanUp();
});

interface WirePod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly status: {
    readonly podIP: string;
    readonly containerStatuses: readonly { readonly containerID: string; readonly restartCount: number }[];
  };
}

const ofPod = (name: string) => ({ namespace, pod: name });
const wirePod = (name: string) => kubectlGet<WirePod>('-n', namespace, 'pod', name);
const containerOf = async (name: string) => (await wirePod(name)).status.containerStatuses[0]?.containerID ?? '';
const profilesOf = (kind: string, name: string) =>
  collector.profiles(`${kind}{namespace="${namespace}",pod="${name}"}`);
const remove = (name: string) => kubectl('-n', namespace, 'delete', 'pod', name, '--wait=true');

/** Waits until a CPU profile of the only pod that is scraped, for nothing else, has just begun. */
async function cpuProfileBegun(name: string): Promise<void> {
  await collector.targetThat(ofPod(name), isUp, 'that is up');
  const inFlight = async (): Promise<boolean> => (await collector.metric('flameherd_scrapes_in_flight')) > 0;
  await eventually(async () => !(await inFlight()), 20_000, 'moment without a request');
  await eventually(inFlight, 20_000, 'request');
}

/** CPU profiles that were begun and did not count: what failed, and what was called off. */
async function lost(): Promise<number> {
  const failures = await collector.metric('flameherd_scrape_failures_total', { namespace, kind: 'cpu' });
  return failures + (await collector.metric('flameherd_scrapes_skipped_total', { cause: 'aborted' }));
}

const shape = (name: string, address: string, kinds: string) =>
  pod({
    namespace,
    name,
    annotations: { ...annotations, 'flameherd.dev/profiles': kinds },
    containers: [{ args: ['-cpu=0.2', `-addr=${address}`] }],
  });

test('a pod that is deleted while its CPU profile is taken is gone, and half a profile is none', async (t) => {
  for (const [name, address, transport] of [
    ['deleted-direct', ':6060', 'direct'],
    ['deleted-forward', '127.0.0.1:6060', 'port-forward'],
  ] as const) {
    await t.test(`by ${transport}`, async () => {
      await kubectlApply(shape(name, address, 'cpu'));
      await cpuProfileBegun(name);
      const [target] = await collector.targets(ofPod(name));
      assert.equal(target?.transport, transport);
      const [before, lostBefore] = [await profilesOf('cpu', name), await lost()];
      await remove(name);
      await eventually(async () => (await collector.targets(ofPod(name))).length === 0, 15_000, 'targets without it');
      assert.deepEqual(await profilesOf('cpu', name), before);
      assert.ok((await lost()) > lostBefore);
      assert.ok(before.length > 0);
    });
  }
});

test('a container that restarts while its CPU profile is taken is another process; what was begun is dropped and counted', async () => {
  const name = 'restarted';
  await kubectlApply(shape(name, ':6060', 'cpu'));
  await cpuProfileBegun(name);
  const [before, lostBefore, container] = [await profilesOf('cpu', name), await lost(), await containerOf(name)];
  const { podIP } = (await wirePod(name)).status;
  await assert.rejects(fetch(`http://${podIP}:6060/exit`));
  const next = await collector.targetThat(
    ofPod(name),
    (target) => isUp(target) && !target.source.includes(container),
    'of another container that is up',
  );
  assert.ok(next.source.includes(await containerOf(name)));
  const after = await profilesOf('cpu', name);
  assert.deepEqual(
    after.filter(({ process }) => process === before[0]?.process),
    before,
  );
  assert.ok((await lost()) > lostBefore);
  await remove(name);
});

test('an answer that comes although the container was replaced meanwhile is dropped', async () => {
  const name = 'replaced';
  // Another container of the pod serves the port, so that the connection outlives the one it is thought to belong to.
  await kubectlApply(
    pod({
      namespace,
      name,
      annotations: { ...annotations, 'flameherd.dev/port': 'app:6060', 'flameherd.dev/profiles': 'cpu' },
      containers: [
        { name: 'app', args: ['-addr=:7070', '-cpu=0.01'] },
        { name: 'server', args: ['-addr=:6060', '-cpu=0.2'] },
      ],
    }),
  );
  await cpuProfileBegun(name);
  const [before, lostBefore] = [await profilesOf('cpu', name), await lost()];
  const { source } = await collector.targetThat(ofPod(name), isUp, 'that is up');
  const { podIP } = (await wirePod(name)).status;
  await assert.rejects(fetch(`http://${podIP}:7070/exit`));
  await collector.targetThat(ofPod(name), (target) => isUp(target) && target.source !== source, 'of another container');
  assert.deepEqual(
    (await profilesOf('cpu', name)).filter(({ process }) => process === before[0]?.process),
    before,
  );
  assert.ok((await lost()) > lostBefore);
  await remove(name);
});

test('a roll-out under load leaves no process without a profile for longer than an interval', async () => {
  const name = 'rolled';
  await kubectlApply(
    deployment({
      namespace,
      name,
      replicas: 3,
      args: ['-addr=:6060', '-cpu=0.1', '-leak=65536'],
      ports: [{ name: 'pprof', containerPort: 6060 }],
      annotations: { 'flameherd.dev/scrape': 'true' },
    }),
  );
  await rolledOut(namespace, name);
  const seen = new Map<string, readonly number[]>();
  const stamps = async () => {
    const all = await collector.profiles(`heap{namespace="${namespace}",workload="${name}"}`);
    for (const [pod, profiles] of Map.groupBy(all, ({ labels }) => labels['pod'] ?? ''))
      seen.set(
        pod,
        profiles.map(({ timeMs }) => timeMs),
      );
    return seen;
  };
  await eventually(async () => (await stamps()).size === 3, 45_000, 'profile of each of three pods');
  await kubectl('-n', namespace, 'rollout', 'restart', `deployment/${name}`);
  await rolledOut(namespace, name);
  const { items } = await kubectlGet<{ items: readonly WirePod[] }>(
    '-n',
    namespace,
    'pods',
    '-l',
    `app.kubernetes.io/name=${name}`,
  );
  const running = items.filter(({ metadata }) => !metadata.deletionTimestamp).map(({ metadata }) => metadata.name);
  assert.equal(running.length, 3);
  await eventually(
    async () => {
      const all = await stamps();
      return running.every((each) => (all.get(each)?.length ?? 0) >= 3);
    },
    60_000,
    'third profile of each new pod',
  );
  assert.ok(seen.size >= 6);
  for (const [each, times] of seen) {
    const gaps = times.slice(1).map((ms, index) => ms - (times[index] ?? 0));
    // A beat is pinned to the clock; the CPU profile before it and a busy machine may make it late, never a whole one.
    assert.ok(
      gaps.every((gap) => gap < 2 * intervalMs),
      `${each}: ${gaps.join(', ')} ms`,
    );
    assert.ok(gaps.filter((gap) => gap > 1.5 * intervalMs).length === 0, `${each}: ${gaps.join(', ')} ms`);
  }
  await kubectl('-n', namespace, 'delete', 'deployment', name);
});

test('packets that get lost stay a time-out, and no other way is tried', { skip: withoutHooks }, async (t) => {
  const name = 'dropped';
  await kubectlApply(shape(name, ':6060', 'cpu,heap'));
  await collector.targetThat(ofPod(name), isUp, 'that is up');
  const container = await containerOf(name);
  await hook('drop-packets', container, '6060');
  t.after(() => remove(name));
  const streams = () => collector.metric('flameherd_transport_streams_opened_total');
  const before = await streams();
  const target = await collector.targetThat(
    ofPod(name),
    ({ health, scrapes }) => health === 'down' && scrapes.every(({ lastError }) => /time|tim/i.test(lastError)),
    'that is down with time-outs',
    120_000,
  );
  assert.deepEqual([target.transport, target.transportReason], ['direct', "the pod's own address"]);
  assert.doesNotMatch(errorsOf(target), /port-forward|pod-proxy/);
  assert.equal(await streams(), before);
  assert.ok((await collector.metric('flameherd_scrape_failures_total', { namespace, reason: 'timeout' })) >= 2);
  await hook('pass-packets', container, '6060');
  await collector.targetThat(ofPod(name), isUp, 'that is up again', 60_000);
});
