import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { eventually } from '../support/daemon.ts';
import { type Collector, isUp, questionsTo } from '../support/e2e-collector.ts';
import { hook, withoutHooks } from '../support/e2e-hooks.ts';
import { inNamespace, type Manifest, removeClusterWide, shipped } from '../support/e2e-manifests.ts';
import { pod } from '../support/e2e-pods.ts';
import { kubectl, kubectlApply, kubectlGet, temporaryNamespace } from '../support/kubectl.ts';

const image = process.env['E2E_DAEMON_IMAGE'] ?? 'localhost/flameherd:lab';
const cleanUps: (() => Promise<void>)[] = [];
const suite = { after: (cleanUp: () => Promise<void>) => void cleanUps.unshift(cleanUp) };

let apps: string;
let home: string;
let lease: string;

/** As shipped, but for: the namespace's name, the image, two replicas, an emptyDir, and one namespace to look at. */
function installation(): Manifest[] {
  const files = ['flameherd.yaml', 'rbac/port-forward.yaml'];
  return inNamespace(files.flatMap(shipped), home).map((object) =>
    object.kind === 'StatefulSet' ? changed(object) : object,
  );
}

interface StatefulSet {
  readonly replicas: number;
  readonly volumeClaimTemplates?: unknown;
  readonly template: {
    readonly metadata: object;
    readonly spec: {
      readonly containers: readonly { readonly env: readonly object[]; readonly resources: object }[];
      readonly volumes: readonly object[];
    };
  };
}

function changed(object: Manifest): Manifest {
  const { volumeClaimTemplates, ...spec } = object['spec'] as StatefulSet;
  assert.ok(volumeClaimTemplates, 'the shipped one has a volume');
  const env = Object.entries({
    FLAMEHERD_DISCOVERY_NAMESPACES_INCLUDE: apps,
    FLAMEHERD_SCRAPE_INTERVAL: '10s',
    FLAMEHERD_SCRAPE_PROFILES: 'heap',
    FLAMEHERD_SCRAPE_SELF: 'false',
  }).map(([name, value]) => ({ name, value }));
  const { template } = spec;
  const containers = template.spec.containers.map((container) => ({
    ...container,
    image,
    env: [...container.env, ...env],
  }));
  const volumes = [...template.spec.volumes, { name: 'data', emptyDir: {} }];
  return {
    ...object,
    spec: {
      ...spec,
      replicas: 2,
      podManagementPolicy: 'Parallel',
      template: { ...template, spec: { ...template.spec, containers, volumes } },
    },
  };
}

before(async () => {
  apps = await temporaryNamespace(suite, 'apps');
  home = await temporaryNamespace(suite, 'home');
  lease = `${home}/flameherd`;
  const objects = installation();
  suite.after(() => removeClusterWide(objects));
  const annotations = { 'flameherd.dev/scrape': 'true', 'flameherd.dev/port': '6060' };
  const shape = (name: string, address: string) =>
    pod({ namespace: apps, name, annotations, containers: [{ args: [`-addr=${address}`, '-cpu=0.01'] }] });
  await kubectlApply(...objects, shape('near', ':6060'), shape('local', '127.0.0.1:6060'));
});
after(async () => {
  for (const cleanUp of cleanUps) await cleanUp();
});

/** Both ports of a daemon's pod, the way the README says it is reached. */
async function reach(name: string): Promise<Collector & AsyncDisposable> {
  await kubectl('-n', home, 'wait', '--for=condition=Ready', `pod/${name}`, '--timeout=90s');
  const child = spawn('kubectl', ['-n', home, 'port-forward', `pod/${name}`, ':4280', ':4281'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [api, ops] = await forwarded(child);
  const url = `http://127.0.0.1:${api}`;
  const questions = questionsTo({
    url,
    opsUrl: `http://127.0.0.1:${ops}`,
    async getJson<T>(path: string): Promise<T> {
      const response = await fetch(new URL(path, url));
      if (!response.ok) throw new Error(`${path}: HTTP ${response.status} ${await response.text()}`);
      return (await response.json()) as T;
    },
  });
  return {
    ...questions,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}

/** The local ports of 4280 and 4281. What it says later is read too, or it would end. */
function forwarded(child: ChildProcess): Promise<readonly [string, string]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly [string, string]>();
  const ports = new Map<string, string>();
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    if (ports.size < 2) text += chunk.toString();
    for (const [, local = '', remote = ''] of text.matchAll(/127\.0\.0\.1:(\d+) -> (\d+)/g)) ports.set(remote, local);
    const [api, ops] = [ports.get('4280'), ports.get('4281')];
    if (api && ops) resolve([api, ops]);
  });
  child.once('exit', (code) => reject(new Error(`kubectl port-forward ended with ${code}: ${text}`)));
  return promise;
}

const daemons = ['flameherd-0', 'flameherd-1'] as const;
const scraping = (collector: Collector) => collector.metric('flameherd_scraping');
const holderOf = async (): Promise<string> =>
  (await kubectlGet<{ spec: { holderIdentity: string } }>('-n', home, 'lease', lease.split('/')[1] ?? '')).spec
    .holderIdentity;

