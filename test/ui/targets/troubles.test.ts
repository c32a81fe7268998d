import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reasonsOf, troublesOf } from '../../../src/ui/targets/troubles.ts';
import { scrapeEntry, targetEntry } from './target-entry.ts';

const failing = (kind: string, lastError: string, host = '10.0.0.1:6060') =>
  scrapeEntry(kind, { health: 'down', lastError, url: `http://${host}/debug/pprof/${kind}` });

test('kinds in the same trouble are told once, without the path of each', () => {
  const target = targetEntry({
    scrapes: [
      failing('heap', '404 on /debug/pprof/heap: <title>no</title>\nGo: import it'),
      failing('profile', '404 on /debug/pprof/profile?seconds=7: <title>no</title>\nGo: import it'),
    ],
  });
  assert.deepEqual(troublesOf([target]), [
    {
      kinds: ['heap', 'profile'],
      pods: ['checkout-1'],
      message: '404 on /debug/pprof/…: <title>no</title>',
      advice: 'Go: import it',
    },
  ]);
});

test('pods in the same trouble are told once, whatever their addresses; what is most frequent comes first', () => {
  const refused = (host: string) => `http://${host}: connect ECONNREFUSED ${host}`;
  const of = (pod: string, host: string) =>
    targetEntry({ labels: { pod }, scrapes: [failing('heap', refused(host), host)] });
  const other = targetEntry({ labels: { pod: 'c' }, scrapes: [failing('heap', 'timeout')] });
  const troubles = troublesOf([other, of('a', '10.0.0.1:6060'), of('b', '10.0.0.2:6060')]);
  assert.deepEqual(
    troubles.map(({ pods, message }) => [pods, message]),
    [
      [['a', 'b'], refused('10.0.0.1:6060')],
      [['c'], 'timeout'],
    ],
  );
});

test('what a process does not offer beside what it offers is no trouble', () => {
  const scrapes = [scrapeEntry('heap'), scrapeEntry('mutex', { health: 'unknown', lastError: 'not offered' })];
  assert.deepEqual(troublesOf([targetEntry({ scrapes })]), []);
});

test('a reason that names the pod is told once for all pods', () => {
  const held = (pod: string) => targetEntry({ labels: { pod }, state: 'held', reason: `${pod} waits for a port` });
  assert.deepEqual(reasonsOf([held('a-1'), held('b-1'), targetEntry({ reason: 'paused' })]), [
    'a-1 waits for a port',
    'paused',
  ]);
});
