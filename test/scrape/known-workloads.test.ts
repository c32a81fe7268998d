import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hour } from '../../src/model/units.ts';
import { KnownWorkloads } from '../../src/scrape/known-workloads.ts';

const named = (workload: string) => ({ namespace: 'shop', workload_kind: 'Pod', workload, container: 'app' });

test('a workload is known since it was first seen, until a day after it was last seen', () => {
  const known = new KnownWorkloads();
  known.see(named('a'), 5);
  known.see(named('a'), 20 * hour);
  known.sweep(() => [], 40 * hour);
  assert.equal(known.firstKnownMs(named('a')), 5);
  known.sweep(() => [], 45 * hour);
  assert.equal(known.firstKnownMs(named('a')), undefined);
});

test('of more workloads than are remembered, those seen longest ago are forgotten', () => {
  const known = new KnownWorkloads();
  known.see(named('stays'), 1);
  known.see(named('goes'), 1);
  for (let i = 0; i < 60_000; i++) {
    known.see(named(`pod-${i}`), 2);
    if (i % 1000 === 0) known.see(named('stays'), 2);
  }
  assert.equal(known.firstKnownMs(named('stays')), 1);
  assert.equal(known.firstKnownMs(named('goes')), undefined);
  assert.equal(known.firstKnownMs(named('pod-59999')), 2);
});
