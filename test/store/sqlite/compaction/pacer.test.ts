import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pacer } from '../../../../src/store/sqlite/compaction/pacer.ts';

/** A clock that only work and sleep move, and a list of the sleeps. */
function fakeTime() {
  const slept: number[] = [];
  let nowMs = 1000;
  return {
    slept,
    work: (ms: number): void => {
      nowMs += ms;
    },
    clock: () => nowMs,
    sleep: async (ms: number): Promise<void> => {
      slept.push(ms);
      nowMs += ms;
    },
  };
}

test('after each piece of work it rests three times as long, at a quarter of a core', async () => {
  const { slept, work, clock, sleep } = fakeTime();
  const pacer = new Pacer({ share: 0.25, clock, sleep });
  for (const workMs of [20, 35, 100]) {
    work(workMs);
    await pacer.rest();
  }
  assert.deepEqual(slept, [60, 105, 300]);
});

test('short pieces add up before a rest', async () => {
  const { slept, work, clock, sleep } = fakeTime();
  const pacer = new Pacer({ share: 0.5, clock, sleep });
  for (let piece = 0; piece < 6; piece++) {
    work(8);
    await pacer.rest();
  }
  assert.deepEqual(slept, [24, 24]);
});

test('over many pieces of any length the share of a core is kept', async () => {
  const { slept, work, clock, sleep } = fakeTime();
  const pacer = new Pacer({ share: 0.25, clock, sleep });
  let worked = 0;
  for (let piece = 1; piece <= 500; piece++) {
    const workMs = (piece * 37) % 90;
    worked += workMs;
    work(workMs);
    await pacer.rest();
  }
  const rested = slept.reduce((sum, ms) => sum + ms, 0);
  const share = worked / (worked + rested);
  assert.ok(share > 0.249 && share < 0.251, `the share was ${share}`);
});

test('a whole core is never rested, but a turn of the event loop is given', async () => {
  const { slept, work, clock, sleep } = fakeTime();
  const pacer = new Pacer({ share: 1, clock, sleep });
  work(50);
  await pacer.rest();
  assert.deepEqual(slept, [0]);
});

test('it ends between two steps when it is told to stop, even in the middle of a rest', async () => {
  const stop = new AbortController();
  const { work, clock } = fakeTime();
  const reason = new Error('enough');
  const pacer = new Pacer({ share: 0.001, clock, signal: stop.signal });
  work(1000);
  // A thousand times the work, in real time.
  const resting = pacer.rest();
  stop.abort(reason);
  await assert.rejects(resting, { name: 'AbortError' });
  await assert.rejects(pacer.rest(), reason);
  await assert.rejects(pacer.wait(0), reason);
});
