import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openKubernetes } from '../../src/kubernetes/client.ts';
import { Election, type ElectionState, type ElectionTiming } from '../../src/kubernetes/election.ts';
import { LeaseWatch } from '../../src/kubernetes/lease-watch.ts';
import { type FakeApiServer, startFakeApiServer } from '../support/fake-api-server.ts';
import { until } from '../support/kubernetes-harness.ts';

/** A Lease says whole seconds, so a second is the shortest that can run out. */
const quick: ElectionTiming = { durationMs: 1000, renewMs: 100, retryMs: 50 };

async function server(t: TestContext): Promise<FakeApiServer> {
  const api = await startFakeApiServer();
  t.after(() => api.close());
  return api;
}

/** A collector that takes part; its clock may be wrong. */
async function collector(
  t: TestContext,
  api: FakeApiServer,
  identity: string,
  { timing = quick, now = Date.now }: { timing?: ElectionTiming; now?: () => number } = {},
) {
  const client = await openKubernetes({ kubeconfig: api.kubeconfig() });
  const states: ElectionState[] = [];
  const election = new Election({
    client,
    namespace: 'flameherd',
    name: 'flameherd',
    identity,
    timing,
    now,
    onChange: (state) => states.push(state),
  });
  election.start();
  /** As kill -9: it is heard of no more, and gives nothing back. */
  const kill = () => client.close();
  t.after(async () => {
    await election[Symbol.asyncDispose]();
    await client.close();
  });
  return { election, states, kill };
}

async function watcherOf(api: FakeApiServer) {
  const client = await openKubernetes({ kubeconfig: api.kubeconfig() });
  return { get: (path: string) => client.get(path), [Symbol.asyncDispose]: () => client.close() };
}

const lease = (api: FakeApiServer) => api.store.get('Lease', 'flameherd', 'flameherd');
const leaseSpec = (api: FakeApiServer) =>
  (lease(api)?.['spec'] ?? {}) as { holderIdentity?: string; leaseTransitions?: number };
const holder = (api: FakeApiServer) => leaseSpec(api).holderIdentity;
const isBehind = ({ state }: Election, who: string | undefined) => state.kind === 'waiting' && state.holder === who;
const holding = ({ election }: { election: Election }) => election.state.kind === 'holding';

test('of ten collectors that start at once exactly one holds the Lease, and the others know who', async (t) => {
  const api = await server(t);
  const all = await Promise.all(Array.from({ length: 10 }, (_, index) => collector(t, api, `c-${index}`)));
  await until('everyone knows', () => all.every(({ election }) => election.state.kind !== 'unknown'));
  await until('nine wait', () => all.filter(({ election }) => election.state.kind === 'waiting').length === 9);
  const winners = all.filter(holding);
  assert.equal(winners.length, 1);
  for (const { election } of all) {
    if (election.state.kind === 'waiting') assert.equal(election.state.holder, holder(api));
  }
});

test('a holder that is killed is followed once its Lease has run out', async (t) => {
  const api = await server(t);
  const first = await collector(t, api, 'first');
  await until('the first holds it', () => holding(first));
  const second = await collector(t, api, 'second');
  await until('the second waits', () => second.election.state.kind === 'waiting');
  await first.kill();
  await until('the second holds it', () => holding(second));
  assert.equal(holder(api), 'second');
  assert.equal(leaseSpec(api).leaseTransitions, 1);
});

test('a holder that ends gives the Lease back, and the next one takes it without waiting', async (t) => {
  const api = await server(t);
  const long = { ...quick, durationMs: 3_600_000 };
  const first = await collector(t, api, 'first', { timing: long });
  await until('the first holds it', () => holding(first));
  const second = await collector(t, api, 'second', { timing: long });
  await until('the second waits', () => second.election.state.kind === 'waiting');
  await first.election[Symbol.asyncDispose]();
  await until('the second holds it', () => holding(second));
});

test('when all are killed and start again, exactly one of the new ones holds the Lease', async (t) => {
  const api = await server(t);
  const before = await Promise.all(['a-1', 'b-1', 'c-1'].map((identity) => collector(t, api, identity)));
  await until('one holds it', () => before.some(holding));
  for (const each of before) await each.kill();
  const after = await Promise.all(['a-2', 'b-2', 'c-2'].map((identity) => collector(t, api, identity)));
  await until('one of the new ones holds it', () => after.some(holding));
  await until('the others know it', () => after.filter(({ election }) => isBehind(election, holder(api))).length === 2);
  assert.equal(after.filter(holding).length, 1);
  assert.match(holder(api) ?? '', /-2$/);
});

test('one that comes later waits, and one of several that waited follows a holder that ends', async (t) => {
  const api = await server(t);
  const first = await collector(t, api, 'first');
  await until('the first holds it', () => holding(first));
  const later = await Promise.all(['x', 'y', 'z'].map((identity) => collector(t, api, identity)));
  await until('all wait', () => later.every(({ election }) => isBehind(election, 'first')));
  await first.election[Symbol.asyncDispose]();
  await until('one follows', () => later.some(holding));
  await until('two wait for it', () => later.filter(({ election }) => isBehind(election, holder(api))).length === 2);
});

