import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selfTarget } from '../../src/discovery/self-target.ts';
import { StaticDiscoverer, type StaticTargetSetting, staticTargets } from '../../src/discovery/static-discoverer.ts';
import type { TargetGroup } from '../../src/model/target.ts';
import { defaultDiscoveryRules } from '../support/discovery-records.ts';

const setting = (url: string, change: Partial<StaticTargetSetting> = {}): StaticTargetSetting => ({
  url,
  name: '',
  labels: {},
  profiles: [],
  interval: null,
  memoryLimit: null,
  ...change,
});
const targetsOf = (...settings: StaticTargetSetting[]) => staticTargets(settings, defaultDiscoveryRules);
const urls = (...settings: StaticTargetSetting[]) =>
  targetsOf(...settings).flatMap(({ specs }) =>
    specs.map(({ endpoint, path }) => `${endpoint.scheme} ${endpoint.host} ${endpoint.port} ${path}`),
  );

test('a static target is local, of kind Static, and named by its host', () => {
  const [target] = targetsOf(setting('http://shop.internal:6060'));
  assert.deepEqual(target?.labels, {
    namespace: 'local',
    workload: 'shop.internal',
    workload_kind: 'Static',
    container: 'shop.internal',
    service_name: 'shop.internal',
    pod: 'shop.internal:6060',
  });
  assert.equal(target?.source, 'http://shop.internal:6060');
  assert.equal(target?.process.id, 'static:http://shop.internal:6060');
  assert.deepEqual(
    target?.specs.map(({ kind }) => kind),
    ['cpu', 'heap', 'goroutine', 'block', 'mutex'],
  );
});

test('a name and labels are taken as they are given, and labels win over the built-in ones', () => {
  const given = setting('http://10.0.0.1:6060', { name: 'till', labels: { namespace: 'shop', team: 'blue' } });
  const [target] = staticTargets([given], {
    ...defaultDiscoveryRules,
    externalLabels: { cluster: 'eu1', team: 'red' },
  });
  const { workload, namespace, team, cluster } = target?.labels ?? {};
  assert.deepEqual(
    { workload, namespace, team, cluster },
    { workload: 'till', namespace: 'shop', team: 'blue', cluster: 'eu1' },
  );
});

test('a URL gives scheme, host, port and prefix', () => {
  const cpu = { profiles: ['cpu'] };
  assert.deepEqual(urls(setting('http://h:1', cpu)), ['http h 1 /debug/pprof/profile']);
  assert.deepEqual(urls(setting('http://h:1/', cpu)), ['http h 1 /debug/pprof/profile']);
  assert.deepEqual(urls(setting('https://h/admin/prof/', cpu)), ['https h 443 /admin/prof/profile']);
  assert.deepEqual(urls(setting('http://[::1]:1', cpu)), ['http ::1 1 /debug/pprof/profile']);
});

test('interval and profiles of a target beat those of the config', () => {
  const [target] = targetsOf(setting('http://h:1', { profiles: ['heap', 'cpu'], interval: 10_000 }));
  const specs = target?.specs.map(({ kind, intervalMs, seconds }) => [kind, intervalMs, seconds]);
  assert.deepEqual(specs, [
    ['heap', 10_000, undefined],
    ['cpu', 10_000, 5],
  ]);
});

const bad: [what: string, given: StaticTargetSetting, message: RegExp][] = [
  ['no URL', setting('shop'), /targets: "shop" is no URL/],
  ['an empty URL', setting(''), /targets: "" is no URL/],
  ['a host and port without a scheme', setting('localhost:6060'), /is neither http nor https/],
  ['another scheme', setting('ftp://h:1'), /is neither http nor https/],
  ['a password', setting('http://me:secret@h:1'), /holds a user or password/],
  ['a query', setting('http://h:1/pprof?x=1'), /has a query or a fragment/],
  ['a fragment', setting('http://h:1/#'), /has a query or a fragment/],
  ['port 0', setting('http://h:0'), /has port 0/],
  ['a port too large', setting('http://h:65536'), /is no URL/],
  ['two slashes', setting('http://h:1//evil'), /has a path that is no plain path/],
  ['a kind that is none', setting('http://h:1', { profiles: ['../x'] }), /profiles: "..\/x" names no kind of profile/],
  [
    'an interval of half a second',
    setting('http://h:1', { interval: 500 }),
    /interval: 500ms is not between 1s and 1d/,
  ],
  ['a label name that is none', setting('http://h:1', { labels: { '1a': 'x' } }), /labels: "1a" is no label name/],
];

for (const [what, given, message] of bad) {
  test(`a bad static target is refused by name, with what is allowed: ${what}`, () => {
    assert.throws(
      () => targetsOf(given),
      (error: { code?: string; hint?: string; message: string }) => {
        assert.equal(error.code, 'bad_config');
        assert.match(error.message, message);
        assert.ok(error.hint);
        return true;
      },
    );
  });
}

test('the same URL twice is refused', () => {
  assert.throws(() => targetsOf(setting('http://h:1'), setting('http://h:1/')), {
    message: 'targets: "http://h:1" is there twice',
  });
});

test('what a program may use of memory is told where the configuration says it', () => {
  const [limited, unlimited] = targetsOf(
    setting('http://h:1', { memoryLimit: 512 * 1024 ** 2 }),
    setting('http://h:2'),
  );
  assert.deepEqual([limited?.memoryLimitBytes, unlimited?.memoryLimitBytes], [536_870_912, undefined]);
});

test('static targets are sent once, and stand until the end', async () => {
  const sent: (readonly TargetGroup[])[] = [];
  const stop = new AbortController();
  const discoverer = new StaticDiscoverer(targetsOf(setting('http://h:1'), setting('http://h:2')));
  const done = discoverer.run((groups) => sent.push(groups), stop.signal);
  stop.abort();
  await done;
  assert.deepEqual(
    sent.map((groups) => groups.map(({ key }) => key)),
    [['static/http://h:1', 'static/http://h:2']],
  );
  assert.deepEqual(discoverer.problems(), []);
});

test('the daemon is a target of its own: local/flameherd, cpu and heap, a new process each run', () => {
  const options = { url: 'http://127.0.0.1:4280', startedMs: 5, version: '0.1.0', defaults: defaultDiscoveryRules };
  const target = selfTarget(options);
  const { namespace, workload, service_name, version } = target.labels;
  assert.deepEqual([namespace, workload, service_name, version], ['local', 'flameherd', 'flameherd', '0.1.0']);
  assert.deepEqual(
    target.specs.map(({ kind, path }) => `${kind} ${path}`),
    ['cpu /debug/pprof/profile', 'heap /debug/pprof/heap'],
  );
  assert.deepEqual(target.process, { id: 'self:5', slot: 'self', startedMs: 5 });
  assert.notEqual(selfTarget({ ...options, startedMs: 6 }).source, target.source);
});
