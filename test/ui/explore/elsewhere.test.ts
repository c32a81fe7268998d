import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileName, pprofCommand, pprofUrl, shellQuoted, speedscopeHref } from '../../../src/ui/explore/elsewhere.ts';

const query = 'cpu{namespace="shop",workload="checkout"}';

test('a plain query has a short address', () => {
  assert.equal(pprofUrl({ query }, 'http://host:4280'), 'http://host:4280/pprof/shop/checkout/cpu?from=now-1h');
  assert.equal(
    pprofUrl({ query, from: 'now-15m', focus: 'json', view: 'table' }, 'http://host'),
    'http://host/pprof/shop/checkout/cpu?from=now-15m&focus=json',
  );
});

test('others have the whole query', () => {
  const narrow = 'cpu{namespace="shop",revision="r2",workload="checkout"}';
  const { pathname, searchParams } = new URL(pprofUrl({ query: narrow }, 'http://host'));
  assert.equal(pathname, '/api/v1/merge');
  assert.deepEqual(Object.fromEntries(searchParams), { query: narrow, from: 'now-1h' });
  const unnamed = 'process_cpu:wall:nanoseconds:cpu:nanoseconds{namespace="shop",workload="checkout"}';
  assert.match(pprofUrl({ query: unnamed }, 'http://host'), /^http:\/\/host\/api\/v1\/merge\?/);
});

test('a command survives a shell, whatever it holds', () => {
  const nasty = `a'b"c$d\`e\\f`;
  assert.equal(execFileSync('sh', ['-c', `printf %s ${shellQuoted(nasty)}`], { encoding: 'utf8' }), nasty);
  assert.equal(
    pprofCommand({ query }, 'http://host'),
    "go tool pprof 'http://host/pprof/shop/checkout/cpu?from=now-1h'",
  );
});

test('speedscope is told where the profile is', () => {
  const [path, fragment = ''] = speedscopeHref({ query }).split('#');
  assert.equal(path, '/speedscope/');
  const profile = new URL(new URLSearchParams(fragment).get('profileURL') ?? '', 'http://host');
  assert.equal(profile.pathname, '/api/v1/merge');
  assert.equal(profile.searchParams.get('format'), 'speedscope');
  assert.equal(profile.searchParams.get('query'), query);
});

test('files are named after what is in them', () => {
  assert.equal(fileName(query, 'pb.gz'), 'shop-checkout-cpu.pb.gz');
  assert.equal(fileName('heap{workload=~"a/b",service_name="x/y z"}', 'svg'), 'x_y_z-heap.svg');
  assert.equal(fileName(undefined, 'svg'), 'profile.svg');
});
