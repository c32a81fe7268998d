import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFakeApiServer } from '../support/fake-api-server.ts';
import { podsOn, sameLines, until, watchPods } from '../support/kubernetes-harness.ts';
import type { KubeObject } from '../support/kubernetes-object-store.ts';
import { namespaceObject, podObject } from '../support/kubernetes-objects.ts';

test('one watch-list gives all objects and then goes on as the watch', async () => {
  await using server = await startFakeApiServer();
  for (let i = 0; i < 40; i++) server.put(podObject('shop', `pod-${i}`));
  await using pods = await watchPods(server);
  await pods.reflector.synced;
  assert.deepEqual(pods.known(), podsOn(server));
  server.put(podObject('shop', 'later'));
  await until('the later one is known', () => sameLines(pods.known(), podsOn(server)));
  assert.deepEqual(
    server.requests.map(({ verb }) => verb),
    ['watch'],
  );
});

test('a server without watch-list is asked page by page, and not asked for a watch-list again', async () => {
  await using server = await startFakeApiServer();
  server.watchList = 'refused';
  for (let i = 0; i < 25; i++) server.put(podObject('shop', `pod-${i}`));
  await using pods = await watchPods(server, { pageSize: 10 });
  await pods.reflector.synced;
  assert.deepEqual(pods.known(), podsOn(server));
  server.restart();
  await until('it listed again', () => pods.reflector.stats().lists >= 2 && server.openWatches === 1);
  const asked = server.requests.map(({ verb, query }) => `${verb}${query['sendInitialEvents'] ? ' initial' : ''}`);
  assert.equal(asked.filter((verb) => verb === 'watch initial').length, 1);
  assert.deepEqual(asked.slice(0, 5), ['watch initial', 'list', 'list', 'list', 'watch']);
});

test('a server that streams objects but never marks their end is listed page by page', async () => {
  await using server = await startFakeApiServer();
  server.watchList = 'ignored';
  server.put(podObject('shop', 'a'));
  await using pods = await watchPods(server, { syncIdleMs: 100 });
  await pods.reflector.synced;
  assert.deepEqual(pods.known(), podsOn(server));
});

test('a watch-list that ends before all objects came is begun again, not gone on with', async () => {
  await using server = await startFakeApiServer();
  for (const name of ['a', 'b', 'c']) server.put(podObject('shop', name));
  await using pods = await watchPods(server);
  await pods.reflector.synced;
  server.delete('Pod', 'shop', 'b', { silently: true });
  const first = { type: 'ADDED', object: server.store.get('Pod', 'shop', 'c') };
  server.fail({ on: 'watch', fault: { kind: 'status', code: 410, reason: 'Expired' } });
  server.fail({ on: 'watch', fault: { kind: 'text', text: `${JSON.stringify(first)}\n` } });
  server.breakWatches('close');
  await until('the lost deletion is found', () => sameLines(pods.known(), podsOn(server)));
});

test('a continue token that expired makes the list begin again, in one answer', async () => {
  await using server = await startFakeApiServer();
  server.watchList = 'refused';
  for (let i = 0; i < 25; i++) server.put(podObject('shop', `pod-${i}`));
  server.fail({ on: 'continue', fault: { kind: 'status', code: 410, reason: 'Expired' } });
  await using pods = await watchPods(server, { pageSize: 10 });
  await pods.reflector.synced;
  assert.deepEqual(pods.known(), podsOn(server));
  assert.deepEqual(
    server.requests.filter(({ verb }) => verb === 'list').map(({ query }) => query['limit'] ?? 'all'),
    ['10', '10', 'all'],
  );
});

test('a version from the future, on which the server is silent for ever, is dropped by the watchdog', async () => {
  await using server = await startFakeApiServer({ bookmarkMs: 20 });
  server.put(podObject('shop', 'a'));
  await using pods = await watchPods(server, { idleMs: 150 });
  await pods.reflector.synced;
  server.fail({
    on: 'watch',
    fault: { kind: 'text', text: '{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"999999"}}}\n' },
  });
  server.breakWatches('close');
  await until('it asked from the future', () =>
    server.requests.some(({ query }) => query['resourceVersion'] === '999999'),
  );
  server.breakWatches('silence');
  server.put(podObject('shop', 'b'));
  await until('the new pod is known', () => sameLines(pods.known(), podsOn(server)));
});

