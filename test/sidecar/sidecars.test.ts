import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hour, minute } from '../../src/model/units.ts';
import type { FakeWrite } from '../support/fake-api-writes.ts';
import { type EphemeralState, ended, running, setEphemeral, waiting } from '../support/fake-kubelet.ts';
import { until } from '../support/kubernetes-harness.ts';
import { podObject } from '../support/kubernetes-objects.ts';
import { image, SidecarCluster, startMs } from '../support/sidecar-cluster.ts';

const dryRun = 'patch pods/ephemeralcontainers dryRun';
const patch = 'patch pods/ephemeralcontainers';
const restricted = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  readOnlyRootFilesystem: true,
  runAsGroup: 65_532,
  runAsNonRoot: true,
  runAsUser: 65_532,
  seccompProfile: { type: 'RuntimeDefault' },
};

test('a pod gets one sidecar: asked for by a dry run first, told in the log and as an Event', async () => {
  await using cluster = await SidecarCluster.start();
  const pod = cluster.pod('cart-1');
  const { ask, logged, sidecars } = cluster.collector();
  assert.equal(await ask(pod), 'flameherd-1');
  assert.deepEqual(cluster.entries(pod), [
    {
      name: 'flameherd-1',
      image,
      imagePullPolicy: 'IfNotPresent',
      command: [
        '/flameherd-sidecar',
        'hold',
        '--idle-ttl',
        '3600s',
        '--max-life',
        '604800s',
        '--start-by',
        '2026-11-22T12:10:00Z',
      ],
      env: [
        { name: 'FLAMEHERD_BY', value: 'node-1/c0ffee' },
        { name: 'FLAMEHERD_AT', value: '2026-11-22T12:00:00.000Z' },
      ],
      securityContext: restricted,
    },
  ]);
  assert.equal(await ask(pod), 'flameherd-1');
  assert.deepEqual(cluster.writes(), [dryRun, patch, 'create events']);
  assert.deepEqual(logged, [
    {
      level: 'info',
      message: 'a sidecar was put into a pod',
      fields: {
        audit: 'sidecar-injected',
        namespace: 'shop',
        pod: 'cart-1',
        uid: pod.uid,
        node: 'node-1',
        container: 'flameherd-1',
        image,
        number: 1,
        by: 'node-1/c0ffee',
      },
    },
  ]);
  const [event] = cluster.server.store.list('events', 'shop');
  assert.deepEqual(event?.['regarding'], {
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: 'shop',
    name: 'cart-1',
    uid: pod.uid,
  });
  assert.equal(sidecars.numbers().injections.injected, 1);
});

test('without the right to write Events the Event is dropped, told once, and nothing else', async () => {
  await using cluster = await SidecarCluster.start();
  cluster.server.authorize = ({ plural }) => plural !== 'events';
  const { ask, logged, sidecars } = cluster.collector();
  assert.equal(await ask(cluster.pod('a')), 'flameherd-1');
  assert.equal(await ask(cluster.pod('b')), 'flameherd-1');
  await until('both Events were refused', () => sidecars.numbers().eventsDropped === 2);
  assert.equal(logged.filter(({ level }) => level === 'warn').length, 1);
});

test('a sidecar that runs is used by a collector that was started anew, and by another one', async () => {
  await using cluster = await SidecarCluster.start();
  const pod = cluster.pod('cart-1');
  await cluster.collector().ask(pod);
  const before = cluster.writes().length;
  assert.equal(await cluster.collector({ by: 'node-2/other' }).ask(pod), 'flameherd-1');
  assert.equal(cluster.writes().length, before);
});

test('two collectors that race put one container there, whoever wins', async () => {
  await using cluster = await SidecarCluster.start();
  for (let round = 0; round < 10; round++) {
    const pod = cluster.pod(`cart-${round}`);
    const collectors = [1, 2, 3].map((id) => cluster.collector({ by: `node-${id}` }));
    assert.deepEqual(await Promise.all(collectors.map(({ ask }) => ask(pod))), Array(3).fill('flameherd-1'));
    assert.equal(cluster.entries(pod).length, 1);
  }
});

