import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { ReviewLane } from '../../src/auth/review-lane.ts';

const bounds = { inFlight: 2, waiting: 2, perSecond: 10, burst: 100 };
const busy = { code: 'busy', status: 429 };

function lane(more: Partial<typeof bounds> = {}) {
  const clock = { ms: 0 };
  const begun: string[] = [];
  const reviews = new ReviewLane({ ...bounds, ...more }, () => clock.ms);
  const ends = new Map<string, PromiseWithResolvers<string>>();
  const run = (name: string) => {
    const end = Promise.withResolvers<string>();
    ends.set(name, end);
    const done = reviews.run(() => {
      begun.push(name);
      return end.promise;
    });
    done.catch(() => {});
    return done;
  };
  const end = (name: string) => ends.get(name)?.resolve(`${name} ended`);
  const fail = (name: string, error: Error) => ends.get(name)?.reject(error);
  return { reviews, clock, begun, run, end, fail };
}

test('so many are under way, so many wait in the order in which they came, and more are busy', async () => {
  const { reviews, begun, run, end } = lane();
  const [a, b, c, d] = [run('a'), run('b'), run('c'), run('d')];
  await assert.rejects(run('e'), { ...busy, message: /2 under way and 2 waiting/ });
  assert.deepEqual(begun, ['a', 'b']);
  end('b');
  assert.equal(await b, 'b ended');
  await setImmediate();
  assert.deepEqual(begun, ['a', 'b', 'c']);
  assert.equal(reviews.inFlight, 2);
  end('a');
  end('c');
  await Promise.all([a, c]);
  end('d');
  await d;
  assert.deepEqual(begun, ['a', 'b', 'c', 'd']);
  assert.equal(reviews.inFlight, 0);
});

test('a place that is handed over is nobody else’s meanwhile', async () => {
  const { reviews, run, end } = lane({ inFlight: 1 });
  const [a, b] = [run('a'), run('b')];
  end('a');
  await a;
  const c = run('c');
  assert.equal(reviews.inFlight, 1);
  end('b');
  end('c');
  await Promise.all([b, c]);
  assert.equal(reviews.inFlight, 0);
});

test('one that fails lets those that wait fail with it, and not those under way', async () => {
  const { begun, run, end, fail } = lane();
  const [a, b, c, d] = [run('a'), run('b'), run('c'), run('d')];
  fail('a', new Error('away'));
  for (const each of [a, c, d]) await assert.rejects(each, { message: 'away' });
  end('b');
  assert.equal(await b, 'b ended');
  assert.deepEqual(begun, ['a', 'b']);
  const e = run('e');
  end('e');
  assert.equal(await e, 'e ended');
});

test('so many a second, and a few at once after a quiet while', async () => {
  const { clock, run, end } = lane({ burst: 3 });
  const one = async (name: string) => {
    const done = run(name);
    end(name);
    return done;
  };
  for (const name of ['a', 'b', 'c']) await one(name);
  await assert.rejects(one('d'), { ...busy, message: /10 a second/ });
  clock.ms += 99;
  await assert.rejects(one('e'), busy);
  clock.ms += 1;
  await one('f');
  await assert.rejects(one('g'), busy);
  clock.ms += 3_600_000;
  for (const name of ['h', 'i', 'j']) await one(name);
  await assert.rejects(one('k'), busy);
  clock.ms -= 3_600_000;
  await assert.rejects(one('l'), busy);
});
