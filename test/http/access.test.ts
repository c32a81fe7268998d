import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { tokenCallers } from '../../src/auth/token-callers.ts';
import { TokenFile } from '../../src/auth/token-file.ts';
import { presentedToken } from '../../src/http/access.ts';
import { injected, nowMs } from '../support/http-fakes.ts';

const admin = 'admin-0123456789abcdef';
const reader = 'reader-0123456789abcdef';
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

async function guarded(t: TestContext, metricsAuth = false) {
  return (await guardedAndAsked(t, metricsAuth)).app;
}

async function guardedAndAsked(t: TestContext, metricsAuth = false) {
  const directory = await mkdtemp(join(tmpdir(), 'flameherd-access-'));
  t.after(() => rm(directory, { recursive: true }));
  const path = join(directory, 'tokens');
  await writeFile(path, `admin:${admin}\nread:${reader}\n`);
  const tokens = await TokenFile.open(path, () => nowMs);
  return await injected(t, {}, { authenticator: tokenCallers(tokens), metricsAuth });
}

for (const [header, token] of [
  ['Bearer abc', 'abc'],
  ['bearer  abc ', 'abc'],
  [basic('user:abc'), 'abc'],
  [basic(':a:b:c'), 'a:b:c'],
  [basic('abc'), undefined],
  ['Digest abc', undefined],
  ['abc', undefined],
  [undefined, undefined],
] as const) {
  test(`Authorization ${header} presents ${token}`, () => assert.equal(presentedToken(header), token));
}

test('without a token there are probes and metrics, and nothing else, not even routes', async (t) => {
  const app = await guarded(t);
  for (const url of ['/-/healthy', '/-/ready', '/metrics']) assert.equal((await app.inject(url)).statusCode, 200, url);
  for (const url of ['/', '/api/v1/targets', '/api/v1/openapi.json', '/api/v1/nothing']) {
    const reply = await app.inject(url);
    assert.equal(reply.statusCode, 401, url);
    assert.deepEqual(reply.headers['www-authenticate'], ['Bearer realm="flameherd"', 'Basic realm="flameherd"']);
  }
});

test('go tool pprof without a token sees in text what to do', async (t) => {
  const reply = await (await guarded(t)).inject('/pprof/shop/checkout/cpu?seconds=60');
  assert.equal(reply.statusCode, 401);
  assert.equal(reply.headers['x-go-pprof'], '1');
  assert.match(reply.payload, /^unauthorized: a token is needed\nhint: .*http:\/\/flameherd:TOKEN@HOST/);
});

test('metrics ask for a token when told to', async (t) => {
  const app = await guarded(t, true);
  assert.equal((await app.inject('/metrics')).statusCode, 401);
  assert.equal((await app.inject({ url: '/metrics', headers: { authorization: `Bearer ${reader}` } })).statusCode, 200);
  assert.equal((await app.inject('/-/ready')).statusCode, 200);
});

test('a reader reads, by bearer or basic auth', async (t) => {
  const app = await guarded(t);
  for (const authorization of [`Bearer ${reader}`, basic(`anyone:${reader}`)]) {
    assert.equal((await app.inject({ url: '/api/v1/targets', headers: { authorization } })).statusCode, 200);
  }
  const wrong = await app.inject({
    url: '/api/v1/targets',
    headers: { authorization: 'Bearer nobody-0123456789abcd' },
  });
  assert.equal(wrong.statusCode, 401);
  assert.equal(wrong.json<{ detail: string }>().detail, 'the token is not known');
});

for (const [method, url] of [
  ['POST', '/api/v1/pause?namespace=shop'],
  ['DELETE', '/api/v1/pause?namespace=shop'],
  ['POST', '/api/v1/profiles?workload=checkout'],
] as const) {
  test(`${method} ${url} needs the role admin`, async (t) => {
    const app = await guarded(t);
    const as = (token: string) => app.inject({ method, url, headers: { authorization: `Bearer ${token}` } });
    const refused = await as(reader);
    assert.equal(refused.statusCode, 403);
    assert.equal(refused.json<{ code: string }>().code, 'forbidden');
    assert.ok(![401, 403].includes((await as(admin)).statusCode));
  });
}

test('a reader may snap what is opted in, an admin any pod', async (t) => {
  const { app, asked } = await guardedAndAsked(t);
  for (const token of [reader, admin]) {
    const headers = { authorization: `Bearer ${token}` };
    const reply = await app.inject({ method: 'POST', url: '/api/v1/snap?namespace=shop&pod=checkout-1', headers });
    assert.equal(reply.statusCode, 200);
  }
  assert.deepEqual(
    asked.snaps.map(({ anyPod }) => anyPod),
    [false, true],
  );
});

test('a foreign host is 421, whatever it asks, with a token too', async (t) => {
  const app = await guarded(t);
  for (const url of ['/', '/api/v1/targets', '/-/healthy', '/nothing']) {
    const headers = { host: 'evil.example', authorization: `Bearer ${admin}` };
    const reply = await app.inject({ url, headers });
    assert.equal(reply.statusCode, 421, url);
    assert.equal(reply.json<{ code: string }>().code, 'wrong_host');
  }
});

test('the host of the external URL is ours', async (t) => {
  const { app } = await injected(t, {}, { externalUrl: 'https://profiles.example/' });
  const reply = await app.inject({ url: '/', headers: { host: 'profiles.example' } });
  assert.equal(reply.statusCode, 200);
});

test('a page of another site changes nothing', async (t) => {
  const { app, asked } = await injected(t);
  const url = '/api/v1/pause?namespace=shop';
  const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
  for (const method of ['POST', 'DELETE'] as const) {
    const reply = await app.inject({ method, url, headers: foreign });
    assert.equal(reply.statusCode, 403);
    assert.equal(reply.json<{ code: string }>().code, 'cross_site');
  }
  assert.deepEqual(asked.pauses, []);
  assert.equal(
    (await app.inject({ url: '/api/v1/pause', headers: foreign })).statusCode,
    200,
    'reading is left to CORS',
  );
});

test('every answer carries the security headers', async (t) => {
  const { app } = await injected(t);
  const broken = ['/%zz', '/api/v1/profiles/%zz', `/api/v1/profiles/${'x'.repeat(600)}`];
  for (const url of ['/', '/api/v1/targets', '/nothing', '/api/v1/merge?query=cpu', ...broken]) {
    const { headers } = await app.inject(url);
    assert.match(String(headers['content-security-policy']), /^default-src 'none'/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['x-frame-options'], 'DENY');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['access-control-allow-origin'], undefined);
  }
});
