import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { startFakeApiServer } from '../support/fake-api-server.ts';
import { namespaceObject, ownedBy, podObject, workloadObject } from '../support/kubernetes-objects.ts';

interface Held {
  readonly heapMb: number;
  readonly timers: number;
  readonly sockets: number;
  readonly targets: number;
}

const annotations = { 'flameherd.dev/scrape': 'true', 'flameherd.dev/profiles': 'heap' };
/** A minute of churn: all of these pods are replaced. */
const podsPerMinute = 1000;

test('a thousand pods replaced in each of ten minutes leave no heap, no timer and no socket behind', async (t) => {
  await using server = await startFakeApiServer();
  server.put(namespaceObject('shop'));
  server.put(podObject('shop', 'stays', { annotations }));
  server.put(workloadObject('Deployment', 'shop', 'web'));
  const ownerReferences = ownedBy(workloadObject('ReplicaSet', 'shop', 'web-5d4f', { uid: 'uid-rs' }));
  const labels = { 'pod-template-hash': '5d4f' };
  const child = fork(new URL('../support/churn-child.ts', import.meta.url), [server.kubeconfig()], {
    execArgv: ['--expose-gc'],
  });
  t.after(() => child.kill('SIGKILL'));
  await once(child, 'message');
  const held: Held[] = [];
  for (let minute = 0; minute < 10; minute++) {
    for (let i = 0; i < podsPerMinute; i++) {
      if (minute > 0) server.delete('Pod', 'shop', `g${minute - 1}-${i}`);
      const ip = `10.${minute}.${i >> 8}.${i & 255}`;
      server.put(podObject('shop', `g${minute}-${i}`, { ip, annotations, labels, ownerReferences }));
    }
    held.push(await ask(child, `g${minute}-`));
  }
  t.diagnostic(held.map(({ heapMb, timers }) => `${heapMb.toFixed(1)} MB, ${timers} timers`).join('; '));
  // What is made once, such as compiled code, has settled by the third.
  const [settled, ...later] = held.slice(2);
  assert.ok(settled);
  for (const { heapMb, timers, sockets, targets } of later) {
    assert.equal(targets, podsPerMinute + 1);
    // The 1000 sources themselves take about 10 MB: a leak of them all would be seen after one minute.
    assert.ok(heapMb < settled.heapMb + 2, `${heapMb.toFixed(1)} MB after ${settled.heapMb.toFixed(1)}`);
    assert.ok(timers <= podsPerMinute + 50, `${timers} timers`);
    assert.ok(sockets <= settled.sockets, `${sockets} sockets after ${settled.sockets}`);
  }
  const ended = once(child, 'exit');
  child.send('end');
  assert.deepEqual(await ended, [0, null]);
});

async function ask(child: ChildProcess, generation: string): Promise<Held> {
  const failed = new AbortController();
  const { signal } = failed;
  child.send(generation);
  try {
    const exited = once(child, 'exit', { signal }).then(([code]) => assert.fail(`the child ended with ${code}`));
    return await Promise.race([once(child, 'message', { signal }).then(([message]) => message as Held), exited]);
  } finally {
    failed.abort();
  }
}