test('an update that changes nothing that is kept is not told', async () => {
  await using server = await startFakeApiServer();
  server.put(podObject('shop', 'a'));
  await using pods = await watchPods(server);
  await pods.reflector.synced;
  server.put({ ...podObject('shop', 'a'), extra: 'a status heartbeat' });
  server.put(podObject('shop', 'b'));
  await until('the later one is known', () => pods.known().length === 2);
  assert.deepEqual(
    pods.changes.map(({ kind, record }) => `${kind} ${record.name}`),
    ['added a', 'added b'],
  );
});

test('bookmarks move the version on, so that a quiet watch does not fall behind', async () => {
  await using server = await startFakeApiServer({ bookmarkMs: 10 });
  server.put(podObject('shop', 'a'));
  await using pods = await watchPods(server);
  await pods.reflector.synced;
  const before = server.store.version;
  for (let i = 0; i < 5; i++) server.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: `other-${i}` } });
  const events = pods.reflector.stats().events;
  await until('a bookmark came', () => pods.reflector.stats().events > events + 1);
  server.breakWatches('close');
  await until('it watches again', () => server.requests.length >= 2);
  assert.ok(Number(server.requests.at(-1)?.query['resourceVersion']) > before);
});

test('a watch that the server ends again and again is gone on with from where it was, without a new list', async () => {
  await using server = await startFakeApiServer();
  server.put(podObject('shop', 'a'));
  // Each lasts long enough to be no failure, as a second does in a cluster.
  await using pods = await watchPods(server, { healthyMs: 0 });
  await pods.reflector.synced;
  for (let round = 0; round < 20; round++) {
    await until('the watch is open', () => server.openWatches === 1);
    server.breakWatches('close');
    server.put(podObject('shop', `pod-${round}`));
    await until('the change is known', () => sameLines(pods.known(), podsOn(server)));
  }
  assert.deepEqual([pods.reflector.stats().lists, pods.reflector.stats().errors], [1, {}]);
  assert.equal(server.requests.filter(({ query }) => query['sendInitialEvents']).length, 1);
});

test('a server that never sends a bookmark costs a new list after a restart, and nothing else', async () => {
  await using server = await startFakeApiServer({ bookmarkMs: 3_600_000 });
  server.watchList = 'refused';
  server.put(podObject('shop', 'a'));
  await using pods = await watchPods(server);
  await pods.reflector.synced;
  for (let round = 0; round < 5; round++) {
    // What happens elsewhere moves the version of the cluster on, and this watch is not told.
    for (let i = 0; i < 10; i++) server.put(namespaceObject(`elsewhere-${i}`));
    server.restart();
    server.put(podObject('shop', `pod-${round}`));
    await until('the change is known', () => sameLines(pods.known(), podsOn(server)));
  }
});

test('events that come twice, or an old state after a new one, end in what the server has', async () => {
  await using server = await startFakeApiServer();
  server.put(podObject('shop', 'a'));
  const old = server.put(podObject('shop', 'b', { ip: '10.0.0.1' }));
  await using pods = await watchPods(server);
  await pods.reflector.synced;
  const fresh = server.put(podObject('shop', 'b', { ip: '10.0.0.2' }));
  await until('the new address is known', () => sameLines(pods.known(), podsOn(server)));
  const told = pods.changes.length;
  const lines = (...objects: KubeObject[]) =>
    objects.map((object) => `${JSON.stringify({ type: 'MODIFIED', object })}\n`).join('');
  server.fail({ on: 'watch', fault: { kind: 'text', text: lines(fresh, fresh) } });
  server.breakWatches('close');
  await until('they came', () => server.openWatches === 1 && server.requests.length === 3);
  assert.equal(pods.changes.length, told);
  server.fail({ on: 'watch', fault: { kind: 'text', text: lines(old) } });
  server.breakWatches('close');
  await until('the old one came', () => pods.changes.length > told);
  await until('the copy equals the server', () => sameLines(pods.known(), podsOn(server)));
});

