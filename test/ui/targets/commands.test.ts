import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fetchCommand, optInCommand, shellWord } from '../../../src/ui/targets/commands.ts';
import { pauseCommand, pauseOf, scopeText } from '../../../src/ui/targets/pause-order.ts';
import { exploreUrl } from '../../../src/ui/targets/snap.ts';
import { scrapeEntry, targetEntry } from './target-entry.ts';

test('a static target is fetched by its address, for as long as its profile lasts', () => {
  const target = targetEntry({ discoverer: 'static' });
  assert.equal(
    fetchCommand(target, scrapeEntry('cpu', { seconds: 7 })),
    "curl -fsS -o checkout-cpu.pb.gz 'http://10.0.0.1:6060/debug/pprof/profile?seconds=7'",
  );
  assert.equal(
    fetchCommand(target, scrapeEntry('heap')),
    'curl -fsS -o checkout-heap.pb.gz http://10.0.0.1:6060/debug/pprof/heap',
  );
});

test('a pod is fetched through a port-forward, which ends with it', () => {
  assert.equal(
    fetchCommand(targetEntry(), scrapeEntry('heap', { url: 'https://10.0.0.1/metrics/heap' })),
    'kubectl -n shop port-forward pod/checkout-1 6060:443 &\n' +
      'sleep 2; curl -fsS -k -o checkout-heap.pb.gz https://127.0.0.1:6060/metrics/heap; kill $!',
  );
});

test('a workload is opted in by its own object where that is read, else by its pod', () => {
  const command = (labels: Record<string, string>) => optInCommand(targetEntry({ labels }).labels);
  assert.equal(command({}), 'kubectl -n shop annotate deployment/checkout flameherd.dev/scrape=true');
  assert.match(command({ workload_kind: 'Rollout' }), / annotate pod\/checkout-1 /);
});

test('what a shell would read otherwise is quoted', () => {
  assert.equal(shellWord('a b'), "'a b'");
  assert.equal(shellWord("$(rm)'"), "'$(rm)'\\'''");
});

test('a pause is named, found by labels, and written as a command', () => {
  const pauses = [{ namespace: 'shop', workload: 'cart' }, { namespace: 'search' }];
  assert.deepEqual(pauses.map(scopeText), ['workload shop/cart', 'namespace search']);
  assert.equal(pauseOf({ namespace: 'search', workload: 'x' }, pauses), pauses[1]);
  assert.equal(pauseOf({ namespace: 'shop', workload: 'x' }, pauses), undefined);
  assert.equal(scopeText(pauseOf({}, [{}]) ?? { namespace: 'none' }), 'everything');
  assert.equal(
    pauseCommand({ namespace: 'shop', workload: 'cart', isResume: true }),
    'flameherd pause shop/cart --resume',
  );
  assert.equal(pauseCommand({}), 'flameherd pause');
});

test('a kind is explored where its types have a short name', () => {
  const url = new URL(exploreUrl('heap', { pod: 'a"b' }, { fromMs: 0, toMs: 60_000 }) ?? '', 'http://x');
  assert.equal(url.searchParams.get('query'), 'heap{pod="a\\"b"}');
  assert.equal(url.searchParams.get('to'), '1970-01-01T00:01:00.000Z');
  assert.equal(exploreUrl('queue_depth', {}), undefined);
});