test('a name that somebody else took meanwhile is a conflict: the pod is read again, a few times at most', async () => {
  await using cluster = await SidecarCluster.start();
  const { ask, sidecars } = cluster.collector();
  const taken = {
    code: 422,
    reason: 'Invalid',
    message: 'existing ephemeral containers "flameherd-1" may not be changed',
  };
  let left = 2;
  cluster.server.admit = (_, { kind }) => (kind === 'Pod' && left-- > 0 ? taken : undefined);
  assert.equal(await ask(cluster.pod('cart-1')), 'flameherd-1');
  assert.equal(sidecars.numbers().injections.conflict, 2);
  cluster.server.admit = () => ({ code: 409, reason: 'Conflict', message: 'the object has been modified' });
  const pod = cluster.pod('busy');
  assert.match(await ask(pod), /^unavailable: the pod changed 6 times/);
  assert.deepEqual(cluster.entries(pod), []);
});

test('one collector that is asked ten times at once puts one container there', async () => {
  await using cluster = await SidecarCluster.start();
  const pod = cluster.pod('cart-1');
  const { ask } = cluster.collector();
  assert.deepEqual(new Set(await Promise.all(Array.from({ length: 10 }, () => ask(pod)))), new Set(['flameherd-1']));
  assert.deepEqual(cluster.writes(), [dryRun, patch, 'create events']);
});

test('one that ended is replaced under a new name, three in all, counted from the pod itself', async () => {
  await using cluster = await SidecarCluster.start();
  const pod = cluster.pod('cart-1');
  const object = podObject('shop', 'cart-1');
  for (const number of [1, 2, 3]) {
    // A new collector each time: nothing is remembered but what stands in the pod.
    const { ask } = cluster.collector();
    assert.equal(await ask(pod), `flameherd-${number}`);
    setEphemeral(cluster.server, object, `flameherd-${number}`, ended());
  }
  const { ask } = cluster.collector();
  assert.match(
    await ask(pod),
    /^exhausted: the pod had 3 sidecars \(flameherd-1 Completed, flameherd-2 Completed, flameherd-3 Completed\)/,
  );
  assert.equal(cluster.entries(pod).length, 3);
});

test('one that was remembered and is lost is looked for again', async () => {
  await using cluster = await SidecarCluster.start();
  const pod = cluster.pod('cart-1');
  const { ask, sidecars } = cluster.collector();
  await ask(pod);
  setEphemeral(cluster.server, podObject('shop', 'cart-1'), 'flameherd-1', ended());
  assert.equal(await ask(pod), 'flameherd-1');
  sidecars.lost(pod.uid);
  assert.equal(await ask(pod), 'flameherd-2');
});

test('pods that can have none are refused before anything is written', async () => {
  await using cluster = await SidecarCluster.start();
  const { ask } = cluster.collector();
  const cases = {
    static: { annotations: { 'kubernetes.io/config.mirror': 'abc' } },
    pending: { status: { phase: 'Pending' } },
    windows: { spec: { os: { name: 'windows' } } },
    unscheduled: { spec: { nodeName: '' } },
  };
  const answers = await Promise.all(
    Object.entries(cases).map(async ([name, changes]) => ask(cluster.pod(name, changes))),
  );
  assert.deepEqual(answers, [
    'unsupported: it is a static pod, which can have no ephemeral container',
    'unsupported: the pod is not running: Pending',
    'unsupported: it is a Windows pod',
    'unsupported: the pod is not running: Running',
  ]);
  assert.equal(await ask({ ...cluster.pod('there'), uid: 'another-uid' }), 'replaced: another pod has its name now');
  assert.match(await ask({ namespace: 'shop', name: 'gone', uid: 'x' }), /^replaced: pod shop\/gone is gone/);
  assert.deepEqual(cluster.writes(), []);
});

