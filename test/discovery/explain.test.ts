import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExplainSubject, Explanation } from '../../src/discovery/discoverer.ts';
import { type ExplainContext, explain } from '../../src/discovery/explain.ts';
import { meantKey } from '../../src/discovery/near-misses.ts';
import { targetsOfPod } from '../../src/discovery/targets-of-pod.ts';
import type { Target } from '../../src/model/target.ts';
import { containerOf, defaultDiscoveryRules, objectOf, ours, podOf } from '../support/discovery-records.ts';
import { FakeCluster } from '../support/discovery-view.ts';

const deployment: ExplainSubject = { namespace: 'shop', workloadKind: 'Deployment', workload: 'checkout' };
const pod: ExplainSubject = { namespace: 'shop', pod: 'checkout-1' };
const checkout = (annotations: Record<string, string> = {}) => objectOf('checkout', { annotations });
const scrape = ours({ scrape: 'true' });

/** One pod of Deployment `shop/checkout`. */
function shop(change: { workload?: Record<string, string>; pod?: Parameters<typeof podOf>[0] } = {}): FakeCluster {
  const cluster = new FakeCluster();
  cluster.putNamespace(objectOf('shop', { namespace: '' }));
  cluster.putWorkload('Deployment', checkout(change.workload));
  cluster.putPod(podOf({ name: 'checkout-1', ...change.pod }));
  return cluster;
}

function ask(subject: ExplainSubject, view: FakeCluster, context: Partial<ExplainContext> = {}): Promise<Explanation> {
  return explain(subject, {
    view,
    rules: defaultDiscoveryRules,
    probe: () => undefined,
    optInRemovedAt: () => undefined,
    current: () => [],
    ...context,
  });
}

/** The rules as a page shows them: `pass opted in: …`. */
const draw = ({ rules }: Explanation) => rules.map(({ rule, verdict, detail }) => `${verdict} ${rule}: ${detail}`);

test('a scraped pod: each rule in order, and the sources that come of it', async () => {
  const told = await ask(pod, shop({ workload: scrape }));
  assert.deepEqual(
    { ...told, rules: draw(told) },
    {
      subject: 'pod shop/checkout-1',
      verdict: 'scraped',
      because: 'flameherd.dev/scrape on Deployment checkout; 1 source',
      rules: [
        'info owner: Deployment checkout: ReplicaSet checkout-5d4f without its pod-template-hash',
        'pass namespace allowed: namespace shop is allowed',
        'pass opted in: flameherd.dev/scrape="true" on Deployment checkout',
        'pass pod runs: phase Running, IP 10.1.0.7',
        'pass container: app runs registry:5000/shop/app:v1',
        'pass port: app:8080, the only declared TCP port (http (8080/TCP))',
        'info profiles: cpu /debug/pprof/profile every 60s for 10s, heap /debug/pprof/heap every 60s, goroutine /debug/pprof/goroutine every 60s, block /debug/pprof/block every 60s, mutex /debug/pprof/mutex every 60s',
      ],
      nearMisses: [],
      hint: undefined,
      sources: ['shop/checkout-1 app http://10.1.0.7:8080'],
    },
  );
});

test('an unannotated Deployment is not scraped, and what to type is said', async () => {
  const told = await ask(deployment, shop());
  assert.equal(told.verdict, 'not scraped');
  assert.equal(
    told.because,
    'flameherd.dev/scrape is neither on the pod, nor its workload, nor a Service of it, nor its Namespace',
  );
  assert.equal(told.hint, 'kubectl -n shop annotate deployment/checkout flameherd.dev/scrape=true');
});

test('a workload sums up its pods and shows the rules of one', async () => {
  const cluster = shop({ workload: scrape });
  cluster.putPod(podOf({ name: 'checkout-2', createdMs: 900, phase: 'Pending', ip: '' }));
  const told = await ask(deployment, cluster);
  assert.equal(told.verdict, 'scraped');
  assert.equal(draw(told)[0], 'info pods: 2 found: 1 scraped, 1 not scraped; the rules below are those of checkout-1');
  assert.deepEqual(told.sources, ['shop/checkout-1 app http://10.1.0.7:8080']);
});

