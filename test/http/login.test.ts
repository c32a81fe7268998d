import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Sessions } from '../../src/auth/session.ts';
import { tokenCallers } from '../../src/auth/token-callers.ts';
import { TokenFile } from '../../src/auth/token-file.ts';
import type { HttpOptions } from '../../src/http/deps.ts';
import { loginUrl, safePlace } from '../../src/http/login-place.ts';
import { injected, minute, nowMs } from '../support/http-fakes.ts';

const admin = 'admin-0123456789abcdef';
const reader = 'reader-0123456789abcdef';
const own = { 'sec-fetch-site': 'same-origin' };
const page = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const hour = 60 * minute;

/** A listener with tokens, a login page, and a clock that a test may turn. */
async function withLogin(t: TestContext, options: Partial<HttpOptions> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'flameherd-login-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'tokens');
  await writeFile(path, `admin:${admin}\nread:${reader}\n`);
  const clock = { nowMs };
  const now = () => clock.nowMs;
  const authenticator = tokenCallers(await TokenFile.open(path, now));
  const sessions = new Sessions({ idleMs: hour, maxLifeMs: 5 * hour, now });
  const { app, asked } = await injected(t, {}, { authenticator, login: { sessions, audience: undefined }, ...options });
  const logIn = (token: string, next?: string, headers: Readonly<Record<string, string>> = own) =>
    app.inject({
      method: 'POST',
      url: '/login',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      payload: new URLSearchParams({ token, ...(next === undefined ? {} : { next }) }).toString(),
    });
  const cookieOf = async (token: string): Promise<string> => {
    const [cookie = ''] = String((await logIn(token)).headers['set-cookie']).split(';');
    return cookie;
  };
  return { app, asked, clock, path, sessions, logIn, cookieOf };
}

for (const [place, safe] of [
  ['/explore?query=cpu%7Ba%3D%22b%22%7D&from=now-1h', undefined],
  ['/a/0192?x=//evil', undefined],
  ['/speedscope/#profileURL=%2Fapi', undefined],
  ['//evil.example', '/'],
  ['///evil.example', '/'],
  ['/\\evil.example', '/'],
  ['/\\/evil.example', '/'],
  ['/.//evil.example', '/'],
  ['/x/..//evil.example', '/'],
  ['/%2e//evil.example', '/'],
  ['\\\\evil.example', '/'],
  ['http://evil.example/', '/'],
  ['https:evil.example', '/'],
  ['javascript:alert(1)', '/'],
  ['data:text/html,x', '/'],
  ['evil.example', '/'],
  ['@evil.example', '/'],
  ['/\t/evil.example', '/'],
  ['\t//evil.example', '/'],
  ['/\n/evil.example', '/'],
  ['/a\r\nSet-Cookie: x=y', '/'],
  ['/\u0000', '/'],
  ['/ä', '/'],
  ['/login?next=/login', '/'],
  ['/LOGOUT', '/'],
  [`/${'x'.repeat(5000)}`, '/'],
  ['', '/'],
  [['/a', '/b'], '/'],
] as const) {
  test(`after the login, ${JSON.stringify(place).slice(0, 60)} leads to ${safe ?? 'itself'}`, () => {
    assert.equal(safePlace(place), safe ?? place);
  });
}

test('the login keeps the whole place, and one that is too long leads home', () => {
  const place = '/explore?query=cpu%7Ba%3D%22b%22%7D&x=1';
  const url = loginUrl(place);
  assert.equal(new URL(url, 'http://x').searchParams.get('next'), place);
  assert.equal(loginUrl('/'), '/login');
  assert.equal(loginUrl(`/?x=${'x'.repeat(8000)}`), '/login');
});

test('a browser that goes to a page is led to the login, and all others are told 401', async (t) => {
  const { app } = await withLogin(t);
  const url = '/explore?query=cpu&from=now-1h';
  const led = await app.inject({ url, headers: page });
  assert.equal(led.statusCode, 302);
  assert.equal(led.headers.location, `/login?next=${encodeURIComponent(url)}`);
  for (const headers of [{}, { accept: 'application/json' }, { ...page, 'sec-fetch-dest': 'iframe' }]) {
    assert.equal((await app.inject({ url, headers })).statusCode, 401);
  }
  assert.equal((await app.inject({ url: '/api/v1/pause', method: 'POST', headers: page })).statusCode, 401);
});

