import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { GrowthEvents, type SeenObjects } from '../../src/app/growth-kubernetes.ts';
import { openKubernetes } from '../../src/kubernetes/client.ts';
import type { ObjectRecord, PodRecord } from '../../src/kubernetes/records.ts';
import { hour, minute } from '../../src/model/units.ts';
import { silentLogger } from '../../src/observe/logger.ts';
import { type FakeApiServer, startFakeApiServer } from '../support/fake-api-server.ts';
import { changeOf, eventOf, likelyEvent, resolvedEvent } from '../support/growth-events.ts';
import { bucketMs, firstBucket, workloadNamed } from '../support/growth-floors.ts';
import { workloadObject } from '../support/kubernetes-objects.ts';

interface WireEvent {
  readonly type: string;
  readonly reason: string;
  readonly note: string;
  readonly regarding: object;
}

/** A cluster with the Deployment `checkout`, as the watch has seen it. */
async function scene(t: TestContext) {
  const api = await startFakeApiServer();
  const client = await openKubernetes({ kubeconfig: api.kubeconfig() });
  t.after(async () => {
    await client.close();
    await api.close();
  });
  const { metadata } = api.put(workloadObject('Deployment', 'shop', 'checkout'));
  const record = { uid: metadata.uid ?? '' } as ObjectRecord;
  const seen: SeenObjects = {
    workload: (kind, _, name) => (kind === 'Deployment' && name === 'checkout' ? record : undefined),
    pod: (_, name) => (name === 'bare' ? ({ uid: 'uid-of-bare' } as PodRecord) : undefined),
  };
  const lines: string[] = [];
  const clock = { ms: firstBucket * bucketMs + minute };
  let refused = 0;
  const events = new GrowthEvents({
    client,
    seen: () => seen,
    rights: { refused: () => void refused++ },
    collectorId: 'collector-1',
    linkOf: ({ id }) => `https://flameherd.example.com/a/${id}`,
    logger: { ...silentLogger, warn: (message) => void lines.push(message) },
    now: () => clock.ms,
  });
  t.after(() => events[Symbol.asyncDispose]());
  return { api, events, lines, clock, uid: record.uid, refused: () => refused };
}

function written(api: FakeApiServer): WireEvent[] {
  return api.store.list('events', 'shop').map((object) => object as unknown as WireEvent);
}

test('each change of a finding is an Event on its workload', async (t) => {
  const { api, events, uid, clock } = await scene(t);
  events.tell([changeOf('opened', eventOf())]);
  await events.settled();
  clock.ms = likelyEvent.likelyMs ?? 0;
  events.tell([changeOf('likely', likelyEvent)]);
  await events.settled();
  // Two signals of one workload in one moment.
  clock.ms = resolvedEvent.resolvedMs ?? 0;
  events.tell([changeOf('resolved', resolvedEvent), changeOf('resolved', eventOf({ ...resolvedEvent, id: 'bb' }))]);
  await events.settled();
  assert.deepEqual(
    written(api).map(({ type, reason }) => `${type} ${reason}`),
    ['Normal GrowthSuspected', 'Warning GrowthLikely', 'Normal GrowthEnded', 'Normal GrowthEnded'],
  );
  const [first] = written(api);
  assert.deepEqual(first?.regarding, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    namespace: 'shop',
    name: 'checkout',
    uid,
  });
  assert.match(
    first?.note ?? '',
    /^The live heap of shop\/checkout \(app\) is growing\. https:\/\/flameherd\.example\.com\/a\/00000000000000aa \+30 MiB\/h/,
  );
});

test('what an outage was caught up on is history, and no Event', async (t) => {
  const { api, events, clock } = await scene(t);
  clock.ms = firstBucket * bucketMs + 2 * hour;
  events.tell([changeOf('opened', eventOf())]);
  await events.settled();
  assert.deepEqual([written(api), events.dropped], [[], 0]);
});

test('a bare pod has Events too; what is no object of the cluster has none', async (t) => {
  const { api, events } = await scene(t);
  events.tell([
    changeOf('opened', eventOf({ workload: workloadNamed({ workload: 'bare', kind: 'Pod' }) })),
    changeOf('opened', eventOf({ workload: workloadNamed({ workload: 'gone' }) })),
    changeOf('opened', eventOf({ workload: workloadNamed({ workload: 'static', kind: '' }) })),
    changeOf('opened', eventOf({ workload: workloadNamed({ workload: 'canary', kind: 'Rollout' }) })),
  ]);
  await events.settled();
  const subjects = written(api).map(({ regarding }) => regarding as { apiVersion: string; kind: string; uid: string });
  assert.deepEqual(
    subjects.map(({ apiVersion, kind, uid }) => [apiVersion, kind, uid]),
    [['v1', 'Pod', 'uid-of-bare']],
  );
  assert.equal(events.dropped, 0);
});

test('without the right to it an Event is dropped, counted and told once, and the rights are looked at', async (t) => {
  const { api, events, lines, refused } = await scene(t);
  api.authorize = ({ plural }) => plural !== 'events';
  events.tell([changeOf('opened', eventOf()), changeOf('likely', likelyEvent)]);
  await events.settled();
  assert.deepEqual([events.dropped, lines.length, refused()], [2, 1, 2]);
  assert.match(lines[0] ?? '', /^no Event could be written about growth: events is forbidden/);
});

test('a storm of findings is no storm on the API server', async (t) => {
  const { api, events } = await scene(t);
  const many = Array.from({ length: 200 }, (_, index) => eventOf({ id: String(index).padStart(16, '0') }));
  events.tell(many.map((event) => changeOf('opened', event)));
  // 20 at once, and those that may be written within the minute; the rest is counted.
  assert.equal(events.dropped, 200 - 20 - 30);
  await events[Symbol.asyncDispose]();
  assert.ok(written(api).length <= 20);
});
