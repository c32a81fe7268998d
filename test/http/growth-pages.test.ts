import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventOf, growthOf, leaking, still, verdictOf, workloadNamed } from '../support/growth-http.ts';
import { injected, minute, nowMs } from '../support/http-fakes.ts';

const hour = 60 * minute;
const checkout = workloadNamed('checkout');
const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
/** As the rules of alerts write it. */
const alertLink = `/growth?namespace=shop&workload=checkout&container=app&since=${(nowMs - 26 * hour) / 1000}`;

test('the link of an alert is a page for people and JSON for programs, at the same URL', async (t) => {
  const growth = growthOf({
    verdicts: [verdictOf(checkout, [leaking()])],
    events: [eventOf('00000000000000e1', checkout)],
  });
  const { app } = await injected(t, { growth });
  for (const accept of [browser, '*/*']) {
    const { headers, payload } = await app.inject({ url: alertLink, headers: { accept } });
    assert.equal(headers['content-type'], 'text/html; charset=utf-8');
    assert.match(String(headers['vary']), /\bAccept\b/);
    assert.match(payload, /<h1>shop\/checkout\/app<\/h1>/);
    for (const text of [
      'main.(*auditTrail).record',
      'above the plateau of revision r1 (40 MiB)',
      '+30 MiB/h (+27 MiB/h to +33 MiB/h)',
      'since 2026-02-28T10:00Z',
      'a day of one ramp',
      '1 of 3',
      'href="/a/00000000000000e1"',
      '780 MiB of 40 MiB',
    ]) {
      assert.ok(payload.includes(text), text);
    }
    assert.match(payload, /href="\/api\/v1\/diff\?query=heap%7B[^"]*base_from=2026-02-28T09%3A00/);
  }
  const page = await app.inject({ url: alertLink, headers: { accept: 'application/json' } });
  const api = await app.inject(alertLink.replace('/growth', '/api/v1/growth'));
  assert.match(String(page.headers['content-type']), /^application\/json/);
  assert.equal(page.payload, api.payload);
});

test('it answers when what it was about is over, or the workload is gone, and says what there is', async (t) => {
  const over = eventOf('00000000000000e1', checkout, {
    openedMs: nowMs - 20 * 24 * hour,
    resolvedMs: nowMs - 19 * 24 * hour,
  });
  const since = (nowMs - 21 * 24 * hour) / 1000;
  const url = `/growth?namespace=shop&workload=checkout&container=app&since=${since}`;
  const quiet = growthOf({ verdicts: [verdictOf(checkout, [still()])], events: [over] });
  const gone = growthOf({ verdicts: [verdictOf(workloadNamed('checkout-v2'), [still()])], events: [over] });
  const quietPage = (await (await injected(t, { growth: quiet })).app.inject(url)).payload;
  assert.match(quietPage, /nothing found/);
  assert.match(quietPage, /rise<\/td><td>not passed<\/td><td>0\.9 MiB of 32 MiB/);
  assert.match(quietPage, /\/a\/00000000000000e1/);
  const { app } = await injected(t, { growth: gone });
  const reply = await app.inject(url);
  assert.equal(reply.statusCode, 200);
  assert.match(reply.payload, /did you mean shop\/checkout-v2\?/);
  assert.match(reply.payload, /resolved[^]*2026-02-10T12:00Z[^]*\/a\/00000000000000e1/);
  assert.equal((await app.inject('/growth?namespace=&workload=&container=&since=')).statusCode, 200);
});

test('the page of an event says what grew, since when, and where its profiles are', async (t) => {
  const windows = { base: undefined, compare: { fromMs: nowMs - hour, toMs: nowMs } };
  const event = eventOf('00000000000000e1', checkout, { profiles: windows, resolvedMs: nowMs - hour });
  const { app } = await injected(t, { growth: growthOf({ events: [event] }) });
  const { payload, headers } = await app.inject({ url: '/a/00000000000000e1', headers: { accept: browser } });
  assert.equal(headers['content-type'], 'text/html; charset=utf-8');
  assert.match(payload, /<h1>shop\/checkout \(app\): heap grew<\/h1>/);
  assert.match(payload, /resolved 2026-03-01T11:00Z/);
  assert.match(payload, /href="\/api\/v1\/growth\/00000000000000e1\/profile\?side=compare"/);
  assert.doesNotMatch(payload, /side=base/);
  const unknown = await app.inject({ url: '/a/00000000000000e9', headers: { accept: browser } });
  assert.deepEqual([unknown.statusCode, unknown.json<{ code: string }>().code], [404, 'not_found']);
});

test('more workloads than a page has are on the next one', async (t) => {
  const verdicts = ['a', 'b', 'c'].map((name) => verdictOf(workloadNamed(name), [still()]));
  const { app } = await injected(t, { growth: growthOf({ verdicts }) });
  const first = (await app.inject('/growth?namespace=shop&limit=2')).payload;
  const [, more = ''] = /<a href="(\/growth\?namespace=shop&#38;limit=2&#38;cursor=[^"]*)">more/.exec(first) ?? [];
  const second = (await app.inject(more.replaceAll('&#38;', '&'))).payload;
  assert.ok(!first.includes('shop/c') && second.includes('shop/c') && !second.includes('shop/b'));
  assert.ok(!second.includes('>more<'));
});

test('names, gates and reasons are text in every page', async (t) => {
  const evil = `<script>alert("1")</script>'&`;
  const workload = workloadNamed(evil, { namespace: evil, workloadKind: evil, container: evil });
  const [first] = leaking().functions;
  const signal = leaking('heap', {
    functions: first ? [{ ...first, name: evil }] : [],
    pods: [evil],
    baseline: { kind: 'revision', revision: evil },
    gates: [{ name: evil, passed: false, text: evil }],
  });
  const event = eventOf('00000000000000e1', workload, { verdict: signal, revision: evil });
  const skipped = verdictOf(workloadNamed('b'), [], { skipped: evil });
  const growth = growthOf({ verdicts: [verdictOf(workload, [signal])], events: [event] });
  const { app } = await injected(t, { growth });
  const { app: other } = await injected(t, { growth: growthOf({ verdicts: [skipped] }) });
  const named = `/growth?namespace=${encodeURIComponent(evil)}`;
  for (const reply of [
    await app.inject('/growth'),
    await app.inject(named),
    await app.inject('/a/00000000000000e1'),
    await other.inject('/growth'),
    await other.inject(named),
  ]) {
    assert.equal(reply.statusCode, 200);
    assert.match(reply.payload, /&#60;script&#62;/);
    assert.ok(!/<script|"1"|'&[^#]/.test(reply.payload), reply.payload);
    for (const [, link = ''] of reply.payload.matchAll(/href="([^"]*)"/g)) assert.match(link, /^\/(?!\/)[\x21-\x7e]*$/);
  }
});

test('the first page links to it', async (t) => {
  const { app } = await injected(t);
  assert.match((await app.inject('/')).payload, /<a href="\/growth">growth<\/a>/);
});
