import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { pathProblem } from '../../src/discovery/path.ts';
import { pathUnder } from '../../src/discovery/profiles.ts';
import type { DiscoveryRules } from '../../src/discovery/rules.ts';
import { defaultDiscoveryRules, outcomeOf, warningsOf } from '../support/discovery-records.ts';

/** One line a kind: `cpu /debug/pprof/profile 60s 10`. */
function draw(keys: Record<string, string>, config: Partial<DiscoveryRules> = {}): string[] {
  const { targets } = outcomeOf({ on: { pod: { scrape: 'true', ...keys } }, config });
  return (targets[0]?.specs ?? []).map(
    ({ kind, path, intervalMs, seconds }) =>
      `${kind} ${path} ${intervalMs / 1000}s${seconds === undefined ? '' : ` ${seconds}`}`,
  );
}

const warnings = (keys: Record<string, string>, config: Partial<DiscoveryRules> = {}) =>
  warningsOf(outcomeOf({ on: { pod: { scrape: 'true', ...keys } }, config }));

test('profiles default to those of the config, at the paths where Go serves them', () => {
  assert.deepEqual(draw({}), [
    'cpu /debug/pprof/profile 60s 10',
    'heap /debug/pprof/heap 60s',
    'goroutine /debug/pprof/goroutine 60s',
    'block /debug/pprof/block 60s',
    'mutex /debug/pprof/mutex 60s',
  ]);
  assert.deepEqual(draw({}, { profiles: ['heap'] }), ['heap /debug/pprof/heap 60s']);
});

test('profiles: all stands for every kind that Go serves', () => {
  const kinds = draw({ profiles: 'all' }).map((line) => line.split(' ')[0]);
  assert.deepEqual(kinds, ['cpu', 'heap', 'goroutine', 'block', 'mutex', 'threadcreate', 'goroutineleak']);
});

test('heap is fetched once, never with seconds, under whichever names it is asked for', () => {
  assert.deepEqual(draw({ profiles: 'heap,allocs,memory' }), ['heap /debug/pprof/heap 60s']);
});

test('profiles: custom kinds are served under their own names, fgprof beside pprof', () => {
  assert.deepEqual(draw({ profiles: 'fgprof, delta_heap' }), [
    'fgprof /debug/fgprof 60s 10',
    'delta_heap /debug/pprof/delta_heap 60s',
  ]);
  assert.equal(pathUnder('/x/fgprof', 'fgprof'), '/x/fgprof');
  assert.equal(pathUnder('/x/pprof', 'fgprof'), '/x/pprof/fgprof');
});

test('profiles: what is no kind is left out with a warning, and a list of nothing is the default', () => {
  assert.deepEqual(draw({ profiles: 'heap,../x' }), ['heap /debug/pprof/heap 60s']);
  const on = 'on pod checkout-5d4f-x2x';
  assert.deepEqual(warnings({ profiles: 'heap,../x' }), [
    `flameherd.dev/profiles="heap,../x" ${on}: "../x" is no kind of profile and is left out`,
  ]);
  assert.equal(draw({ profiles: '' }).length, 5);
  assert.deepEqual(warnings({ profiles: '' }), [
    `flameherd.dev/profiles="" ${on} names no kind: used cpu,heap,goroutine,block,mutex`,
  ]);
});

test('more than sixteen kinds are cut, with a warning', () => {
  const profiles = Array.from({ length: 20 }, (_, index) => `kind${index}`).join(',');
  assert.equal(draw({ profiles }).length, 16);
  assert.match(warnings({ profiles })[0] ?? '', /names 20 kinds: used the first 16/);
});

test('interval and cpu-seconds are read, and 60 s and 10 are their defaults', () => {
  const keys = { profiles: 'cpu,heap', interval: '2m', 'cpu-seconds': '30' };
  assert.deepEqual(draw(keys), ['cpu /debug/pprof/profile 120s 30', 'heap /debug/pprof/heap 120s']);
  assert.deepEqual(warnings(keys), []);
});

test('config limits cap both: interval by minInterval, cpu-seconds by cpuDuty', () => {
  const on = 'on pod checkout-5d4f-x2x';
  assert.deepEqual(draw({ profiles: 'heap', interval: '1s' }), ['heap /debug/pprof/heap 5s']);
  assert.deepEqual(warnings({ profiles: 'heap', interval: '1s' }), [
    `flameherd.dev/interval="1s" ${on} is below limits.minInterval: used 5s`,
  ]);
  assert.deepEqual(draw({ profiles: 'cpu', 'cpu-seconds': '60' }), ['cpu /debug/pprof/profile 60s 30']);
  assert.deepEqual(warnings({ profiles: 'cpu', 'cpu-seconds': '60' }), [
    `flameherd.dev/cpu-seconds="60" ${on} is more than limits.cpuDuty (0.5) of cpu's interval 1m: used 30`,
  ]);
});

test("minInterval binds annotations, not the operator's own scrape.interval", () => {
  assert.deepEqual(draw({ profiles: 'heap' }, { intervalMs: 2_000 }), ['heap /debug/pprof/heap 2s']);
});

test('the default cpu-seconds shrinks with a short interval without a warning', () => {
  assert.deepEqual(draw({ profiles: 'cpu', interval: '10s' }), ['cpu /debug/pprof/profile 10s 5']);
  assert.deepEqual(warnings({ profiles: 'cpu', interval: '10s' }), []);
});

