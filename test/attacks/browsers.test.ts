import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Authenticator } from '../../src/auth/caller.ts';
import { Sessions } from '../../src/auth/session.ts';
import { FlameherdError } from '../../src/model/errors.ts';
import { injected, nowMs } from '../support/http-fakes.ts';

const url = '/api/v1/pause?namespace=shop';
const day = 86_400_000;

const admins: Authenticator = {
  identify: async ({ token }) => {
    if (token !== 'good') throw new FlameherdError('unauthorized', 'the token is not known');
    return { name: 'alice', isProven: true, may: async () => true, scopeOf: async () => 'all' };
  },
};

async function loggedIn(t: Parameters<typeof injected>[0]) {
  const sessions = new Sessions({ idleMs: day, maxLifeMs: day, now: () => nowMs });
  const options = { authenticator: admins, login: { sessions, audience: undefined }, externalUrl: 'https://p.example' };
  const { app, asked } = await injected(t, {}, options);
  return { app, asked, sessions, cookie: `flameherd=${sessions.begin('good')}` };
}

for (const [what, headers, status] of [
  ['of a foreign page', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, 403],
  ['of a sub-domain', { origin: 'http://evil.localhost', 'sec-fetch-site': 'same-site' }, 403],
  ['of a foreign page in a browser that only says the origin', { origin: 'https://evil.example' }, 403],
  ['of a page without an origin, such as a file or a frame in a sandbox', { origin: 'null' }, 403],
  ['of another port of this machine', { origin: 'http://localhost:3000' }, 403],
  ['that says nothing of where it comes from', {}, 403],
  ['typed by a person, which no browser can', { 'sec-fetch-site': 'none' }, 403],
  ['that lies in two headers', { origin: 'http://localhost', 'sec-fetch-site': 'cross-site' }, 403],
  ['of our own page', { 'sec-fetch-site': 'same-origin' }, 200],
  ['of our own page in a browser that only says the origin', { origin: 'http://localhost' }, 200],
  ['of our own page as people call it', { origin: 'https://p.example' }, 200],
] as const) {
  test(`CSRF: an order with a cookie ${what} is ${status}`, async (t) => {
    const { app, asked, cookie } = await loggedIn(t);
    const forms = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'];
    for (const contentType of [undefined, ...(status === 403 ? forms : [])]) {
      const type = contentType === undefined ? {} : { 'content-type': contentType };
      const reply = await app.inject({
        method: 'POST',
        url,
        headers: { host: 'localhost', cookie, ...headers, ...type },
      });
      assert.equal(reply.statusCode, status, contentType ?? 'no type');
    }
    assert.equal(asked.pauses.length, status === 200 ? 1 : 0);
  });
}

test('CSRF: every route that changes something refuses a cookie that comes alone', async (t) => {
  const { app, cookie } = await loggedIn(t);
  const routes = [
    'POST /api/v1/pause',
    'DELETE /api/v1/pause',
    'POST /api/v1/snap',
    'POST /api/v1/profiles',
    'POST /logout',
  ];
  for (const route of routes) {
    const [method = '', path = ''] = route.split(' ');
    const reply = await app.inject({ method: method as 'POST', url: path, headers: { cookie } });
    assert.equal(reply.statusCode, 403, route);
    assert.equal(reply.json<{ code: string }>().code, 'cross_site', route);
  }
});

test('CSRF: a token that a program sends needs no origin, and a cookie beside it counts for nothing', async (t) => {
  const { app, cookie } = await loggedIn(t);
  const authorization = 'Bearer good';
  assert.equal((await app.inject({ method: 'POST', url, headers: { authorization } })).statusCode, 200);
  const wrong = { authorization: 'Bearer wrong', cookie, 'sec-fetch-site': 'same-origin' };
  assert.equal((await app.inject({ method: 'POST', url, headers: wrong })).statusCode, 401);
});

test('login CSRF: a foreign page can neither log its reader in as somebody else nor out', async (t) => {
  const { app, sessions } = await loggedIn(t);
  const before = sessions.count;
  for (const headers of [
    {},
    { origin: 'null' },
    { origin: 'https://evil.example' },
    { 'sec-fetch-site': 'cross-site' },
  ]) {
    for (const path of ['/login', '/logout']) {
      const type = { 'content-type': 'application/x-www-form-urlencoded' };
      const reply = await app.inject({
        method: 'POST',
        url: path,
        headers: { ...headers, ...type },
        payload: 'token=good',
      });
      assert.equal(reply.statusCode, 403, `${path} ${JSON.stringify(headers)}`);
      assert.equal(reply.headers['set-cookie'], undefined);
    }
  }
  assert.equal(sessions.count, before);
});

test('login CSRF: what is no form of ours is no login', async (t) => {
  const { app } = await loggedIn(t);
  for (const [type, payload] of [
    ['application/json', '{"token":"good"}'],
    ['text/plain', 'token=good'],
  ] as const) {
    const headers = { 'content-type': type, 'sec-fetch-site': 'same-origin' };
    const reply = await app.inject({ method: 'POST', url: '/login', headers, payload });
    assert.ok([400, 415].includes(reply.statusCode), `${type}: ${reply.statusCode}`);
    assert.equal(reply.headers['set-cookie'], undefined);
  }
});

