import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlameherdError } from '../../src/model/errors.ts';
import { injected, pprofBytes } from '../support/http-fakes.ts';

const url = '/api/v1/snap?namespace=shop&pod=checkout-1';

test('a snap gives the profile as it came, its id, and by which way', async (t) => {
  const { app, asked } = await injected(t);
  const reply = await app.inject({ method: 'POST', url: `${url}&profile=heap&container=app&port=pprof` });
  assert.equal(reply.statusCode, 200);
  assert.deepEqual(new Uint8Array(reply.rawPayload), pprofBytes);
  assert.equal(reply.headers['content-type'], 'application/octet-stream');
  assert.equal(reply.headers['x-flameherd-profile'], 'p-1');
  assert.equal(reply.headers['x-flameherd-transport'], "direct (the pod's own address)");
  assert.equal(reply.headers['content-disposition'], 'attachment; filename="checkout-1-heap.pb.gz"');
  assert.deepEqual(asked.snaps, [
    {
      namespace: 'shop',
      pod: 'checkout-1',
      profile: 'heap',
      seconds: undefined,
      container: 'app',
      port: 'pprof',
      anyPod: false,
    },
  ]);
});

test('without a kind it is a CPU profile; nobody is an admin who has not proved it', async (t) => {
  const { app, asked } = await injected(t);
  await app.inject({ method: 'POST', url: `${url}&seconds=30` });
  assert.equal(asked.snaps[0]?.profile, 'cpu');
  assert.equal(asked.snaps[0]?.seconds, 30);
  assert.equal(asked.snaps[0]?.anyPod, false);
});

for (const [query, named] of [
  ['namespace=shop', 'pod'],
  ['pod=checkout-1', 'namespace'],
  ['namespace=shop&pod=p&seconds=0', 'seconds'],
  ['namespace=shop&pod=p&profile=../heap', 'profile'],
  ['namespace=shop&pod=p&colour=red', 'colour'],
] as const) {
  test(`what is missing or wrong is named: ${query}`, async (t) => {
    const { app, asked } = await injected(t);
    const reply = await app.inject({ method: 'POST', url: `/api/v1/snap?${query}` });
    assert.equal(reply.statusCode, 400);
    assert.match(reply.json<{ detail: string }>().detail, new RegExp(`\\b${named}\\b`));
    assert.deepEqual(asked.snaps, []);
  });
}

test('a process that does not answer with a profile is 502, with what it said', async (t) => {
  const snap = () => Promise.reject(new FlameherdError('scrape_failed', '404 on /debug/pprof/heap'));
  const { app } = await injected(t, { snap });
  const reply = await app.inject({ method: 'POST', url });
  assert.equal(reply.statusCode, 502);
  assert.equal(reply.json<{ detail: string }>().detail, '404 on /debug/pprof/heap');
});

test('a GET snaps nothing', async (t) => {
  const { app, asked } = await injected(t);
  assert.equal((await app.inject({ method: 'GET', url })).statusCode, 404);
  assert.deepEqual(asked.snaps, []);
});
