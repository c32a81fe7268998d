import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minute } from '../../src/model/units.ts';
import { ended, running, waiting } from '../support/fake-kubelet.ts';
import { image, SidecarCluster, startMs } from '../support/sidecar-cluster.ts';

test('an image that runs in none of three pods is left alone in all others, and told once; one that ran somewhere is not', async () => {
  for (const [ran, entries] of [
    [false, 3],
    [true, 5],
  ] as const) {
    await using cluster = await SidecarCluster.start((_, { metadata }) =>
      metadata.name === 'pod-3' && ran ? running : ended(128, 'StartError'),
    );
    const { ask, logged } = cluster.collector();
    const pods = ['pod-1', 'pod-2', 'pod-3', 'pod-4', 'pod-5'].map((name) => cluster.pod(name));
    const told: string[] = [];
    for (const pod of pods) told.push(await ask(pod));
    assert.equal(pods.flatMap((pod) => cluster.entries(pod)).length, entries);
    const why = `image: the sidecar's image ${image} runs in no pod: flameherd-1 ended at once: StartError, exit code 128`;
    assert.equal(told.filter((each) => each.startsWith(why)).length, ran ? 0 : 2);
    assert.equal(logged.filter(({ message }) => message.startsWith('no more sidecars are tried')).length, ran ? 0 : 1);
  }
});

test('one that was put there by a clock ahead of ours is waited for no longer than any other', async () => {
  await using cluster = await SidecarCluster.start(() => waiting('ContainerCreating'));
  const { ask } = cluster.collector({ settings: { startTimeoutMs: minute, pollMs: 1000 } });
  const atText = new Date(startMs + 10 * minute).toISOString();
  const container = { name: 'flameherd-1', image, env: [{ name: 'FLAMEHERD_AT', value: atText }] };
  const state = { name: 'flameherd-1', state: waiting('ContainerCreating') };
  const pod = cluster.pod('cart-1', {
    spec: { ephemeralContainers: [container] },
    status: { ephemeralContainerStatuses: [state] },
  });
  assert.match(await ask(pod), /^starting: flameherd-1 does not run yet, 60 s/);
  assert.equal(cluster.nowMs, startMs + minute);
});
