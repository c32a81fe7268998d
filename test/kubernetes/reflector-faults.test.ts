import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FakeApiServer, startFakeApiServer } from '../support/fake-api-server.ts';
import { podsOn, sameLines, until, type WatchedPods, watchPods } from '../support/kubernetes-harness.ts';
import { podObject } from '../support/kubernetes-objects.ts';

/** Each fault, and what it must not keep the copy from: to equal the server's objects in the end. */
const faults: Record<string, (server: FakeApiServer, pods: WatchedPods) => Promise<void> | void> = {
  'a connection that is reset in the middle of a watch': (server) => server.breakWatches('reset'),
  'a watch that ends cleanly': (server) => server.breakWatches('close'),
  'a watch that falls silent': (server) => server.breakWatches('silence'),
  'half a line and then the end': (server) => server.breakWatches('half-line'),
  'a line of garbage': (server) => server.breakWatches('garbage'),
  'a 410 inside a watch': (server) => server.breakWatches({ code: 410, reason: 'Expired' }),
  'a 500 inside a watch': (server) => server.breakWatches({ code: 500, reason: 'InternalError' }),
  'a 410 as the answer to a watch': (server) => {
    server.fail({ on: 'watch', fault: { kind: 'status', code: 410, reason: 'Expired' } });
    server.breakWatches('close');
  },
  'a server that restarts and has forgotten our version': (server) => server.restart(),
  'a server that is down for a while': async (server) => {
    await server.down();
    server.delete('Pod', 'shop', 'a');
    server.store.compact();
    await server.listen();
  },
  'a version that is too large for the server': (server) => {
    const causes = [{ reason: 'ResourceVersionTooLarge' }];
    server.fail({ on: 'watch', times: 2, fault: { kind: 'status', code: 504, reason: 'Timeout', causes } });
    server.breakWatches('reset');
  },
  'a 429 with Retry-After': (server) => {
    server.fail({
      on: 'watch',
      fault: { kind: 'status', code: 429, reason: 'TooManyRequests', retryAfterSeconds: 0.05 },
    });
    server.breakWatches('close');
  },
  'six 500s in a row': (server) => {
    server.fail({ on: 'watch', times: 6, fault: { kind: 'status', code: 500 } });
    server.breakWatches('reset');
  },
  'requests that are never answered': (server) => {
    server.fail({ on: 'watch', fault: { kind: 'hang' } });
    server.breakWatches('close');
  },
  'an answer that is no watch at all': (server) => {
    server.fail({ on: 'watch', fault: { kind: 'text', text: '<html>login</html>' } });
    server.breakWatches('close');
  },
  'an event of an unknown type': (server) => {
    server.fail({ on: 'watch', fault: { kind: 'text', text: '{"type":"SURPRISE","object":{}}\n{"type":"ADDED"}\n' } });
    server.breakWatches('close');
  },
  'a deletion that no watch told': (server) => {
    server.delete('Pod', 'shop', 'b', { silently: true });
    server.restart();
  },
  'the same name with a new UID, unseen': (server) => {
    server.store.compact();
    server.put(podObject('shop', 'a', { uid: 'another', ip: '10.9.9.9' }));
    server.restart();
  },
};

for (const watchList of ['served', 'refused'] as const) {
  for (const [name, strike] of Object.entries(faults)) {
    test(`the copy equals the server again after ${name} (watch-list ${watchList})`, async () => {
      await using server = await startFakeApiServer();
      server.watchList = watchList;
      for (const pod of ['a', 'b', 'c']) server.put(podObject('shop', pod));
      await using pods = await watchPods(server, { idleMs: 300, syncIdleMs: 300 });
      await pods.reflector.synced;
      assert.deepEqual(pods.known(), podsOn(server));
      await until('the watch is open', () => server.openWatches === 1);

      await strike(server, pods);
      server.put(podObject('shop', 'd'));
      server.delete('Pod', 'shop', 'c');
      server.put(podObject('shop', 'b', { ip: '10.2.2.2' }));

      await until(`the copy equals the server: ${JSON.stringify(pods.reflector.stats())}`, () =>
        sameLines(pods.known(), podsOn(server)),
      );
      await until('the problem is gone', () => pods.reflector.problem() === undefined);
    });
  }
}

