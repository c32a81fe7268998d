import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Authenticator } from '../../src/auth/caller.ts';
import { addressKey, CallerLimits, defaultCallerBounds } from '../../src/http/rate-limits.ts';
import { FlameherdError } from '../../src/model/errors.ts';
import { Rates } from '../../src/model/rates.ts';
import { fakeOptions, gate, injected, jsonAnswer, started } from '../support/http-fakes.ts';

const { limits } = fakeOptions();
const bounded = (callers: Partial<typeof defaultCallerBounds>) => ({
  limits: { ...limits, callers: { ...defaultCallerBounds, ...callers } },
});

/** Whoever says `good-NAME` is NAME. */
const byName: Authenticator = {
  identify: async ({ token }) => {
    const name = /^good-(.+)$/.exec(token ?? '')?.[1];
    if (name === undefined) throw new FlameherdError('unauthorized', 'the token is not known');
    return { name, isProven: true, may: async () => true, scopeOf: async () => 'all' };
  },
};
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** The first answer that is a refusal; on a slow machine the bucket fills a little meanwhile. */
async function refusal<Reply extends { readonly statusCode: number }>(ask: () => Promise<Reply>): Promise<Reply> {
  for (let asked = 0; asked < 1000; asked++) {
    const reply = await ask();
    if (reply.statusCode === 429) return reply;
  }
  return assert.fail('nothing was refused');
}

test('a bucket gives its burst at once, then as many as flow into it', () => {
  let nowMs = 0;
  const rates = new Rates({ perSecond: 10, burst: 3, nowMs: () => nowMs });
  assert.deepEqual(
    [1, 2, 3].map(() => rates.take('a')),
    [0, 0, 0],
  );
  assert.equal(rates.take('a'), 100);
  assert.equal(rates.take('b'), 0, 'another caller has a bucket of its own');
  nowMs = 99;
  assert.ok(rates.take('a') > 0);
  nowMs = 100;
  assert.equal(rates.waitMs('a'), 0);
  assert.equal(rates.take('a'), 0);
  nowMs = 1e9;
  assert.deepEqual(
    [1, 2, 3, 4].map(() => rates.take('a') > 0),
    [false, false, false, true],
    'no more than the burst',
  );
});

test('a clock that is set back gives nothing, and takes nothing away', () => {
  let nowMs = 1e9;
  const rates = new Rates({ perSecond: 10, burst: 2, nowMs: () => nowMs });
  assert.deepEqual([rates.take('a'), rates.take('a'), rates.take('a')], [0, 0, 100]);
  nowMs = 0;
  assert.equal(rates.take('a'), 100);
  nowMs = 100;
  assert.equal(rates.take('a'), 0);
});

test('so many callers are remembered, however many come', () => {
  const rates = new Rates({ perSecond: 1, burst: 1, nowMs: () => 0, bound: 100 });
  for (let caller = 0; caller < 10_000; caller++) rates.take(`address 10.0.${caller >> 8}.${caller & 255}`);
  assert.equal(rates.size, 100);
});

