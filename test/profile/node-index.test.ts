import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { NodeIndex } from '../../src/profile/node-index.ts';

test('the same frame below the same node is one node, and nodes are numbered as they are first seen', () => {
  const paths = fc.array(fc.array(fc.nat(40), { maxLength: 5 }), { maxLength: 400 });
  fc.assert(
    fc.property(paths, (stacks) => {
      const index = new NodeIndex();
      const known = new Map<string, number>([['', 0]]);
      for (const stack of stacks) {
        let [node, path] = [0, ''];
        for (const frame of stack) {
          path += `;${frame}`;
          node = index.childOf(node, frame);
          if (!known.has(path)) known.set(path, known.size);
          assert.equal(node, known.get(path), path);
        }
      }
      assert.equal(index.size, known.size);
    }),
    { numRuns: 60 },
  );
});

test('a node may have very many children, and its tree be very deep', () => {
  const index = new NodeIndex();
  const wide = Array.from({ length: 100_000 }, (_, frame) => index.childOf(0, frame));
  let deepest = 0;
  for (let depth = 0; depth < 200_000; depth++) deepest = index.childOf(deepest, 7);
  assert.deepEqual(
    wide.map((_, frame) => index.childOf(0, frame)),
    wide,
  );
  assert.equal(index.size, 100_000 + 200_000);
  assert.equal(index.parent[deepest], deepest - 1);
  assert.deepEqual([index.parent[wide[70_000] as number], index.frame[wide[70_000] as number]], [0, 70_000]);
});