test('a pod that is replaced between the look and the write gets nothing', async () => {
  await using cluster = await SidecarCluster.start();
  const pod = cluster.pod('cart-1');
  cluster.server.admit = (_, write) => {
    // What a StatefulSet does: the same name, another pod.
    if (write.dryRun)
      cluster.server.put({
        ...podObject('shop', 'cart-1'),
        metadata: { name: 'cart-1', namespace: 'shop', uid: 'new' },
      });
    return undefined;
  };
  assert.match(await cluster.collector().ask(pod), /^replaced: .*metadata.uid/);
  assert.deepEqual(cluster.entries(pod), []);
});

test('a namespace that has not opted in is not even read', async () => {
  await using cluster = await SidecarCluster.start();
  const pod = cluster.pod('cart-1');
  const { ask } = cluster.collector({ namespaceRefusal: () => 'namespace shop lacks the label' });
  assert.equal(await ask(pod), 'not-allowed: namespace shop lacks the label');
  assert.equal(cluster.server.requests.length, 0);
});

const podSecurity = {
  code: 403,
  reason: 'Forbidden',
  message: 'pods "cart-1" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true\u001b[31m',
};

test('a denial leaves nothing behind, is told, and opens the breaker of the namespace after three pods', async () => {
  await using cluster = await SidecarCluster.start();
  cluster.server.admit = (_, { kind }) => (kind === 'Pod' ? podSecurity : undefined);
  const { ask, logged, sidecars } = cluster.collector({ settings: { denials: 3, retryAfterMs: hour } });
  const [a, b, c, d] = [cluster.pod('a'), cluster.pod('b'), cluster.pod('c'), cluster.pod('d')];
  const told =
    'denied: the cluster does not admit the sidecar in namespace shop: pods "cart-1" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true [31m';
  for (const pod of [a, b, c]) assert.equal(await ask(pod), told);
  // The same pod again asks nothing, and neither does any other of the namespace.
  const again = 'tried again at 2026-11-22T13:00:00.000Z';
  assert.equal(await ask(a), `${told.replace('denied', 'failed')}; ${again}`);
  assert.equal(await ask(d), `${told}; ${again}`);
  assert.deepEqual(cluster.writes(), [dryRun, dryRun, dryRun]);
  assert.deepEqual(
    [a, b, c, d].flatMap((pod) => cluster.entries(pod)),
    [],
  );
  assert.equal(logged.filter(({ level }) => level === 'warn').length, 1);
  assert.deepEqual(
    sidecars.breakers().map(({ scope, key }) => `${scope} ${key}`),
    [...[a, b, c].map(({ uid }) => `pod ${uid}`), 'namespace shop'],
  );
  // A long time later one pod tries; while it fails nobody else does.
  cluster.nowMs += hour;
  assert.match(await ask(d), /^denied: /);
  assert.match(await ask(b), /^denied: .*tried again at 2026-11-22T14/);
  assert.equal(cluster.writes().length, 4);
  cluster.nowMs += hour;
  cluster.server.admit = () => undefined;
  assert.equal(await ask(d), 'flameherd-1');
  assert.deepEqual(await Promise.all([a, b, c].map(ask)), ['flameherd-1', 'flameherd-1', 'flameherd-1']);
  assert.deepEqual(sidecars.breakers(), []);
});

test('policies that deny with other codes, and only the real write, are denials too', async () => {
  await using cluster = await SidecarCluster.start();
  const answers: string[] = [];
  for (const { code, message, when } of [
    { code: 400, message: 'admission webhook "x.example.com" denied the request: no', when: () => true },
    { code: 422, message: `pods "p" is forbidden: ValidatingAdmissionPolicy 'y' denied request: no`, when: () => true },
    { code: 403, message: 'admission webhook "late" denied the request: no', when: (w: FakeWrite) => !w.dryRun },
  ]) {
    cluster.server.admit = (_, write) => (when(write) ? { code, reason: 'Invalid', message } : undefined);
    const pod = cluster.pod(`p-${code}`);
    answers.push(await cluster.collector().ask(pod));
    assert.deepEqual(cluster.entries(pod), []);
  }
  assert.deepEqual(
    answers.map((answer) => answer.split(':')[0]),
    ['denied', 'denied', 'denied'],
  );
});

