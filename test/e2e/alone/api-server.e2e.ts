import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../support/daemon.ts';
import { isUp, startCollector } from '../../support/e2e-collector.ts';
import { hook, withoutHooks } from '../../support/e2e-hooks.ts';
import { pod } from '../../support/e2e-pods.ts';
import { kubectlApply, temporaryNamespace } from '../../support/kubectl.ts';

const annotations = { 'flameherd.dev/scrape': 'true', 'flameherd.dev/port': '6060', 'flameherd.dev/profiles': 'heap' };

test('an API server that is killed and started again costs no direct scrape, and port-forward goes on', {
  skip: withoutHooks,
}, async (t) => {
  const namespace = await temporaryNamespace(t, 'restart');
  const shape = (name: string, address: string) =>
    pod({ namespace, name, annotations, containers: [{ args: [`-addr=${address}`, '-cpu=0.01'] }] });
  await kubectlApply(shape('near', ':6060'), shape('local', '127.0.0.1:6060'));
  const collector = await startCollector(t, { namespaces: [namespace] });
  const up = (name: string) => collector.targetThat({ namespace, pod: name }, isUp, 'that is up', 60_000);
  assert.equal((await up('near')).transport, 'direct');
  assert.equal((await up('local')).transport, 'port-forward');
  const stampsOf = async (name: string): Promise<readonly number[]> =>
    (await collector.profiles(`heap{namespace="${namespace}",pod="${name}"}`)).map(({ timeMs }) => timeMs);

  const opened = () => collector.metric('flameherd_transport_streams_opened_total');
  const openedBefore = await opened();
  const killedMs = Date.now();
  await hook('restart-apiserver');
  const backMs = Date.now();
  await eventually(
    async () => (await stampsOf('local')).some((ms) => ms > backMs) && (await opened()) > openedBefore,
    60_000,
    'profile over a new stream',
  );
  await kubectlApply(shape('later', ':6060'));
  await up('later');
  await eventually(async () => (await collector.problems()).length === 0, 60_000, 'status without problems');

  // From before it was killed until the watch was back.
  const near = await eventually(
    async () => {
      const stamps = await stampsOf('near');
      return (stamps.at(-1) ?? 0) > backMs && stamps;
    },
    15_000,
    'direct profile of afterwards',
  );
  const gaps = near.slice(1).map((ms, index) => ms - (near[index] ?? 0));
  assert.ok((near[0] ?? Infinity) < killedMs);
  assert.ok(
    gaps.every((gap) => gap < 15_000),
    gaps.join(', '),
  );
  const failures = await collector.metric('flameherd_scrape_failures_total', { namespace, workload: 'near' });
  assert.equal(failures, 0);
});
