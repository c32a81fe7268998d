import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pauses } from '../../src/app/pauses.ts';
import type { PauseScope } from '../../src/model/pause.ts';

/** Pauses over a state in memory; `changes` counts how often all targets had to be looked through. */
function pausesInMemory(state = new Map<string, string>()) {
  let changes = 0;
  const pauses = new Pauses(
    { get: (key) => state.get(key), set: (key, value) => void state.set(key, value) },
    () => void changes++,
  );
  return { pauses, state, changes: () => changes };
}

const of = (namespace?: string, workload?: string): PauseScope => ({ namespace, workload });

test('a pause survives a restart, and is lifted as it was set', () => {
  const { pauses, state } = pausesInMemory();
  pauses.add(of('shop', 'checkout'));
  const { pauses: again } = pausesInMemory(state);
  assert.deepEqual(
    again.all().map(({ namespace, workload }) => [namespace, workload]),
    [['shop', 'checkout']],
  );
  assert.equal(again.remove(of('shop')), false);
  assert.equal(again.remove(of('shop', 'checkout')), true);
  assert.deepEqual(again.all(), []);
});

test('what changes nothing is neither stored nor looked at', () => {
  const { pauses, changes } = pausesInMemory();
  pauses.add(of('shop'));
  for (let asked = 0; asked < 100; asked++) {
    pauses.add(of('shop'));
    pauses.remove(of('shop', 'nothing'));
  }
  assert.equal(changes(), 1);
});

test('so many workloads of a namespace are paused one by one; the namespace as a whole, and others, can be all the same', () => {
  const { pauses } = pausesInMemory();
  for (let workload = 0; workload < 100; workload++) pauses.add(of('shop', `w-${workload}`));
  assert.throws(() => pauses.add(of('shop', 'one-more')), { code: 'bad_parameter', message: /100 workloads of shop/ });
  pauses.add(of('shop', 'w-99'));
  pauses.add(of('shop'));
  pauses.add(of('bank', 'ledger'));
  assert.equal(pauses.all().length, 102);
  assert.equal(pauses.remove(of('shop', 'w-0')), true);
  pauses.add(of('shop', 'one-more'));
});

test('so many pauses there are in all, and everything can be paused all the same', () => {
  const { pauses } = pausesInMemory();
  for (let namespace = 0; namespace < 2000; namespace++) pauses.add(of(`n-${namespace}`));
  assert.throws(() => pauses.add(of('one-more')), { code: 'bad_parameter', message: /2000/ });
  pauses.add(of());
  assert.equal(pauses.reasonFor({ namespace: 'one-more' }), 'paused by an operator: everything');
});
