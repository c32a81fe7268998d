import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Leak, mostKeptBytes } from '../../deploy/demo/shop/leak.ts';
import { eventually } from '../support/daemon.ts';
import { shopProfile, startShop } from '../support/demo-shop.ts';

const post = (url: string, headers = {}): Promise<Response> =>
  fetch(url, { method: 'POST', headers, redirect: 'manual' });
const patienceMs = 30_000;

test('a CPU profile of the search names what it works on, and one at a time is taken', async (t) => {
  const shop = await startShop(t, 'search', 100);
  const [profile, second] = await Promise.all([
    shopProfile(`${shop}/debug/pprof/profile?seconds=2`),
    // Whichever comes second is told what Go tells it.
    eventually(
      async () => {
        const response = await fetch(`${shop}/debug/pprof/profile?seconds=1`);
        return response.status === 500 && response.text();
      },
      patienceMs,
      'answer that another one is taken',
    ),
  ]);
  assert.equal(second, 'Could not enable CPU profiling: cpu profiling already in use\n');
  assert.deepEqual(profile.types, ['sample/count', 'wall/nanoseconds', 'cpu/nanoseconds']);
  assert.equal(profile.periodType, 'cpu/nanoseconds');
  assert.ok(profile.durationNanos >= 2e9);
  const self = profile.selfOf('cpu/nanoseconds');
  assert.ok((self.get('editDistance') ?? 0) > 0, [...self.keys()].join());
});

test('who goes away while a CPU profile is taken leaves the profiler to the next', async (t) => {
  const shop = await startShop(t, 'search', 10);
  const gone = new AbortController();
  const asked = fetch(`${shop}/debug/pprof/profile?seconds=60`, { signal: gone.signal });
  await eventually(
    async () => (await fetch(`${shop}/debug/pprof/profile?seconds=1`)).status === 500,
    patienceMs,
    'profiler that is taken',
  );
  gone.abort();
  await assert.rejects(asked);
  await eventually(
    async () => (await fetch(`${shop}/debug/pprof/profile?seconds=1`)).ok,
    patienceMs,
    'profiler that is free',
  );
});

test('switched on, rememberCustomer grows in the heap profile; switched off, nothing of it is left', async (t) => {
  const shop = await startShop(t, 'checkout', 300);
  const kept = async (): Promise<number> =>
    (await shopProfile(`${shop}/debug/pprof/heap`)).selfOf('inuse_space/bytes').get('rememberCustomer') ?? 0;
  assert.equal((await shopProfile(`${shop}/debug/pprof/heap`)).periodType, 'space/bytes');
  assert.equal(await kept(), 0);

  const on = await post(`${shop}/leak/on`);
  assert.deepEqual(await on.json(), { on: true, keptBytes: 0, mostKeptBytes });
  const first = await eventually(async () => (await kept()) > 0 && kept(), patienceMs, 'bytes that are kept');
  await eventually(async () => (await kept()) > 3 * first, patienceMs, 'growth');

  await post(`${shop}/leak/off`);
  assert.equal(await kept(), 0);
});

test('a person finds the switch on the first page, and is back there after it', async (t) => {
  const shop = await startShop(t, 'checkout', 10);
  assert.match(await (await fetch(shop)).text(), /does not leak.*rememberCustomer.*192 MiB at most/s);
  const pressed = await post(`${shop}/leak/on`, { accept: 'text/html' });
  assert.deepEqual([pressed.status, pressed.headers.get('location')], [303, '/']);
  assert.match(await (await fetch(shop)).text(), /<strong>leaks<\/strong>/);
});

test('what cannot be answered says why', async (t) => {
  const [checkout, search] = [await startShop(t, 'checkout', 10), await startShop(t, 'search', 10)];
  const asked: readonly [url: string, status: number, text: RegExp][] = [
    [`${checkout}/debug/pprof/goroutine`, 404, /Unknown profile/],
    [`${checkout}/debug/pprof/profile?seconds=0`, 400, /seconds: 0 is not between 1 and 60/],
    [`${checkout}/checkout?basket=7,x`, 400, /basket: "x" is no product/],
    [`${search}/search?q=`, 400, /q: there is no word in it/],
    [`${search}/leak`, 404, /search has no leak; checkout has one/],
    [`${search}/nothing`, 404, /GET \/nothing is nothing here/],
  ];
  for (const [url, status, text] of asked) {
    const response = await fetch(url);
    assert.equal(response.status, status, url);
    assert.match(await response.text(), text);
  }
});

test('a leak stands still at its bound', () => {
  const leak = new Leak(120_000);
  leak.take([1, 2, 3]);
  assert.equal(leak.state.keptBytes, 0);
  leak.switch(true);
  for (let basket = 0; basket < 1000; basket++) leak.take([1, 2, 3]);
  assert.equal(leak.state.keptBytes, 120_000);
});