for (const [address, key] of [
  ['10.1.2.3', 'address 10.1.2.3'],
  ['::ffff:10.1.2.3', 'address 10.1.2.3'],
  ['2001:db8:1:2:3:4:5:6', 'address 2001:db8:1:2::/64'],
  ['2001:db8:1:2:ffff::1', 'address 2001:db8:1:2::/64'],
  ['2001:DB8::1', 'address 2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'address fe80:0:0:0::/64'],
  ['::1', 'address 0:0:0:0::/64'],
  [undefined, 'address '],
] as const) {
  test(`${address} counts as ${key}`, () => assert.equal(addressKey(address), key));
}

test('who sends too much is told 429 and when to come back, and the next caller is not', async (t) => {
  const limited: string[] = [];
  const options = { authenticator: byName, ...bounded({ requestsPerSecond: 2 }) };
  const { app } = await injected(t, { limited: (limit) => limited.push(limit) }, options);
  const ask = (name: string) => app.inject({ url: '/api/v1/targets', headers: bearer(`good-${name}`) });
  for (let asked = 0; asked < 10; asked++) assert.equal((await ask('alice')).statusCode, 200);
  const refused = await refusal(() => ask('alice'));
  assert.equal(refused.statusCode, 429);
  assert.equal(refused.headers['retry-after'], '1');
  assert.deepEqual(refused.json<{ code: string; detail: string }>(), {
    ...refused.json<object>(),
    code: 'rate_limited',
    detail: 'too much of one caller: http.requestsPerSecond is 2',
  });
  assert.equal((await ask('bob')).statusCode, 200, 'of the same address');
  assert.ok(limited.length >= 1 && limited.every((limit) => limit === 'rate'));
});

test('who has not proved a name counts by the address, and probes are never too many', async (t) => {
  const { app } = await injected(t, {}, { authenticator: byName, ...bounded({ requestsPerSecond: 1 }) });
  const ask = (url: string, remoteAddress: string) => app.inject({ url, remoteAddress });
  const statusOf = async (url: string, remoteAddress: string) => (await ask(url, remoteAddress)).statusCode;
  for (let asked = 0; asked < 5; asked++) assert.equal(await statusOf('/api/v1/targets', '192.0.2.1'), 401);
  await refusal(() => ask('/api/v1/targets', '192.0.2.1'));
  await refusal(() => ask('/runbooks/nothing', '192.0.2.1'));
  assert.equal(await statusOf('/api/v1/targets', '192.0.2.2'), 401);
  for (let asked = 0; asked < 20; asked++) assert.equal(await statusOf('/-/ready', '192.0.2.1'), 200);
  for (let asked = 0; asked < 20; asked++) assert.equal(await statusOf('/debug/pprof/heap', '127.0.0.1'), 200);
});

test('0 is no bound', () => {
  const limits = new CallerLimits({ bounds: { requestsPerSecond: 0, concurrent: 0, failuresPerMinute: 1 } });
  for (let asked = 0; asked < 1000; asked++) limits.enter('a');
});

test('wrong tokens of one address are looked at so often, and good ones go on from there', async (t) => {
  const limited: string[] = [];
  let asked = 0;
  const counted: Authenticator = { identify: (credentials) => (asked++, byName.identify(credentials)) };
  const options = { authenticator: counted, ...bounded({ failuresPerMinute: 1 }) };
  const { app } = await injected(t, { limited: (limit) => limited.push(limit) }, options);
  const as = async (token: string, remoteAddress = '192.0.2.1') =>
    await app.inject({ url: '/api/v1/targets', headers: bearer(token), remoteAddress });
  assert.equal((await as('good-alice')).statusCode, 200);
  assert.equal((await as('guess-1')).statusCode, 401);
  const before = asked;
  const refused = await as('guess-2');
  assert.equal(refused.statusCode, 429);
  assert.ok(Number(refused.headers['retry-after']) >= 30, 'one a minute');
  assert.equal(asked, before, 'nobody looked at it');
  assert.equal((await as('good-bob')).statusCode, 429, 'a token that was never seen may be a guess, too');
  assert.equal((await as('good-alice')).statusCode, 200, 'who was here before is not locked out by a neighbour');
  assert.equal((await as('guess-3', '192.0.2.2')).statusCode, 401);
  assert.deepEqual([...new Set(limited)], ['failures']);
});

test('who sends no token at all makes no failure: that is how browsers begin', async (t) => {
  const { app } = await injected(t, {}, { authenticator: byName, ...bounded({ failuresPerMinute: 1 }) });
  for (let asked = 0; asked < 20; asked++) assert.equal((await app.inject('/api/v1/targets')).statusCode, 401);
  assert.equal((await app.inject({ url: '/api/v1/targets', headers: bearer('good-a') })).statusCode, 200);
});

test('requests of one caller under way are bounded, and each that ends makes room', async (t) => {
  const answer = gate<ReturnType<typeof jsonAnswer>>();
  let waiting = 0;
  const both = gate();
  const script = {
    answer: () => {
      if (++waiting === 2) both.open();
      return answer.opened;
    },
  };
  const { server } = await started(t, script, bounded({ concurrent: 2 }));
  const ask = async () => (await fetch(`${server.url}/api/v1/merge?query=cpu&format=top`)).status;
  const slow = [ask(), ask()];
  await both.opened;
  assert.equal(await ask(), 429);
  assert.equal((await fetch(`${server.url}/-/ready`)).status, 200);
  answer.open(jsonAnswer({}));
  assert.deepEqual(await Promise.all(slow), [200, 200]);
  assert.equal(await ask(), 200);
});