test('a webhook that is down, a missing right and a server without the feature are no denials', async () => {
  await using cluster = await SidecarCluster.start();
  const pod = cluster.pod('cart-1');
  const { ask, sidecars } = cluster.collector();
  cluster.server.admit = () => ({ code: 500, reason: 'InternalError', message: 'failed calling webhook "x": timeout' });
  assert.match(await ask(pod), /^unavailable: failed calling webhook/);
  cluster.server.admit = () => ({
    code: 404,
    reason: 'NotFound',
    message: 'the server could not find the requested resource',
  });
  assert.match(await ask(pod), /^unsupported: the server could not find/);
  cluster.server.admit = () => ({
    code: 422,
    reason: 'Invalid',
    message: 'Pod "cart-1" is invalid: static pods do not support ephemeral containers',
  });
  assert.match(await ask(pod), /^unsupported: .*static pods/);
  cluster.server.admit = () => undefined;
  cluster.server.authorize = ({ plural }) => plural !== 'pods/ephemeralcontainers';
  assert.match(await ask(pod), /^rights: .*cannot patch resource "pods\/ephemeralcontainers"/);
  assert.deepEqual(sidecars.breakers(), []);
  cluster.server.authorize = () => true;
  assert.equal(await ask(pod), 'flameherd-1');
});

test('an image that does not come is reported once; no pod tries it again until long after', async () => {
  let comes = false;
  await using cluster = await SidecarCluster.start(() => (comes ? running : waiting('ImagePullBackOff')));
  const { ask, logged, sidecars } = cluster.collector({ settings: { retryAfterMs: hour } });
  const pods = Array.from({ length: 20 }, (_, i) => cluster.pod(`cart-${i}`));
  const answers = [];
  for (let round = 0; round < 5; round++) for (const pod of pods) answers.push(await ask(pod));
  assert.ok(
    answers.every((answer) => answer.startsWith(`image: the sidecar's image ${image} does not come: ImagePullBackOff`)),
  );
  assert.equal(pods.flatMap((pod) => cluster.entries(pod)).length, 1);
  assert.equal(logged.filter(({ level }) => level === 'warn').length, 1);
  assert.deepEqual([sidecars.numbers().startFailures, sidecars.breakers().length], [1, 1]);
  // Another registry secret is another fate.
  const other = cluster.pod('secret', { spec: { imagePullSecrets: [{ name: 'pull' }] } });
  comes = true;
  assert.equal(await ask(other), 'flameherd-1');
  assert.equal(sidecars.breakers().length, 1);
  cluster.nowMs += 2 * hour;
  const later = [];
  for (const pod of pods.slice(1)) later.push(await ask(pod));
  assert.deepEqual(later, Array(19).fill('flameherd-1'));
});

/** Twenty pods that want an image nobody has seen; the first one's container has this fate. */
async function twentyPods(outcome: EphemeralState) {
  const said: EphemeralState[] = [waiting('ContainerCreating')];
  await using cluster = await SidecarCluster.start(() => said[0]);
  const pods = Array.from({ length: 20 }, (_, i) => cluster.pod(`cart-${i}`));
  const { ask } = cluster.collector();
  const [first] = pods;
  assert.ok(first);
  const trying = ask(first);
  await until('the first pod carries one', () => cluster.entries(first).length === 1);
  const others = Promise.all(pods.slice(1).map(ask));
  await until('every pod was looked at', () => cluster.server.requests.length >= 22);
  assert.equal(pods.flatMap((pod) => cluster.entries(pod)).length, 1);
  said[0] = outcome;
  setEphemeral(cluster.server, podObject('shop', 'cart-0'), 'flameherd-1', outcome);
  return {
    first: await trying,
    others: new Set(await others),
    entries: pods.flatMap((pod) => cluster.entries(pod)).length,
  };
}

test('an image that never came is tried in one pod, while the others wait; when it comes all go on', async () => {
  assert.deepEqual(await twentyPods(running), {
    first: 'flameherd-1',
    others: new Set(['flameherd-1']),
    entries: 20,
  });
});

