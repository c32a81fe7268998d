import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenBucket } from '../../src/model/token-bucket.ts';
import { Admission, type AdmissionRequest, type Permit } from '../../src/scrape/admission.ts';
import { settle } from '../support/scrape-clock.ts';

const limits = { windows: 2, snapshots: 2, perNode: 10, bytes: 1000 };
const never = new AbortController().signal;

/** A gate, and the names of those who are in, in the order in which they came in. */
function gate(change: Partial<typeof limits> = {}) {
  const admission = new Admission({ ...limits, ...change });
  const inside: string[] = [];
  const permits = new Map<string, Permit>();
  return {
    admission,
    inside,
    permits,
    leave: (name: string) => permits.get(name)?.release(),
    come: async (name: string, request: Partial<AdmissionRequest> = {}, signal = never): Promise<void> => {
      void admission.enter({ lane: 'snapshots', node: '', bytes: 1, ...request }, signal).then((permit) => {
        inside.push(permit ? name : `${name} gave up`);
        if (permit) permits.set(name, permit);
      });
      await settle();
    },
  };
}

test('a full lane makes its own wait, first come first served, and lets the other pass', async () => {
  const { come, leave, inside } = gate();
  for (const name of ['a', 'b', 'c', 'd']) await come(name);
  await come('cpu', { lane: 'windows' });
  assert.deepEqual(inside, ['a', 'b', 'cpu']);
  leave('a');
  leave('a');
  await settle();
  assert.deepEqual(inside, ['a', 'b', 'cpu', 'c']);
});

test('a busy node keeps only its own pods waiting', async () => {
  const { come, inside } = gate({ perNode: 1 });
  await come('a', { node: 'n1' });
  await come('b', { node: 'n1' });
  await come('c', { node: 'n2' });
  assert.deepEqual(inside, ['a', 'c']);
});

test('small bodies do not keep a large one waiting for ever, and one above the budget goes alone', async () => {
  const { come, leave, inside } = gate({ snapshots: 9 });
  await come('small', { bytes: 600 });
  await come('giant', { bytes: 5000 });
  await come('later', { bytes: 1 });
  assert.deepEqual(inside, ['small']);
  leave('small');
  await settle();
  assert.deepEqual(inside, ['small', 'giant']);
  leave('giant');
  await settle();
  assert.deepEqual(inside, ['small', 'giant', 'later']);
});

test('bodies that grow beyond the budget together: the giant is given up, the small ones come home', async () => {
  const { come, permits } = gate({ snapshots: 9 });
  for (const name of ['giant', 'a', 'b', 'c']) await come(name);
  const grow = (name: string, bytes: number): boolean => permits.get(name)?.mayGrow(bytes) ?? false;
  assert.equal(grow('giant', 990), true);
  assert.equal(grow('a', 200), true);
  assert.equal(grow('giant', 1000), false);
  permits.get('giant')?.release();
  assert.equal(grow('b', 700), true);
});

test('who gives up while waiting makes room for those behind', async () => {
  const { come, admission, inside } = gate({ snapshots: 9 });
  const stop = new AbortController();
  await come('a', { bytes: 600 });
  await come('b', { bytes: 600 }, stop.signal);
  await come('c', { bytes: 10 });
  stop.abort();
  await settle();
  assert.deepEqual(inside, ['a', 'b gave up', 'c']);
  assert.deepEqual([admission.inFlight, admission.waiting, admission.bytes], [2, 0, 610]);
});

test('a bucket lets a burst go at once and the rest at its rate, and fills again', () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 3 });
  const moments = (nowMs: number, count: number): number[] =>
    Array.from({ length: count }, () => bucket.take(nowMs) - nowMs);
  assert.deepEqual(moments(1000, 5), [0, 0, 0, 100, 200]);
  assert.deepEqual(moments(60_000, 4), [0, 0, 0, 100]);
});