test('the kind may be written as kubectl writes it', async () => {
  const told = await ask({ ...deployment, workloadKind: 'deployment' }, shop({ workload: scrape }));
  assert.equal(told.subject, 'Deployment shop/checkout');
});

test('a workload with no pods says so, and whether its pods will be scraped', async () => {
  const cluster = new FakeCluster();
  cluster.putNamespace(objectOf('shop', { namespace: '' }));
  cluster.putWorkload('Deployment', checkout());
  const told = await ask(deployment, cluster);
  assert.equal(told.verdict, 'not scraped');
  assert.ok(draw(told).includes('fail pods: Deployment shop/checkout has no pods'));
  assert.match(told.hint ?? '', /annotate deployment\/checkout/);
  cluster.putWorkload('Deployment', checkout(scrape));
  const optedIn = await ask(deployment, cluster);
  assert.equal(optedIn.because, 'Deployment shop/checkout has no pods; it is opted in, so its pods will be scraped');
});

test('a missing object is not found, and what exists nearby is said', async () => {
  const cluster = shop();
  cluster.putWorkload('StatefulSet', objectOf('checkout'));
  cluster.putWorkload('Deployment', objectOf('checkout', { namespace: 'staging' }));
  const told = await ask({ ...deployment, workload: 'chekout' }, cluster);
  assert.equal(told.verdict, 'not found');
  assert.equal(told.because, 'there is no Deployment chekout in shop');
  assert.deepEqual(told.nearMisses, ['Deployment shop/checkout', 'StatefulSet shop/checkout', 'pod shop/checkout-1']);
  const elsewhere = await ask({ namespace: 'bank', workloadKind: 'Deployment', workload: 'checkout' }, cluster);
  assert.equal(elsewhere.because, 'there is no namespace bank');
  assert.deepEqual(elsewhere.nearMisses, [
    'Deployment shop/checkout',
    'Deployment staging/checkout',
    'StatefulSet shop/checkout',
  ]);
  const pods = await ask({ namespace: 'shop', pod: 'checkout' }, cluster);
  assert.ok(pods.nearMisses.includes('pod shop/checkout-1'), pods.nearMisses.join());
});

test('an opt-out names the object that says no, and how to change it', async () => {
  const told = await ask(pod, shop({ workload: scrape, pod: { annotations: ours({ scrape: 'no' }) } }));
  assert.equal(told.because, 'flameherd.dev/scrape="no" on pod checkout-1 opts out');
  assert.equal(told.hint, 'kubectl -n shop annotate pod/checkout-1 flameherd.dev/scrape=true --overwrite');
});

test('an unresolved port is told with what is declared', async () => {
  const told = await ask(pod, shop({ workload: ours({ scrape: 'true', port: 'pprof' }) }));
  assert.equal(told.verdict, 'unresolved');
  assert.equal(
    told.because,
    'flameherd.dev/port="pprof" on Deployment checkout: port "pprof" is no declared port name; declared are app: http (8080/TCP)',
  );
  assert.equal(told.hint, 'kubectl -n shop annotate deployment/checkout flameherd.dev/port=PORT --overwrite');
});

test('warnings are among the rules', async () => {
  const told = await ask(pod, shop({ workload: ours({ scrape: 'true', interval: 'soon' }) }));
  const warning =
    'flameherd.dev/interval="soon" on Deployment checkout is not a duration such as 30s or 5m, up to 1d: used 1m';
  assert.ok(draw(told).includes(`warning warning: ${warning}`), draw(told).join('\n'));
});

test('a candidate is not scraped: which dialect it is in is said', async () => {
  const told = await ask(pod, shop({ pod: { annotations: { 'profiles.grafana.com/cpu.scrape': 'true' } } }));
  assert.equal(told.verdict, 'not scraped');
  assert.ok(draw(told).some((line) => line.includes("is grafana's, which discovery.dialects does not name")));
});

test('a held target says why it waits', async () => {
  const cluster = shop({ workload: scrape });
  const held = { kind: 'held', reason: 'paused by an operator: shop' } as const;
  const [target] = draftOf(cluster).map((each) => ({ ...each, state: held }));
  assert.ok(target);
  const told = await ask(pod, cluster, { current: () => [target] });
  assert.equal(told.verdict, 'held');
  assert.equal(told.because, 'paused by an operator: shop');
});