test('the shipped manifests run in a namespace that enforces restricted, and reach pods directly and by port-forward', async () => {
  const { metadata } = await kubectlGet<{ metadata: { labels: Record<string, string> } }>('namespace', home);
  assert.equal(metadata.labels['pod-security.kubernetes.io/enforce'], 'restricted');
  await eventually(holderOf, 90_000, 'Lease');
  const holder = (await holderOf()).split('_')[0] ?? '';
  await using collector = await reach(holder);
  const up = (name: string) => collector.targetThat({ namespace: apps, pod: name }, isUp, 'that is up', 60_000);
  assert.equal((await up('near')).transport, 'direct');
  const local = await up('local');
  assert.match(local.transportReason, /^direct refused on \S+:6060; pprof answers on 127\.0\.0\.1 by port-forward$/);
  const problems = await collector.problems();
  assert.deepEqual(
    problems.map(({ what }) => what),
    [],
  );
});

test('of two daemons exactly one scrapes; the other serves what it has and names the holder', async () => {
  await eventually(holderOf, 90_000, 'Lease');
  await using first = await reach(daemons[0]);
  await using second = await reach(daemons[1]);
  const both = [first, second];
  const states = await Promise.all(both.map(scraping));
  assert.deepEqual(
    states.toSorted((a, b) => a - b),
    [0, 1],
  );
  const [holder, standby] = states[0] === 1 ? both : both.toReversed();
  assert.ok(holder && standby);
  await holder.targetThat({ namespace: apps, pod: 'near' }, isUp, 'that is up', 60_000);
  const name = (await holderOf()).split('_')[0] ?? '';
  const held = await standby.targetThat(
    { namespace: apps, pod: 'near' },
    ({ state }) => state === 'held',
    'that is held',
  );
  assert.ok(held.reason.includes(`${name} scrapes this cluster (it holds the Lease ${lease})`), held.reason);
  assert.ok((await holder.metric('flameherd_scrapes_total')) > 0);
  assert.equal(await standby.metric('flameherd_scrapes_total'), 0);
});

const nameOf = (holder: string): string => holder.split('_')[0] ?? '';
const otherThan = (name: string): string => daemons.find((each) => each !== name) ?? '';
const containerOf = async (name: string): Promise<string> => {
  const { status } = await kubectlGet<{ status: { containerStatuses: { containerID: string }[] } }>(
    '-n',
    home,
    'pod',
    name,
  );
  return status.containerStatuses[0]?.containerID ?? '';
};
const bothUp = async (collector: Collector): Promise<void> => {
  for (const name of ['near', 'local']) await collector.targetThat({ namespace: apps, pod: name }, isUp, 'that is up');
};

test('when the holder is deleted the other one takes over within 30 s, and the new pod stands back', async () => {
  const before = await eventually(holderOf, 90_000, 'Lease');
  const deleted = nameOf(before);
  await using collector = await reach(otherThan(deleted));
  // Without the StatefulSet nobody brings the deleted one back, which might take the Lease again.
  await kubectl('-n', home, 'delete', 'statefulset', 'flameherd', '--cascade=orphan');
  await kubectl('-n', home, 'delete', 'pod', deleted, '--force', '--grace-period=0');
  await eventually(async () => (await scraping(collector)) === 1, 30_000, 'other one that scrapes');
  assert.notEqual(await holderOf(), before);
  await bothUp(collector);
  await kubectlApply(...installation().filter(({ kind }) => kind === 'StatefulSet'));
  await eventually(() => containerOf(deleted), 60_000, 'new pod');
  await using returned = await reach(deleted);
  assert.equal(await scraping(returned), 0);
  assert.equal(await scraping(collector), 1);
});

test('when the holder is killed it comes back with its Lease, and one scrapes', { skip: withoutHooks }, async () => {
  const before = await holderOf();
  const [killed, other] = [nameOf(before), otherThan(nameOf(before))];
  await using standby = await reach(other);
  const container = await containerOf(killed);
  await hook('kill-container', container);
  await eventually(async () => (await containerOf(killed)) !== container, 30_000, 'new container');
  await using again = await reach(killed);
  const states = async () => [await scraping(again), await scraping(standby)];
  await eventually(async () => (await states()).includes(1), 30_000, 'one that scrapes');
  assert.deepEqual(
    (await states()).toSorted((a, b) => a - b),
    [0, 1],
  );
});

test('when the holder hangs the other one takes over within 30 s; when it goes on it stands back', {
  skip: withoutHooks,
}, async () => {
  const before = await holderOf();
  const frozen = nameOf(before);
  await using collector = await reach(otherThan(frozen));
  const container = await containerOf(frozen);
  await hook('freeze-container', container);
  try {
    await eventually(async () => (await scraping(collector)) === 1, 30_000, 'other one that scrapes');
  } finally {
    await hook('thaw-container', container);
  }
  assert.notEqual(await holderOf(), before);
  await bothUp(collector);
  await using old = await reach(frozen);
  await eventually(async () => (await scraping(old)) === 0, 30_000, 'old one that stands back');
  assert.equal(await scraping(collector), 1);
});