for (const interval of ['', 'soon', '0', '-5s', '60', '2d', '1e9s', '10s10s']) {
  test(`a bad interval is the default with a warning: ${JSON.stringify(interval)}`, () => {
    assert.deepEqual(draw({ profiles: 'heap', interval }), ['heap /debug/pprof/heap 60s']);
    assert.match(
      warnings({ profiles: 'heap', interval })[0] ?? '',
      /is not a duration such as 30s or 5m, up to 1d: used 1m$/,
    );
  });
}

for (const seconds of ['', '0', '61', '1.5', '-1', 'ten', '1m']) {
  test(`a bad cpu-seconds is the default with a warning: ${JSON.stringify(seconds)}`, () => {
    assert.deepEqual(draw({ profiles: 'cpu', 'cpu-seconds': seconds }), ['cpu /debug/pprof/profile 60s 10']);
    assert.match(
      warnings({ profiles: 'cpu', 'cpu-seconds': seconds })[0] ?? '',
      /no whole number from 1 to 60: used 10$/,
    );
  });
}

test('<kind>.{path,interval,scrape} are read per kind named in profiles', () => {
  const keys = {
    profiles: 'cpu,heap,block',
    'heap.path': '/private/pprof/heapz',
    'heap.interval': '5m',
    'block.scrape': 'off',
  };
  assert.deepEqual(draw(keys), ['cpu /debug/pprof/profile 60s 10', 'heap /private/pprof/heapz 300s']);
  assert.deepEqual(warnings(keys), []);
});

test('a key of a kind that is not named in profiles has no effect, and a warning', () => {
  const said = warnings({ profiles: 'cpu', 'heap.interval': '5m' });
  assert.deepEqual(said, [
    'flameherd.dev/heap.interval on pod checkout-5d4f-x2x has no effect: "heap" is not in profiles (cpu)',
  ]);
});

test('a target whose every kind is switched off is unresolved', () => {
  const { targets } = outcomeOf({ on: { pod: { scrape: 'true', profiles: 'cpu', 'cpu.scrape': 'false' } } });
  assert.deepEqual(targets[0]?.state, { kind: 'unresolved', reason: 'every kind of profile is switched off' });
});

test('path is a prefix, with or without a slash at its end', () => {
  assert.deepEqual(draw({ profiles: 'cpu', path: '/admin/pprof' }), ['cpu /admin/pprof/profile 60s 10']);
  assert.deepEqual(draw({ profiles: 'cpu', path: '/admin/pprof/' }), ['cpu /admin/pprof/profile 60s 10']);
});

test('path must match discovery.pathPattern, by default a segment pprof or fgprof', () => {
  for (const path of ['/secrets', '/pprofx', '/x-pprof', '/debug'])
    assert.ok(pathProblem(path, defaultDiscoveryRules.pathPattern), path);
  for (const path of ['/pprof', '/debug/pprof', '/a/fgprof/b'])
    assert.equal(pathProblem(path, defaultDiscoveryRules.pathPattern), undefined);
  assert.deepEqual(draw({ profiles: 'cpu', path: '/prof' }, { pathPattern: /^\/prof$/ }), ['cpu /prof/profile 60s 10']);
});

const unsafe: Record<string, string> = {
  'another host': '//evil/pprof',
  'a URL': 'http://evil/pprof',
  'a backslash': '/\\evil/pprof',
  'an @': '@evil/pprof',
  'no slash': 'debug/pprof',
  '..': '/debug/pprof/../../secret/pprof',
  '.': '/./pprof',
  'an escaped ..': '/%2e%2e/pprof',
  CRLF: '/debug/pprof\r\nHost: evil',
  'a fragment': '/debug/pprof#x',
  'a query': '/debug/pprof?x=1',
  '64 KiB': `/pprof/${'a'.repeat(65_536)}`,
  'bytes that are no UTF-8': '/pprof/\ufffd\udc80',
  'an emoji': '/pprof/🔥',
  nothing: '',
};

for (const [what, path] of Object.entries(unsafe)) {
  test(`an unsafe path is the default with a warning: ${what}`, () => {
    assert.deepEqual(draw({ profiles: 'cpu', path }), ['cpu /debug/pprof/profile 60s 10']);
    const [warning = '', ...more] = warnings({ profiles: 'cpu', path });
    assert.match(warning, /^flameherd.dev\/path=".*" on pod checkout-5d4f-x2x .*: used \/debug\/pprof$/);
    assert.ok(warning.length < 300 && !/[\r\n]/.test(warning));
    assert.deepEqual(more, []);
  });
}

test('whatever the annotation holds, the path that is asked stays on its host and has no way out of its prefix', () => {
  const nasty = fc.string({
    unit: fc.constantFrom('/', '\\', '.', '%', '@', '#', '?', 'pprof', ':', '2e', 'x', '\r', '\n', ' ', '🔥'),
  });
  fc.assert(
    fc.property(nasty, (path) => {
      const { targets } = outcomeOf({ on: { pod: { scrape: 'true', path, 'heap.path': path } } });
      for (const spec of targets[0]?.specs ?? []) {
        const url = new URL(spec.path, 'http://10.1.0.7:8080');
        assert.equal(url.href, `http://10.1.0.7:8080${spec.path}`);
        assert.match(spec.path, /(^|\/)f?g?pprof(\/|$)|fgprof/);
      }
    }),
  );
});

test('the default rules and the documented defaults are one', () => {
  assert.deepEqual(defaultDiscoveryRules.profiles, ['cpu', 'heap', 'goroutine', 'block', 'mutex']);
  assert.deepEqual([defaultDiscoveryRules.intervalMs, defaultDiscoveryRules.cpuSeconds], [60_000, 10]);
});