test('a new UID under an old name is told as a removal and an addition, never as a change', async () => {
  await using server = await startFakeApiServer();
  server.put(podObject('shop', 'db-0', { uid: 'first' }));
  await using pods = await watchPods(server);
  await pods.reflector.synced;
  const before = pods.changes.length;
  server.restart();
  server.put(podObject('shop', 'db-0', { uid: 'second' }));
  await until('the new one is known', () => pods.reflector.records.byUid('second') !== undefined);
  const told = pods.changes.slice(before).map(({ kind, record }) => `${kind} ${record.uid}`);
  assert.deepEqual(told, ['removed first', 'added second']);
});

test('while lists fail, the last known objects stand, and the problem says how many', async () => {
  await using server = await startFakeApiServer();
  server.put(podObject('shop', 'a'));
  await using pods = await watchPods(server);
  await pods.reflector.synced;
  server.fail({ on: 'watch', times: 1e9, fault: { kind: 'status', code: 500 } });
  server.fail({ on: 'list', times: 1e9, fault: { kind: 'status', code: 500 } });
  server.restart();
  await until('it failed ten times', () => (pods.reflector.stats().errors['500'] ?? 0) >= 10);
  assert.equal(pods.known().length, 1);
  assert.match(pods.reflector.problem()?.what ?? '', /^pods cannot be watched since 20.*the 1 last known stay in use$/);
  assert.equal(pods.changes.filter(({ kind }) => kind === 'removed').length, 0);
});

test('without the right the problem prints the missing rule, and the copy recovers when the right returns', async () => {
  await using server = await startFakeApiServer();
  server.put(podObject('shop', 'a'));
  server.authorize = () => false;
  await using pods = await watchPods(server);
  await pods.reflector.settled;
  await until('the problem is known', () => pods.reflector.problem() !== undefined);
  assert.equal(
    pods.reflector.problem()?.hint,
    `add this rule to the ClusterRole of flameherd's ServiceAccount:
- apiGroups: [""]
  resources: ["pods"]
  verbs: ["list", "watch"]`,
  );
  server.authorize = () => true;
  await pods.reflector.synced;
  assert.deepEqual(pods.known(), podsOn(server));
  assert.equal(pods.reflector.problem(), undefined);
});

test('a right that is taken away and given back costs nothing that was known', async () => {
  await using server = await startFakeApiServer();
  server.put(podObject('shop', 'a'));
  await using pods = await watchPods(server);
  await pods.reflector.synced;
  server.authorize = () => false;
  server.breakWatches('close');
  await until('it was refused', () => (pods.reflector.stats().errors['403'] ?? 0) > 0);
  assert.equal(pods.known().length, 1);
  server.put(podObject('shop', 'b'));
  server.authorize = () => true;
  await until('the new pod is known', () => sameLines(pods.known(), podsOn(server)));
});

test('a rotated token is read again, also when its file is missing for a while', async () => {
  await using server = await startFakeApiServer();
  server.requireToken('token-1');
  server.put(podObject('shop', 'a'));
  await using pods = await watchPods(server);
  await pods.reflector.synced;
  server.requireToken('token-2');
  server.removeTokenFile();
  server.restart();
  await until('the old token was refused', () => (pods.reflector.stats().errors['401'] ?? 0) > 0);
  server.put(podObject('shop', 'b'));
  server.writeToken('token-2');
  await until('the new token works', () => sameLines(pods.known(), podsOn(server)));
});

test('a Retry-After is waited for', async () => {
  await using server = await startFakeApiServer();
  await using pods = await watchPods(server);
  await pods.reflector.synced;
  server.fail({ on: 'watch', fault: { kind: 'status', code: 429, retryAfterSeconds: 3600 } });
  server.breakWatches('close');
  await until('it was asked to wait', () => pods.reflector.stats().errors['429'] === 1);
  const asked = server.requests.length;
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(server.requests.length, asked);
});
