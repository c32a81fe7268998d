import assert from 'node:assert/strict';
import { before, type TestContext, test } from 'node:test';
import * as fc from 'fast-check';
import { pprofBytes } from '../support/http-fakes.ts';
import { foreign, namesOf, own } from '../support/isolation-tenants.ts';
import { type World, worldOf } from '../support/isolation-world.ts';

/** Who may change something in one namespace changes nothing in another, and is told nothing of it. */

let world: World;
before(async (t) => {
  world = await worldOf(t as TestContext, [own, foreign]);
});

const authorization = `Bearer writer:${own.namespace}`;
const foreignNames = namesOf(foreign);
type Fields = readonly (readonly [name: string, value: string])[];

async function order(method: 'POST' | 'DELETE', url: string, body?: { payload: Buffer; type: string }) {
  const headers = { authorization, ...(body && { 'content-type': body.type }) };
  const { statusCode, payload } = await world.app.inject({
    method,
    url,
    headers,
    ...(body && { payload: body.payload }),
  });
  const named = foreignNames.filter((name) => payload.includes(name) && !url.includes(name));
  return { status: statusCode, payload, named };
}

function formOf(fields: Fields): { payload: Buffer; type: string } {
  const part = (head: string, content: Uint8Array) =>
    Buffer.concat([
      Buffer.from(`--x\r\nContent-Disposition: form-data; ${head}\r\n\r\n`),
      content,
      Buffer.from('\r\n'),
    ]);
  const parts = fields.map(([name, value]) => part(`name="${name}"`, Buffer.from(value)));
  const file = part('name="profile"; filename="p"', pprofBytes);
  return {
    payload: Buffer.concat([...parts, file, Buffer.from('--x--\r\n')]),
    type: 'multipart/form-data; boundary=x',
  };
}

const upload = (url: Fields, form?: Fields) =>
  order(
    'POST',
    `/api/v1/profiles?${new URLSearchParams(url.map(([name, value]): [string, string] => [name, value])).toString()}`,
    form ? formOf(form) : { payload: Buffer.from(pprofBytes), type: 'application/octet-stream' },
  );

const field = fc.oneof(
  fc.tuple(
    fc.constantFrom('namespace', 'namespace', 'label.namespace', 'Namespace', 'label.Namespace', 'namespace[]'),
    fc.constantFrom(
      own.namespace,
      foreign.namespace,
      '',
      ' ',
      `${own.namespace} `,
      `${own.namespace},${foreign.namespace}`,
    ),
  ),
  fc.tuple(
    fc.constantFrom('workload', 'service_name', 'pod', 'process', 'container', 'label.team'),
    fc.constantFrom(
      own.workloads[0] ?? '',
      foreign.workloads[0] ?? '',
      `../${foreign.namespace}`,
      `x/../../${foreign.namespace}/y`,
    ),
  ),
);
const fields = fc.array(field, { maxLength: 5 });

test('an upload reaches the namespace of its URL alone, whatever its form and its labels say', async () => {
  let stored = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fields,
        fields.map((more) => [['namespace', own.namespace] as const, ...more]),
      ),
      fc.option(fields, { nil: undefined }),
      async (url, form) => {
        const before = world.asked.jobs.length;
        const { status } = await upload(url, form);
        const jobs = world.asked.jobs.slice(before);
        assert.equal(jobs.length, status === 200 ? 1 : 0, String(status));
        for (const { labels, process, source } of jobs) {
          assert.equal(labels['namespace'], own.namespace);
          // What it is counted from, and refused as a duplicate of, is of the same namespace.
          const place = `upload:${own.namespace}/`;
          assert.deepEqual(
            [process.id, process.slot, source].filter((id) => !id.startsWith(place)),
            [],
          );
        }
        stored += jobs.length;
      },
    ),
    { numRuns: 300 },
  );
  assert.ok(stored > 0, 'some are stored');
});

test('without a namespace in the URL an upload needs the right everywhere, also when its form names one', async () => {
  const workload = ['workload', 'apples'] as const;
  const named = ['namespace', own.namespace] as const;
  assert.equal((await upload([workload])).status, 403);
  assert.equal((await upload([workload], [named])).status, 403);
  assert.equal((await upload([workload, ['namespace', foreign.namespace]])).status, 403);
  assert.equal((await upload([workload, named], [['namespace', foreign.namespace]])).status, 400);
  assert.equal((await upload([workload, named, ['label.namespace', foreign.namespace]])).status, 400);
  assert.equal((await upload([workload, named])).status, 200);
});

test('a snap of a pod that is not there names no pod of another namespace', async () => {
  const snap = (namespace: string, pod: string) =>
    order('POST', `/api/v1/snap?namespace=${namespace}&pod=${pod}&profile=heap`);
  for (const pod of foreign.pods) {
    const missing = await snap(own.namespace, pod);
    assert.deepEqual([missing.status, missing.named], [404, []], missing.payload);
    const foreignPod = await snap(foreign.namespace, pod);
    const nowhere = await snap('nowhere', pod);
    assert.deepEqual([foreignPod.status, nowhere.status], [403, 403]);
    assert.equal(foreignPod.payload.replaceAll(foreign.namespace, 'nowhere'), nowhere.payload);
  }
});

test('pausing tells of the pauses of the own namespace alone', async () => {
  const [workload = ''] = own.workloads;
  const pauses = { pauses: [{ namespace: own.namespace, workload }] };
  const paused = await order('POST', `/api/v1/pause?namespace=${own.namespace}`);
  assert.deepEqual([paused.status, JSON.parse(paused.payload)], [200, pauses]);
  const none = await order('DELETE', `/api/v1/pause?namespace=${own.namespace}&workload=nothing`);
  assert.deepEqual([none.status, none.named], [404, []], none.payload);
  assert.match(none.payload, new RegExp(`paused are: ${own.namespace}/${workload};`));
  for (const namespace of [foreign.namespace, 'nowhere', '']) {
    assert.equal((await order('POST', `/api/v1/pause?namespace=${namespace}`)).status, 403);
  }
  assert.equal((await order('POST', '/api/v1/pause')).status, 403);
  assert.equal((await order('POST', '/-/reload')).status, 403);
});