test('everything is listed anew now and then', async () => {
  await using server = await startFakeApiServer();
  server.put(podObject('shop', 'a'));
  await using pods = await watchPods(server, { relistMs: 1 });
  await pods.reflector.synced;
  server.delete('Pod', 'shop', 'a', { silently: true });
  server.breakWatches('close');
  await until('the lost deletion is found', () => pods.known().length === 0);
});

test('a handler that throws is counted and nothing else happens', async () => {
  await using server = await startFakeApiServer();
  server.put(podObject('shop', 'a'));
  await using pods = await watchPods(server, {}, () => {
    throw new Error('a fault of the consumer');
  });
  await pods.reflector.synced;
  server.put(podObject('shop', 'b'));
  await until('both are known', () => pods.known().length === 2);
  assert.equal(pods.reflector.stats().handlerErrors, 2);
});

test('an object of 4 MB passes, one above the limit makes the reflector list again', async () => {
  await using server = await startFakeApiServer();
  await using pods = await watchPods(server, { maxObjectBytes: 5 << 20 });
  await pods.reflector.synced;
  server.put({ ...podObject('shop', 'large'), padding: 'x'.repeat(4 << 20) });
  await until('the large one is known', () => pods.known().length === 1);
  server.put({ ...podObject('shop', 'huge'), padding: 'x'.repeat(6 << 20) });
  await until('the huge one was refused', () => (pods.reflector.stats().errors['protocol'] ?? 0) > 0);
  server.delete('Pod', 'shop', 'huge');
  server.put(podObject('shop', 'b'));
  await until('it went on', () => sameLines(pods.known(), podsOn(server)));
});

test('it is started once', async () => {
  await using server = await startFakeApiServer();
  await using pods = await watchPods(server);
  assert.throws(() => pods.reflector.start(), /started twice/);
});

const moments: Record<string, (server: Awaited<ReturnType<typeof startFakeApiServer>>) => void> = {
  'a watch': () => {},
  'a list': (server) => {
    server.watchList = 'refused';
    server.fail({ on: 'list', fault: { kind: 'hang' } });
  },
  'a wait after a failure': (server) => {
    server.fail({ on: 'watch', times: 1e9, fault: { kind: 'status', code: 429, retryAfterSeconds: 3600 } });
  },
  'a request without an answer': (server) => server.fail({ on: 'watch', fault: { kind: 'hang' } }),
};
for (const [moment, prepare] of Object.entries(moments)) {
  test(`stopped in the middle of ${moment}, it asks nothing more and holds no connection`, {
    timeout: 10_000,
  }, async () => {
    await using server = await startFakeApiServer();
    prepare(server);
    {
      await using pods = await watchPods(server, { idleMs: 60_000, syncIdleMs: 60_000 });
      await until('it asked', () => server.requests.length > (moment === 'a list' ? 1 : 0));
      if (moment === 'a wait after a failure')
        await until('it waits', () => pods.reflector.stats().errors['429'] === 1);
      await pods.reflector.stop();
      await pods.reflector.synced;
    }
    const asked = server.requests.length;
    await until('all connections are gone', () => server.openSockets === 0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(server.requests.length, asked);
  });
}

test('a stop right after the start sends no request', async () => {
  await using server = await startFakeApiServer();
  await using pods = await watchPods(server);
  await pods.reflector.stop();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(server.requests.length, 0);
});

test('over HTTPS all requests share one HTTP/2 connection, and a broken one is made anew', async () => {
  await using server = await startFakeApiServer({ tls: true });
  server.put(podObject('shop', 'a'));
  await using pods = await watchPods(server);
  await pods.reflector.synced;
  await Promise.all(Array.from({ length: 20 }, () => pods.client.get('/version')));
  assert.equal(server.openSockets, 1);
  server.breakWatches('reset');
  server.put(podObject('shop', 'b'));
  await until('the new pod is known', () => sameLines(pods.known(), podsOn(server)));
  server.restart();
  server.put(podObject('shop', 'c'));
  await until('the third pod is known', () => sameLines(pods.known(), podsOn(server)));
});