test('only what is no browser is asked for a password, for which a browser would open a window', async (t) => {
  const { app } = await withLogin(t);
  const challenge = async (headers: Readonly<Record<string, string>>) =>
    (await app.inject({ url: '/api/v1/targets', headers })).headers['www-authenticate'];
  const bearer = 'Bearer realm="flameherd"';
  assert.deepEqual(await challenge({}), [bearer, 'Basic realm="flameherd"']);
  assert.deepEqual(await challenge({ 'x-requested-with': 'flameherd' }), bearer);
  assert.deepEqual(await challenge({ 'sec-fetch-mode': 'cors' }), bearer);
});

test('a page whose session is over is told where the login is', async (t) => {
  const { app } = await withLogin(t);
  const reply = await app.inject({ url: '/api/v1/targets', headers: { accept: 'application/json' } });
  assert.equal(reply.headers['x-flameherd-login'], '/login');
});

test('the login page needs nothing, holds no data, and may be framed by nobody', async (t) => {
  const { app } = await withLogin(t);
  const reply = await app.inject({ url: '/login?next=%2Fexplore%3Fa%3D%22%3E%3Cscript%3E', headers: page });
  assert.equal(reply.statusCode, 200);
  assert.match(reply.payload, /<form method="post" action="\/login">/);
  assert.doesNotMatch(reply.payload, /<script>/);
  const policy = String(reply.headers['content-security-policy']);
  assert.match(policy, /default-src 'none'.*form-action 'self'.*frame-ancestors 'none'/);
  assert.doesNotMatch(policy, /unsafe/);
  assert.equal(reply.headers['cache-control'], 'no-store');
  // With no-referrer, a browser without Sec-Fetch-Site sends Origin: null with the form.
  assert.equal(reply.headers['referrer-policy'], 'same-origin');
  assert.equal((await app.inject('/assets/flameherd.svg')).statusCode, 200);
});

test('in a cluster the login page says how to make a token', async (t) => {
  const sessions = new Sessions({ idleMs: hour, maxLifeMs: hour, now: () => nowMs });
  const { app } = await withLogin(t, { login: { sessions, audience: 'flameherd' } });
  const { payload } = await app.inject({ url: '/login', headers: page });
  assert.match(payload, /kubectl create token NAME --namespace NAMESPACE --audience flameherd/);
});

test('a good token makes a session, which opens pages and the API as the token does', async (t) => {
  const { app, logIn } = await withLogin(t);
  const reply = await logIn(` Bearer ${reader}\n`, '/targets?x=1');
  assert.equal(reply.statusCode, 303);
  assert.equal(reply.headers.location, '/targets?x=1');
  const cookie = String(reply.headers['set-cookie']);
  assert.match(cookie, /^flameherd=[\w-]{43}; Path=\/; Max-Age=18000; HttpOnly; SameSite=Lax$/);
  assert.doesNotMatch(cookie, new RegExp(reader));
  const headers = { cookie: cookie.split(';')[0] ?? '', ...page };
  assert.equal((await app.inject({ url: '/api/v1/targets', headers })).statusCode, 200);
  assert.equal((await app.inject({ url: '/login?next=/status', headers })).headers.location, '/status');
  const pause = { method: 'POST', url: '/api/v1/pause?namespace=shop', headers: { ...headers, ...own } } as const;
  assert.equal((await app.inject(pause)).statusCode, 403, 'a reader pauses nothing by a cookie either');
});

test('by TLS, or where people come by https, the cookie is of this host and of https alone', async (t) => {
  const { logIn, app } = await withLogin(t, { externalUrl: 'https://profiles.example' });
  const secure = await logIn(reader, '/', { ...own, host: 'profiles.example' });
  const cookie = String(secure.headers['set-cookie']);
  assert.match(cookie, /^__Host-flameherd=[\w-]{43}; Path=\/; Max-Age=18000; HttpOnly; SameSite=Lax; Secure$/);
  const id = /=([\w-]{43})/.exec(cookie)?.[1] ?? '';
  const by = (name: string) =>
    app.inject({ url: '/api/v1/targets', headers: { host: 'profiles.example', cookie: `${name}=${id}` } });
  assert.equal((await by('__Host-flameherd')).statusCode, 200);
  assert.equal((await by('flameherd')).statusCode, 401, 'a cookie that plain http may set counts for nothing');
  const forwarded = await logIn(reader, '/', { ...own, host: 'localhost:4280' });
  assert.match(String(forwarded.headers['set-cookie']), /^flameherd=/, 'by kubectl port-forward it is plain');
});

