import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sourceOf, windowParameters, withLabels } from '../../src/cli/profile-source.ts';

test('a profile type is a query, whatever else is called like it; a path is a file', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'flameherd-source-'));
  const home = process.cwd();
  t.after(() => {
    process.chdir(home);
    rmSync(folder, { recursive: true, force: true });
  });
  process.chdir(folder);
  writeFileSync('heap', '');
  writeFileSync('saved', '');
  mkdirSync('goroutines');
  const query = [
    'cpu',
    'heap',
    'heap{pod="a"}',
    'cpu {image=~"registry/x.*"}',
    'wall:wall:nanoseconds:wall:nanoseconds',
  ];
  for (const text of query) assert.deepEqual(sourceOf(text), { kind: 'query', query: text });
  const files = ['./heap', 'saved', 'none.pb.gz', 'none.pb', 'none.pprof', 'cpu.prof', '/dev/stdin', 'some/where'];
  for (const path of files) assert.deepEqual(sourceOf(path), { kind: 'file', path });
  for (const neither of ['goroutines', 'nothing', 'haep{pod="a/b"}', ''])
    assert.throws(() => sourceOf(neither), /is no profile type, and there is no such file/, neither);
});

test('a window is the time until now, or has its own ends', () => {
  assert.deepEqual(windowParameters({}), { from: 'now-1h', to: undefined });
  assert.deepEqual(windowParameters({ last: '15m' }), { from: 'now-15m', to: undefined });
  assert.deepEqual(windowParameters({ from: 'now-3h' }), { from: 'now-3h', to: undefined });
  assert.deepEqual(windowParameters({ to: 'now-3h' }), { from: undefined, to: 'now-3h' });
  assert.throws(() => windowParameters({ last: '1h', to: 'now-3h' }), /--last is the time until now/);
});

test('labels join the matchers of a query', () => {
  assert.equal(withLabels('cpu', {}), 'cpu');
  assert.equal(withLabels('cpu', { workload: 'a"b' }), 'cpu{workload="a\\"b"}');
  assert.equal(withLabels('cpu{}', { workload: 'a', pod: undefined }), 'cpu{workload="a"}');
  assert.equal(withLabels('cpu{pod="}"}', { workload: 'a' }), 'cpu{pod="}",workload="a"}');
});