test('when it does not come one pod carries what cannot be removed, and the others are told why', async () => {
  const why = `image: the sidecar's image ${image} does not come: ImagePullBackOff`;
  const { first, others, entries } = await twentyPods(waiting('ImagePullBackOff'));
  // Who reads the namespace of another pod need not know of this one.
  assert.deepEqual([first, entries, others.size], [`${why} in pod shop/cart-0`, 1, 1]);
  assert.ok([...others][0]?.startsWith(`${why}; tried again at `));
});

test('an image that comes after all is noticed: the pod that waited for it uses it, and others go on', async () => {
  await using cluster = await SidecarCluster.start((_, { metadata }) =>
    metadata.name === 'late' ? waiting('ErrImageNeverPull') : running,
  );
  const { ask } = cluster.collector();
  const late = cluster.pod('late');
  assert.match(await ask(late), /^image: .*ErrImageNeverPull/);
  setEphemeral(cluster.server, podObject('shop', 'late'), 'flameherd-1', {
    running: { startedAt: new Date(startMs + minute).toISOString() },
  });
  assert.equal(await ask(late), 'flameherd-1');
  assert.equal(await ask(cluster.pod('next')), 'flameherd-1');
});

test('a container that waits is waited for within bounds, and never doubled while it may start', async () => {
  await using cluster = await SidecarCluster.start(() => waiting('ContainerCreating'));
  const pod = cluster.pod('cart-1');
  const { ask } = cluster.collector({ settings: { startTimeoutMs: minute, pollMs: 1000 } });
  assert.equal(
    await ask(pod),
    'starting: flameherd-1 does not run yet, 60 s after it was put there (ContainerCreating)',
  );
  const gets = cluster.server.requests.length;
  assert.match(await ask(pod), /^starting: /);
  assert.equal(cluster.server.requests.length - gets, 2);
  // Past its time it ends at once should it start, so another one may be put there.
  cluster.nowMs = startMs + 10 * minute + 1;
  assert.match(await ask(pod), /^starting: flameherd-2 /);
  assert.equal(cluster.entries(pod).length, 2);
});

test('one that ends at once or cannot be started is told, and its pod left alone for long', async () => {
  const states: Record<string, EphemeralState> = {
    exits: ended(2, 'Error'),
    broken: waiting('CreateContainerConfigError'),
  };
  await using cluster = await SidecarCluster.start((_, { metadata }) => states[metadata.name]);
  const { ask } = cluster.collector({ settings: { retryAfterMs: hour } });
  const exits = cluster.pod('exits');
  assert.equal(await ask(exits), 'failed: flameherd-1 ended at once: Error, exit code 2');
  assert.equal(
    await ask(exits),
    'failed: flameherd-1 ended at once: Error, exit code 2; tried again at 2026-11-22T13:00:00.000Z',
  );
  assert.equal(await ask(cluster.pod('broken')), 'failed: flameherd-1 cannot be started: CreateContainerConfigError');
  assert.equal(cluster.entries(exits).length, 1);
});

test('no more than so many pods a minute get one; the others are held', async () => {
  await using cluster = await SidecarCluster.start();
  const { ask } = cluster.collector({ settings: { injectionsPerMinute: 3 } });
  const pods = Array.from({ length: 5 }, (_, i) => cluster.pod(`cart-${i}`));
  const first: string[] = [];
  for (const pod of pods) first.push(await ask(pod));
  assert.equal(first.filter((answer) => answer === 'flameherd-1').length, 3);
  assert.ok(
    first.filter((answer) => answer.startsWith('held: its turn comes later: 3 sidecars a minute')).length === 2,
  );
  cluster.nowMs += minute + 1;
  assert.deepEqual(await Promise.all(pods.map(ask)), Array(5).fill('flameherd-1'));
});

test('whoever stops waiting is told so; what was begun goes on', async () => {
  await using cluster = await SidecarCluster.start();
  const pod = cluster.pod('cart-1');
  const { sidecars, ask } = cluster.collector();
  const stop = new AbortController();
  const waited = sidecars.ensure(pod, hour, stop.signal);
  stop.abort(new Error('enough'));
  await assert.rejects(waited, /enough/);
  assert.equal(await ask(pod), 'flameherd-1');
  assert.equal(cluster.entries(pod).length, 1);
});