test('a wrong token is told on the page, without a window of the browser, and leaves no cookie', async (t) => {
  const { logIn } = await withLogin(t);
  const reply = await logIn('wrong-0123456789abcdef', '/targets');
  assert.equal(reply.statusCode, 401);
  assert.match(reply.payload, /role="alert">the token is not known/);
  assert.match(reply.payload, /name="next" value="\/targets"/);
  assert.doesNotMatch(reply.payload, /wrong-0123/);
  assert.equal(reply.headers['www-authenticate'], undefined);
  assert.equal(reply.headers['set-cookie'], undefined);
  assert.equal((await logIn('  ')).statusCode, 400);
});

test('a session ends with its token, with time, and with the log-out', async (t) => {
  const { app, clock, path, cookieOf, sessions } = await withLogin(t);
  const ask = async (cookie: string) => (await app.inject({ url: '/api/v1/targets', headers: { cookie } })).statusCode;
  const revoked = await cookieOf(reader);
  assert.equal(await ask(revoked), 200);
  await writeFile(path, `admin:${admin}\n`);
  clock.nowMs += minute;
  assert.equal(await ask(revoked), 401);
  assert.equal(sessions.count, 0, 'it is gone for good');

  const idle = await cookieOf(admin);
  clock.nowMs += hour - 1;
  assert.equal(await ask(idle), 200);
  clock.nowMs += hour;
  assert.equal(await ask(idle), 401);

  const old = await cookieOf(admin);
  for (let minutes = 0; minutes < 300; minutes += 50) {
    assert.equal(await ask(old), 200);
    clock.nowMs += 50 * minute;
  }
  assert.equal(await ask(old), 401, 'in use all the time, it ends after maxLife');

  const left = await cookieOf(admin);
  const out = await app.inject({ method: 'POST', url: '/logout', headers: { cookie: left, ...own, accept: '*/*' } });
  assert.equal(out.statusCode, 204);
  assert.match(String(out.headers['set-cookie']), /^flameherd=; Path=\/; Max-Age=0;/);
  assert.equal(await ask(left), 401);
});

test('logging in again makes a new session of a new id, and the one before is over', async (t) => {
  const { app, logIn, cookieOf, sessions } = await withLogin(t);
  const before = await cookieOf(reader);
  const reply = await logIn(admin, '/', { ...own, cookie: before });
  assert.notEqual(String(reply.headers['set-cookie']).split(';')[0], before);
  assert.equal(sessions.count, 1);
  assert.equal((await app.inject({ url: '/api/v1/targets', headers: { cookie: before } })).statusCode, 401);
});

test('sessions are bounded, in all and of one token, and none is kept under its id', () => {
  const sessions = new Sessions({ idleMs: hour, maxLifeMs: hour, now: () => nowMs, bound: 5, boundOfToken: 2 });
  const ids = ['a', 'a', 'a', 'b', 'c', 'd'].map((token) => sessions.begin(token));
  assert.equal(sessions.count, 5);
  assert.deepEqual(
    ids.map((id) => sessions.tokenOf(id)),
    [undefined, 'a', 'a', 'b', 'c', 'd'],
  );
  sessions.begin('e');
  assert.equal(sessions.tokenOf(ids[1] ?? ''), undefined, 'the one not used for longest');
  assert.equal(sessions.count, 5);
});

test('without authentication the login leads on', async (t) => {
  const { app } = await injected(t);
  assert.equal((await app.inject('/login?next=/targets')).headers.location, '/targets');
  assert.equal((await app.inject('/login?next=//evil')).headers.location, '/');
});

test('behind a proxy that says who it is there is no login page', async (t) => {
  const { app } = await withLogin(t, { login: undefined });
  const reply = await app.inject({ url: '/explore', headers: page });
  assert.equal(reply.statusCode, 401);
  assert.match(String(reply.headers['content-type']), /^text\/html/);
  assert.equal((await app.inject({ method: 'POST', url: '/login', headers: own })).statusCode, 401);
});

test('a person who may not see a page is told so on a page, and may log out', async (t) => {
  const sessions = new Sessions({ idleMs: hour, maxLifeMs: hour, now: () => nowMs });
  const powerless = { name: 'eve<b>', isProven: true, may: async () => false, scopeOf: async () => new Set<string>() };
  const authenticator = { identify: async () => powerless };
  const { app } = await injected(t, {}, { authenticator, login: { sessions, audience: undefined } });
  const cookie = `flameherd=${sessions.begin('t')}`;
  const reply = await app.inject({ url: '/', headers: { ...page, cookie } });
  assert.equal(reply.statusCode, 403);
  assert.match(reply.payload, /eve&#60;b&#62; may /);
  assert.match(reply.payload, /action="\/logout"/);
});
