import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SnapTarget, snapTarget } from '../../src/discovery/snap-target.ts';
import { type ErrorCode, FlameherdError } from '../../src/model/errors.ts';
import type { SnapRequest } from '../../src/model/snap.ts';
import { containerOf, defaultDiscoveryRules, ours, podOf } from '../support/discovery-records.ts';
import { FakeCluster } from '../support/discovery-view.ts';

const containers = [containerOf('app', ['pprof 6060']), containerOf('worker', ['metrics 9090'])];

/** What a snap of the pod `shop/checkout-1` means, with these annotations on it. */
function snapOf(annotations: Readonly<Record<string, string>>, wish: Partial<SnapRequest> = {}): SnapTarget {
  const view = new FakeCluster();
  view.putPod(podOf({ name: 'checkout-1', annotations: ours(annotations), containers, owner: undefined }));
  const request: SnapRequest = {
    namespace: 'shop',
    pod: 'checkout-1',
    profile: 'heap',
    container: undefined,
    port: undefined,
    seconds: undefined,
    anyPod: false,
    ...wish,
  };
  return snapTarget(request, { view, rules: defaultDiscoveryRules, probe: () => undefined });
}

function draw({ target, spec }: SnapTarget): string {
  return `${target.labels['container']} ${spec.endpoint.port}${spec.path} ${spec.seconds ?? 'now'}`;
}

function refused(code: ErrorCode, text: RegExp): (error: unknown) => boolean {
  return (error) =>
    error instanceof FlameherdError && error.code === code && text.test(`${error.message} ${error.hint}`);
}

test('of an opted-in pod any kind may be asked, also one that is not in its profiles', () => {
  assert.equal(draw(snapOf({ scrape: 'true', profiles: 'cpu' })), 'app 6060/debug/pprof/heap now');
  assert.equal(draw(snapOf({ scrape: 'true' }, { profile: 'cpu', seconds: 45 })), 'app 6060/debug/pprof/profile 45');
});

test('it is the same source as the scraped one, so that it shares its turn', () => {
  const { target } = snapOf({ scrape: 'true' });
  assert.equal(target.source, 'uid-checkout-1/containerd://app-1/6060');
});

test('a pod that is not opted in is refused, unless an admin asks', () => {
  assert.throws(() => snapOf({}), refused('forbidden', /flameherd\.dev\/scrape is neither .* role admin/));
  assert.throws(() => snapOf({ scrape: 'no' }), refused('forbidden', /opts out/));
  assert.equal(draw(snapOf({}, { anyPod: true })), 'app 6060/debug/pprof/heap now');
  assert.equal(draw(snapOf({ scrape: 'no' }, { anyPod: true, port: '9090' })), 'worker 9090/debug/pprof/heap now');
});

test('what the configuration forbids is forbidden to an admin, too', () => {
  const view = new FakeCluster();
  view.putPod(podOf({ namespace: 'kube-system', name: 'dns', containers, owner: undefined }));
  const request = { namespace: 'kube-system', pod: 'dns', profile: 'heap', anyPod: true };
  const wish = { ...request, container: undefined, port: undefined, seconds: undefined };
  assert.throws(
    () => snapTarget(wish, { view, rules: defaultDiscoveryRules, probe: () => undefined }),
    refused('forbidden', /kube-system/),
  );
});

test('where several sources match, one is to be named', () => {
  const both = { scrape: 'true', port: 'app:6060,worker:9090' };
  assert.throws(() => snapOf(both), refused('bad_parameter', /several sources match: app:6060, worker:9090/));
  assert.equal(draw(snapOf(both, { container: 'worker' })), 'worker 9090/debug/pprof/heap now');
  assert.equal(draw(snapOf(both, { port: '6060' })), 'app 6060/debug/pprof/heap now');
  assert.throws(
    () => snapOf(both, { container: 'sidecar' }),
    refused('bad_parameter', /there are app:6060, worker:9090/),
  );
});

test('a port is named by its number or by the name that a container declares', () => {
  const both = { scrape: 'true', port: 'app:6060,worker:9090' };
  assert.equal(draw(snapOf(both, { port: 'metrics' })), 'worker 9090/debug/pprof/heap now');
  assert.equal(draw(snapOf({}, { anyPod: true, port: 'metrics' })), 'worker 9090/debug/pprof/heap now');
  assert.throws(() => snapOf({ scrape: 'true' }, { port: 'metrics' }), refused('bad_parameter', /no source has port/));
});

test('an opted-in pod gives no other port than its own to somebody who is no admin', () => {
  assert.throws(
    () => snapOf({ scrape: 'true' }, { port: '9090' }),
    refused('bad_parameter', /no source has port 9090/),
  );
});

test('seconds of a snapshot, and a pod that is not there, are named', () => {
  assert.throws(
    () => snapOf({ scrape: 'true' }, { seconds: 5 }),
    refused('bad_parameter', /a heap profile is of a moment/),
  );
  assert.throws(() => snapOf({}, { pod: 'checkout-2' }), refused('not_found', /no pod checkout-2 in shop/));
});
