import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { childrenOf, type FlameModel, prepareFlame } from '../../../src/ui/flame/model.ts';
import { anyDiff, anyGraph, diffOf, folded, graphOf } from './answers.ts';

/** Each level as a line of 20 letters, a letter a twentieth of the width; `.` where there is no frame, `~` what was folded. */
function drawn(model: FlameModel): string {
  const lines: string[] = [];
  for (let level = 0; level <= model.levels; level++) {
    const line = Array.from<string>({ length: 20 }).fill('.');
    const put = (start: number, width: number, letter: string): void => {
      for (let at = Math.round(start * 20); at < Math.round((start + width) * 20); at++) line[at] = letter;
    };
    for (const node of model.order.subarray(model.levelStart[level], model.levelStart[level + 1] ?? model.size)) {
      put(model.start[node] ?? 0, model.width[node] ?? 0, model.names[model.name[node] ?? 0]?.[0] ?? '?');
    }
    const { rests } = model;
    for (let at = rests.levelStart[level] ?? 0; at < (rests.levelStart[level + 1] ?? 0); at++) {
      put(rests.start[at] ?? 0, rests.width[at] ?? 0, '~');
    }
    lines.push(line.join(''));
  }
  return lines.join('\n').replace(/(\n\.+)+$/, '');
}

test('frames are as wide as their share, callees stand in their caller from its left, self at its right', () => {
  const model = prepareFlame(graphOf('main;serve;query 10\nmain;serve 2\nmain;idle 4\ngc 4'));
  assert.equal(
    drawn(model),
    `
tttttttttttttttttttt
mmmmmmmmmmmmmmmmgggg
ssssssssssssiiii....
qqqqqqqqqq..........`.slice(1),
  );
});

test('a frame of a diff is as wide as the mean of both shares', () => {
  const model = prepareFlame(diffOf('same 10 100\ngone 0 100\nnew 10 0'));
  assert.equal(drawn(model), 'tttttttttttttttttttt\nssssssssssgggggnnnnn');
});

test('where one side of a diff is empty, the other is drawn alone', () => {
  const model = prepareFlame(diffOf('serve 15 0\nidle 5 0'));
  assert.equal(drawn(model), 'tttttttttttttttttttt\nsssssssssssssssiiiii');
});

test('what the server folded away keeps its place below its caller', () => {
  const answer = folded(graphOf('main;big 10\nmain;small 3\nmain;tiny 2\nmain 5'), 5);
  assert.equal(drawn(prepareFlame(answer)), 'tttttttttttttttttttt\nmmmmmmmmmmmmmmmmmmmm\nbbbbbbbbbb~~~~~.....');
});

test('amounts below 0 never make a frame wider than its caller', () => {
  const model = prepareFlame(graphOf('main;more 10\nmain;less -5'));
  assert.equal(drawn(model), 'tttttttttttttttttttt\nmmmmmmmmmmmmmmmmmmmm\nmmmmmmmmmmmmmlllllll');
});

test('an answer without frames is a root alone', () => {
  const model = prepareFlame({ ...graphOf('a 1'), names: [], name: [], parent: [], self: [], total: [] });
  assert.deepEqual([model.size, model.levels, model.names[0]], [1, 1, 'total']);
});

test('shares of a subtree are of the whole profile', () => {
  const answer = graphOf('main;serve 10');
  const model = prepareFlame({ ...answer, meta: { ...answer.meta, rootTotal: 40 } as typeof answer.meta });
  assert.equal(model.wholeTotal, 40);
  assert.equal(model.width[0], 1);
});

test('children lie side by side inside their parent, each with its share', () => {
  fc.assert(
    fc.property(fc.oneof(anyGraph, anyDiff), (answer) => {
      const model = prepareFlame(answer);
      for (let node = 0; node < model.size; node++) {
        const [start = 0, width = 0, total = 0] = [model.start[node], model.width[node], model.total[node]];
        if (!model.baseTotal && model.wholeTotal > 0) assert.ok(Math.abs(width - total / model.wholeTotal) < 1e-9);
        let from = start;
        for (const child of childrenOf(model, node)) {
          assert.equal(model.parent[child], node);
          assert.ok(Math.abs((model.start[child] ?? 0) - from) < 1e-9);
          from += model.width[child] ?? 0;
        }
        assert.ok(from <= start + width + 1e-9);
      }
      assert.equal(model.rests.node.length, 0);
    }),
  );
});
