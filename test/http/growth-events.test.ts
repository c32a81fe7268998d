import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { eventOf, growthOf, workloadNamed } from '../support/growth-http.ts';
import { injected, minute, nowMs } from '../support/http-fakes.ts';

const hour = 60 * minute;
const checkout = workloadNamed('checkout');

interface Event {
  readonly state: string;
  readonly links: Readonly<Record<string, string | null>>;
  readonly profiles: { readonly base: { readonly fromMs: number } | null };
}

test('an event is answered with the profiles that are kept with it', async (t) => {
  const windows = {
    base: { fromMs: nowMs - 22 * hour, toMs: nowMs - 21 * hour },
    compare: { fromMs: nowMs - 21 * hour, toMs: nowMs - 20 * hour },
  };
  const bytes = gzipSync('a profile');
  const events = [
    eventOf('00000000000000e1', checkout, { profiles: windows, likelyMs: nowMs - hour, resolvedMs: nowMs - minute }),
    eventOf('00000000000000e2', checkout, { profiles: { ...windows, base: undefined } }),
    eventOf('00000000000000e3', checkout),
  ];
  const profiles = { '00000000000000e1': { base: bytes, compare: bytes }, '00000000000000e2': { compare: bytes } };
  const { app, asked: seen } = await injected(t, { growth: growthOf({ events, profiles }) });
  const event = (await app.inject('/api/v1/growth/00000000000000e1')).json<Event>();
  assert.deepEqual([event.state, event.profiles.base?.fromMs], ['resolved', nowMs - 22 * hour]);
  for (const side of ['baseProfile', 'compareProfile']) {
    const reply = await app.inject(event.links[side] ?? '');
    assert.equal(reply.headers['content-type'], 'application/octet-stream');
    assert.equal(gunzipSync(reply.rawPayload).toString(), 'a profile');
    assert.match(
      String(reply.headers['content-disposition']),
      /shop-checkout-heap-00000000000000e1-(base|compare)\.pb\.gz/,
    );
  }
  await app.inject(event.links['diff'] ?? '');
  const [diff] = seen.questions;
  assert.deepEqual(diff?.kind === 'diff' && diff.compare.window, windows.compare, 'the diff is of the same windows');

  const whole = await app.inject('/api/v1/growth/00000000000000e2/profile');
  assert.equal(whole.statusCode, 200, 'compare unless said otherwise');
  for (const [url, hint] of [
    ['00000000000000e2/profile?side=base', /of the time before it nothing was stored/],
    ['00000000000000e3/profile', /merged shortly after/],
    ['00000000000000e4/profile', /the newest are 00000000000000e/],
    ['00000000000000e1/profile?side=left', /^bad_parameter: side: got "left"/],
  ] as const) {
    const reply = await app.inject(`/api/v1/growth/${url}`);
    assert.deepEqual([reply.headers['x-go-pprof'], reply.statusCode >= 400], ['1', true], url);
    assert.match(reply.payload, hint);
  }
});