test('clocks that are hours apart make no live Lease free', async (t) => {
  const api = await server(t);
  const late = await collector(t, api, 'late', { now: () => Date.now() - 7_200_000 });
  await until('the late one holds it', () => holding(late));
  const version = lease(api)?.metadata.resourceVersion;
  const early = await collector(t, api, 'early', { now: () => Date.now() + 7_200_000 });
  await until('it is renewed many times', () => Number(lease(api)?.metadata.resourceVersion) > Number(version) + 15);
  assert.equal(early.election.state.kind, 'waiting');
  assert.ok(holding(late));
});

test('without the API server the holder goes on, and stands back once another one has the Lease', async (t) => {
  const api = await server(t);
  const first = await collector(t, api, 'first');
  await until('the first holds it', () => holding(first));
  await api.down();
  await until('it says why it cannot renew', () => first.election.state.problem !== '');
  assert.ok(holding(first));
  const held = lease(api);
  assert.ok(held);
  const spec = { holderIdentity: 'second', leaseDurationSeconds: 3600, leaseTransitions: 1 };
  api.put({ ...held, spec });
  await api.listen();
  await until('the first waits', () => first.election.state.kind === 'waiting');
  assert.equal(holder(api), 'second');
});

test('a Lease that somebody deletes is made again', async (t) => {
  const api = await server(t);
  const only = await collector(t, api, 'only');
  await until('it is held', () => holding(only));
  api.delete('Lease', 'flameherd', 'flameherd');
  await until('it is there again', () => holder(api) === 'only');
  assert.ok(holding(only));
});

test('without the right nobody is elected, and the message says which right', async (t) => {
  const api = await server(t);
  api.authorize = ({ plural }) => plural !== 'leases';
  const only = await collector(t, api, 'only');
  await until('it was refused', () => only.election.state.problem.includes('leases is forbidden'));
  assert.equal(only.election.state.kind, 'unknown');
  api.authorize = () => true;
  await until('it is held once the right is there', () => holding(only));
});

test('after its end an election asks nothing more', async (t) => {
  const api = await server(t);
  const only = await collector(t, api, 'only');
  await until('it is held', () => holding(only));
  await only.election[Symbol.asyncDispose]();
  const asked = api.requests.length;
  await using client = await watcherOf(api);
  for (let round = 0; round < 50; round++) await client.get('/api/v1/pods');
  assert.equal(api.requests.length, asked + 50);
  assert.equal(holder(api), '');
});

test('from outside, a live Lease in any namespace is seen, and one that was left behind is not', async (t) => {
  const api = await server(t);
  const client = await openKubernetes({ kubeconfig: api.kubeconfig() });
  const watch = new LeaseWatch({ client, everyMs: 20 });
  t.after(async () => {
    await watch[Symbol.asyncDispose]();
    await client.close();
  });
  watch.start();
  await until('it has looked', () => watch.wasRead);
  const live = () => watch.live?.holder ?? 'nobody';
  assert.equal(live(), 'nobody');
  const inside = await collector(t, api, 'flameherd-0');
  await until('it is seen', () => watch.live !== undefined);
  assert.equal(live(), 'flameherd-0');
  await inside.kill();
  await until('it has run out', () => watch.live === undefined);
});

test('from outside, Leases that may no longer be read keep nobody waiting', async (t) => {
  const api = await server(t);
  const client = await openKubernetes({ kubeconfig: api.kubeconfig() });
  const changes: string[] = [];
  const watch = new LeaseWatch({ client, everyMs: 20, onChange: (live) => changes.push(live?.holder ?? 'nobody') });
  t.after(async () => {
    await watch[Symbol.asyncDispose]();
    await client.close();
  });
  await collector(t, api, 'flameherd-0');
  watch.start();
  await until('it is seen', () => watch.live !== undefined);
  api.authorize = ({ plural }) => plural !== 'leases';
  await until('it is no longer counted on', () => watch.live === undefined);
  assert.match(watch.problem ?? '', /^Leases cannot be read: /);
  assert.equal(changes.at(-1), 'nobody');
  api.authorize = () => true;
  await until('it is seen again', () => watch.live?.holder === 'flameherd-0');
});

test('what stands in a Lease as its holder is bounded, and harmless to show', async (t) => {
  const api = await server(t);
  api.put({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { namespace: 'flameherd', name: 'flameherd', labels: { 'app.kubernetes.io/name': 'flameherd' } },
    spec: { holderIdentity: `a\u001B[2J\n${'x'.repeat(10_000)}`, leaseDurationSeconds: 3600, leaseTransitions: 1 },
  });
  const { election } = await collector(t, api, 'flameherd-1');
  await until('it waits', () => election.state.kind === 'waiting');
  assert.ok(election.state.kind === 'waiting' && /^a \[2J x{100,300}$/.test(election.state.holder));
});