test('a container that waits is told by its reason', async () => {
  const containers = [containerOf('app', ['http 8080'], { running: false, waiting: 'CrashLoopBackOff' })];
  const told = await ask(pod, shop({ workload: scrape, pod: { containers } }));
  assert.equal(told.verdict, 'held');
  assert.equal(told.because, 'container app waits: CrashLoopBackOff');
  assert.equal(told.hint, 'kubectl -n shop describe pod checkout-1');
});

test('a kind that may not be listed is told: its annotations do not count', async () => {
  const cluster = shop({ pod: { annotations: scrape } });
  cluster.unwatched.add('Deployment');
  const [, line] = draw(await ask(pod, cluster));
  assert.match(line ?? '', /^warning workload watched: Deployments are not watched/);
});

test('near misses: the key set as a label', async () => {
  const cluster = shop();
  cluster.putWorkload('Deployment', objectOf('checkout', { labels: scrape }));
  const { nearMisses } = await ask(deployment, cluster);
  assert.deepEqual(nearMisses, [
    'flameherd.dev/scrape="true" is a label of Deployment checkout; it counts as an annotation only (flameherd.dev/scrape)',
  ]);
});

test('near misses: misspelt keys, read from the object itself since caches drop foreign keys', async () => {
  const cluster = shop();
  cluster.fetched.set('Deployment/checkout', {
    labels: {},
    annotations: { 'flameherd.io/scrape': 'true', 'flameherd.dev/scrap': 'true' },
  });
  const { nearMisses } = await ask(deployment, cluster);
  assert.deepEqual(nearMisses, [
    'annotation flameherd.io/scrape="true" on Deployment checkout: did you mean flameherd.dev/scrape?',
    'annotation flameherd.dev/scrap="true" on Deployment checkout: did you mean flameherd.dev/scrape?',
  ]);
});

test('near misses: the key on a ReplicaSet, unless it is the copy of its Deployment', async () => {
  const copied = { labels: {}, annotations: scrape };
  const cluster = shop();
  cluster.fetched.set('ReplicaSet/checkout-5d4f', copied);
  assert.deepEqual((await ask(pod, cluster)).nearMisses, [
    'flameherd.dev/scrape is on ReplicaSet checkout-5d4f, which is a copy and never read: annotate Deployment checkout',
  ]);
  const optedIn = shop({ workload: scrape });
  optedIn.fetched.set('ReplicaSet/checkout-5d4f', copied);
  assert.deepEqual((await ask(pod, optedIn)).nearMisses, []);
});

test('which key was meant: near spellings only', () => {
  const table: Record<string, string | undefined> = {
    'flameherd.dev/scrap': 'flameherd.dev/scrape',
    'flameherd.dev/Scrape': 'flameherd.dev/scrape',
    'flameherd.dev/enabled': 'flameherd.dev/scrape',
    'flameherd.io/scrape': 'flameherd.dev/scrape',
    'flamehed.dev/port': 'flameherd.dev/port',
    'flameherd.dev.scrape': 'flameherd.dev/scrape',
    'flameherd-scrape': 'flameherd.dev/scrape',
    'flameherd.dev/scrape': undefined,
    'flameherd.dev/heap.port': undefined,
    'prometheus.io/scrape': undefined,
    'kubectl.kubernetes.io/last-applied-configuration': undefined,
  };
  for (const [name, meant] of Object.entries(table)) assert.equal(meantKey(name), meant, name);
});

/** The pod's targets before caps and pauses. */
function draftOf(cluster: FakeCluster): readonly Target[] {
  const record = cluster.pod('shop', 'checkout-1');
  assert.ok(record);
  return targetsOfPod({
    pod: record,
    workload: { kind: 'Deployment', name: 'checkout', object: cluster.workload('Deployment', 'shop', 'checkout') },
    namespace: undefined,
    services: [],
    config: defaultDiscoveryRules,
    probe: () => undefined,
  }).targets;
}