test('session fixation: an id that the server did not make opens nothing, and is never taken over', async (t) => {
  const { app, cookie } = await loggedIn(t);
  const planted = `flameherd=${'A'.repeat(43)}`;
  const ask = async (value: string) =>
    (await app.inject({ url: '/api/v1/targets', headers: { cookie: value } })).statusCode;
  assert.equal(await ask(planted), 401);
  assert.equal(await ask(`${planted}; ${cookie}`), 401, 'the first counts, as browsers send the most exact path first');
  const headers = {
    cookie: planted,
    'content-type': 'application/x-www-form-urlencoded',
    'sec-fetch-site': 'same-origin',
  };
  const reply = await app.inject({ method: 'POST', url: '/login', headers, payload: 'token=good' });
  assert.doesNotMatch(String(reply.headers['set-cookie']), /AAAA/);
  assert.equal(await ask(planted), 401);
});

test('cache poisoning: what depends on who asks is kept by nobody, and says so', async (t) => {
  const { app, cookie } = await loggedIn(t);
  for (const path of ['/', '/api/v1/targets', '/growth', '/login', '/api/v1/merge?query=cpu', '/nothing', '/a/x']) {
    for (const headers of [{}, { cookie }, { cookie, accept: 'text/html' }, { accept: 'text/html' }]) {
      const reply = await app.inject({ url: path, headers });
      assert.equal(reply.headers['cache-control'], 'no-store', path);
      const vary = String(reply.headers['vary']).toLowerCase();
      assert.ok(vary.includes('cookie') && vary.includes('authorization'), `${path}: Vary: ${vary}`);
      assert.ok(vary.split(', ').includes('accept'), `${path}: Vary: ${vary}`);
    }
  }
  const asset = await app.inject('/assets/flameherd.svg');
  assert.match(String(asset.headers['cache-control']), /^public/, 'only what is the same for everybody is kept');
});

test('cache poisoning: headers that claim another host or path change nothing', async (t) => {
  const { app, cookie } = await loggedIn(t);
  const claims = {
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'https',
    'x-original-url': '/admin',
    'x-rewrite-url': '/admin',
    'x-http-method-override': 'DELETE',
    forwarded: 'host=evil.example',
  };
  for (const path of ['/', '/api/v1/targets', '/api/v1/growth', '/login?next=/x', '/explore']) {
    const reply = await app.inject({ url: path, headers: { ...claims, accept: 'text/html' } });
    const plain = await app.inject({ url: path, headers: { accept: 'text/html' } });
    assert.equal(reply.payload, plain.payload, path);
    assert.equal(reply.headers.location, plain.headers.location, path);
    const known = await app.inject({ url: path, headers: { ...claims, cookie } });
    assert.doesNotMatch(JSON.stringify(known.headers) + known.payload, /evil/, path);
  }
});

test('prototype pollution: names of Object are refused as any other unknown parameter, and change no object', async (t) => {
  const { app, asked } = await injected(t);
  for (const name of [
    '__proto__',
    'constructor',
    'prototype',
    '__proto__[access]',
    'constructor.prototype.access',
    'toString',
  ]) {
    const query = `${encodeURIComponent(name)}=polluted`;
    for (const path of [
      '/api/v1/targets',
      '/api/v1/merge?query=cpu',
      '/api/v1/growth',
      '/api/v1/status',
      '/-/ready',
      '/login',
    ]) {
      const reply = await app.inject(`${path}${path.includes('?') ? '&' : '?'}${query}`);
      assert.ok(reply.statusCode < 500, `${path} ${name}`);
    }
    const targets = await app.inject(`/api/v1/targets?${query}`);
    assert.equal(targets.statusCode, 400, name);
    const posted = await app.inject({ method: 'POST', url: `/api/v1/pause?namespace=a&${query}` });
    assert.equal(posted.statusCode, 400, name);
    const form = `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\npolluted\r\n--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\nabc\r\n--x--\r\n`;
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    const sent = await app.inject({
      method: 'POST',
      url: '/api/v1/profiles?workload=a&as=delta',
      headers,
      payload: form,
    });
    assert.ok(sent.statusCode >= 400 && sent.statusCode < 500, `${name}: ${sent.statusCode} ${sent.payload}`);
  }
  const label = await app.inject({
    method: 'POST',
    url: '/api/v1/profiles?workload=a&as=delta&label.__proto__=polluted&label.constructor=polluted',
    headers: { 'content-type': 'application/octet-stream' },
    payload: 'abc',
  });
  assert.ok(label.statusCode < 500, label.payload);
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  assert.equal(({} as Record<string, unknown>)['access'], undefined);
  assert.equal(Object.prototype.toString.call({}), '[object Object]');
  assert.deepEqual(asked.pauses, []);
});
