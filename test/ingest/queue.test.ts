import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { FairQueue } from '../../src/ingest/queue.ts';

interface Entry {
  readonly lane: string;
  readonly bytes: number;
  readonly name: string;
}

const entry = (name: string, bytes = 1): Entry => ({ lane: name.slice(0, 1), bytes, name });
const names = (entries: readonly Entry[]): string => entries.map(({ name }) => name).join(' ');

function queueOf(maxBytes: number, ...entries: readonly Entry[]): { queue: FairQueue<Entry>; dropped: string } {
  const queue = new FairQueue<Entry>(maxBytes);
  return { queue, dropped: names(entries.flatMap((item) => queue.push(item))) };
}

test('lanes take turns, and inside a lane the order stays', () => {
  const { queue } = queueOf(100, entry('a1'), entry('a2'), entry('a3'), entry('b1'), entry('c1'), entry('b2'));
  assert.equal(names(queue.take(4, 100)), 'a1 b1 c1 a2');
  assert.equal(names(queue.take(9, 100)), 'b2 a3');
  assert.equal(queue.length, 0);
});

test('a full queue drops the newest of the lane that holds most of it', () => {
  const { queue, dropped } = queueOf(
    10,
    entry('a1', 3),
    entry('a2', 3),
    entry('b1', 4),
    entry('b2', 1),
    entry('c1', 2),
  );
  assert.equal(dropped, 'a2');
  assert.equal(queue.bytes, 10);
  assert.equal(names(queue.take(9, 100)), 'a1 b1 c1 b2');
});

test('an entry that is larger than the whole queue is dropped itself', () => {
  const { queue, dropped } = queueOf(10, entry('a1', 3), entry('b1', 11));
  assert.equal(dropped, 'b1');
  assert.equal(names(queue.take(9, 100)), 'a1');
});

test('a batch stays under its bytes, but one entry always goes', () => {
  const { queue } = queueOf(100, entry('a1', 20), entry('b1', 5), entry('c1', 5), entry('d1', 5));
  assert.equal(names(queue.take(9, 10)), 'a1');
  assert.equal(names(queue.take(9, 10)), 'b1 c1');
});

test('nothing is lost: what was put in came out or was dropped, and the bound held', () => {
  const items = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 30 })), { maxLength: 60 });
  fc.assert(
    fc.property(items, fc.integer({ min: 1, max: 80 }), (items, bound) => {
      const queue = new FairQueue<Entry>(bound);
      const out: string[] = [];
      for (const [index, [lane, bytes]] of items.entries()) {
        out.push(...queue.push({ lane, bytes, name: `${lane}${index}` }).map(({ name }) => name));
        assert.ok(queue.bytes <= bound);
        if (index % 5 === 4) out.push(...queue.take(2, 40).map(({ name }) => name));
      }
      while (queue.length > 0) out.push(...queue.take(3, 50).map(({ name }) => name));
      assert.equal(queue.bytes, 0);
      assert.deepEqual(out.toSorted(), items.map(([lane], index) => `${lane}${index}`).toSorted());
    }),
  );
});

test('a queue without room is refused by name', () => {
  assert.throws(() => new FairQueue(0), { message: 'the queue needs room for more than 0 bytes, got 0' });
});
