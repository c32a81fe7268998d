import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isUp, startCollector } from '../../support/e2e-collector.ts';
import { hook, withoutHooks } from '../../support/e2e-hooks.ts';
import { pod } from '../../support/e2e-pods.ts';
import { kubectl, kubectlApply, kubectlGet, temporaryNamespace } from '../../support/kubectl.ts';

test('an address that a later pod has brings nothing to the series of the pod before', {
  skip: withoutHooks,
}, async (t) => {
  const namespace = await temporaryNamespace(t, 'address');
  const annotations = {
    'flameherd.dev/scrape': 'true',
    'flameherd.dev/port': '6060',
    'flameherd.dev/profiles': 'heap',
  };
  const collector = await startCollector(t, { namespaces: [namespace] });
  const scraped = async (name: string) => {
    await kubectlApply(pod({ namespace, name, annotations, containers: [{ args: ['-addr=:6060', '-cpu=0.01'] }] }));
    await collector.targetThat({ namespace, pod: name }, isUp, 'that is up');
    return (await kubectlGet<{ status: { podIP: string } }>('-n', namespace, 'pod', name)).status.podIP;
  };
  const profilesOf = (name: string) => collector.profiles(`heap{namespace="${namespace}",pod="${name}"}`);

  const address = await scraped('earlier');
  await kubectl('-n', namespace, 'delete', 'pod', 'earlier', '--wait=true');
  const before = await profilesOf('earlier');
  await hook('next-address', address);
  assert.equal(await scraped('later'), address, 'the hook did not bring the address back');
  const after = await profilesOf('earlier');
  const [last, [first]] = [after.at(-1), await profilesOf('later')];
  assert.deepEqual(after, before);
  assert.ok(last && first && last.timeMs < first.timeMs && last.process !== first.process);
});
