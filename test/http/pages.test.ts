import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventOf, growthOf, leaking, verdictOf, workloadNamed } from '../support/growth-http.ts';
import { injected, minute, nowMs } from '../support/http-fakes.ts';

const browser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };
const checkout = workloadNamed('checkout');
/** As the rules of alerts write it. */
const alertLink = `/growth?namespace=shop&workload=checkout&container=app&since=${(nowMs - 26 * 60 * minute) / 1000}`;

test('every page is the same program, under a policy that allows nothing inline and nothing from elsewhere', async (t) => {
  const { app } = await injected(t);
  for (const url of ['/', '/explore?query=cpu', '/diff', '/rollouts', '/targets', '/status', '/growth', '/a/e1']) {
    const { statusCode, headers, payload } = await app.inject({ url, headers: browser });
    assert.equal(statusCode, 200, url);
    assert.equal(headers['content-type'], 'text/html; charset=utf-8');
    assert.equal(headers['cache-control'], 'no-store');
    const policy = String(headers['content-security-policy']);
    assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self';.*frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe|https?:|\*/);
    assert.match(payload, /<title>a page<\/title>/);
  }
});

test('what a page loads is kept for good where its name holds a hash, and comes compressed', async (t) => {
  const { app } = await injected(t);
  const script = await app.inject({
    url: '/assets/index-abcdEF12.js',
    headers: { 'accept-encoding': 'gzip' },
  });
  assert.equal(script.statusCode, 200);
  assert.match(String(script.headers['content-type']), /javascript/);
  assert.equal(script.headers['content-encoding'], 'gzip');
  assert.equal(script.headers['cache-control'], 'public, max-age=31536000, immutable');
  const image = await app.inject('/assets/flameherd.svg');
  assert.equal(image.headers['cache-control'], 'public, max-age=3600');
  assert.equal(image.headers['x-content-type-options'], 'nosniff');
});

test('speedscope alone may put styles into its page, and only it', async (t) => {
  const { app } = await injected(t);
  for (const url of ['/speedscope', '/speedscope/']) {
    const { statusCode, headers, payload } = await app.inject({ url, headers: browser });
    assert.deepEqual([statusCode, headers['cache-control']], [200, 'no-store']);
    const policy = String(headers['content-security-policy']);
    assert.match(
      policy,
      /default-src 'none'; .*style-src 'self' 'unsafe-inline';.*connect-src 'self'; frame-ancestors 'none'/,
    );
    assert.doesNotMatch(policy, /script-src[^;]*'unsafe-(inline|eval)'|https?:|\*/);
    assert.match(payload, /<title>a viewer<\/title>/);
  }
  const script = await app.inject('/speedscope/speedscope-ABCDEF12.js');
  assert.equal(script.headers['cache-control'], 'public, max-age=31536000, immutable');
  assert.doesNotMatch(String(script.headers['content-security-policy']), /unsafe/);
});

test('nothing but what was built is handed out', async (t) => {
  const { app } = await injected(t);
  for (const url of [
    '/assets/',
    '/assets/none.js',
    '/assets/../index.html',
    '/assets/%2e%2e/%2e%2e/package.json',
    '/speedscope/../index.html',
  ]) {
    assert.equal((await app.inject(url)).statusCode, 404, url);
  }
});

test('pages that are not built say what to run; everything else works', async (t) => {
  const { app } = await injected(t, {}, { pagesDir: '/nowhere' });
  const { statusCode, payload } = await app.inject({ url: '/', headers: browser });
  assert.equal(statusCode, 503);
  assert.match(payload, /npm run build:ui/);
  assert.equal((await app.inject('/api/v1/targets')).statusCode, 200);
  assert.equal((await app.inject('/assets/index.js')).statusCode, 404);
});

test('the link of an alert is a page for browsers, and for curl and programs the JSON of the API, at the same URL', async (t) => {
  const growth = growthOf({
    verdicts: [verdictOf(checkout, [leaking()])],
    events: [eventOf('00000000000000e1', checkout)],
  });
  const { app } = await injected(t, { growth });
  for (const [page, api] of [
    [alertLink, alertLink.replace('/growth', '/api/v1/growth')],
    ['/a/00000000000000e1', '/api/v1/growth/00000000000000e1'],
  ] as const) {
    const shown = await app.inject({ url: page, headers: browser });
    assert.equal(shown.headers['content-type'], 'text/html; charset=utf-8');
    assert.match(String(shown.headers['vary']), /\bAccept\b/);
    for (const accept of ['*/*', 'application/json']) {
      const reply = await app.inject({ url: page, headers: { accept } });
      assert.match(String(reply.headers['content-type']), /^application\/json/);
      assert.equal(reply.payload, (await app.inject(api)).payload);
    }
  }
  const unknown = await app.inject('/a/00000000000000e9');
  assert.deepEqual([unknown.statusCode, unknown.json<{ code: string }>().code], [404, 'not_found']);
});
