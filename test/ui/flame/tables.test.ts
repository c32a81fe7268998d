import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { type FlameModel, pathOf, prepareFlame, sandwich, searchFrames, topRows } from '../../../src/ui/flame/model.ts';
import { anyDiff, anyGraph, graphOf } from './answers.ts';

/** Each stack with what was counted in it. */
function stacksOf(model: FlameModel): { stack: string[]; self: number; base: number }[] {
  return Array.from(model.self, (self, node) => ({
    stack: pathOf(model, node),
    self,
    base: model.baseSelf?.[node] ?? 0,
  }));
}

/** A tree as folded stacks with totals, sorted. */
function textOf(model: FlameModel): string[] {
  const amounts = (node: number): string => `${model.total[node]} ${model.self[node]} ${model.baseTotal?.[node] ?? ''}`;
  return Array.from({ length: model.size }, (_, node) => `${pathOf(model, node).join(';')} ${amounts(node)}`).sort();
}

/** Stacks as a tree, by adding up each beginning. */
function treeText(
  stacks: readonly { stack: readonly string[]; self: number; base: number }[],
  isDiff: boolean,
): string[] {
  const totals = new Map<string, { total: number; self: number; base: number }>();
  for (const { stack, self, base } of stacks) {
    for (let length = 0; length <= stack.length; length++) {
      const key = stack.slice(0, length).join(';');
      const before = totals.get(key) ?? { total: 0, self: 0, base: 0 };
      const own = length === stack.length ? self : 0;
      totals.set(key, { total: before.total + self, self: before.self + own, base: before.base + base });
    }
  }
  return [...totals].map(([key, { total, self, base }]) => `${key} ${total} ${self} ${isDiff ? base : ''}`).sort();
}

test('a function counts once on a stack, however often it calls itself', () => {
  const model = prepareFlame(graphOf('fib;fib;fib 3\nfib 1\nmain;fib 2'));
  const rows = topRows(model).map(({ name, self, total }) => [model.names[name], self, total]);
  assert.deepEqual(rows, [
    ['fib', 6, 6],
    ['main', 0, 2],
  ]);
});

test('self and total of each function are those of its stacks, on both sides', () => {
  fc.assert(
    fc.property(fc.oneof(anyGraph, anyDiff), (answer) => {
      const model = prepareFlame(answer);
      const stacks = stacksOf(model);
      for (const row of topRows(model)) {
        const name = model.names[row.name] ?? '';
        const sum = (of: 'self' | 'base', isIn: (stack: readonly string[]) => boolean): number =>
          stacks.reduce((all, one) => all + (isIn(one.stack) ? one[of] : 0), 0);
        assert.equal(
          row.total,
          sum('self', (stack) => stack.includes(name)),
        );
        assert.equal(
          row.self,
          sum('self', (stack) => stack.at(-1) === name),
        );
        assert.equal(
          row.baseTotal,
          sum('base', (stack) => stack.includes(name)),
        );
        assert.equal(
          row.baseSelf,
          sum('base', (stack) => stack.at(-1) === name),
        );
      }
    }),
  );
});

test('callees of a function are all its calls laid on top of each other', () => {
  fc.assert(
    fc.property(fc.oneof(anyGraph, anyDiff), fc.constantFrom('a', 'b'), (answer, name) => {
      const model = prepareFlame(answer);
      const below = stacksOf(model).flatMap(({ stack, self, base }) =>
        stack.includes(name) ? [{ stack: stack.slice(stack.indexOf(name) + 1), self, base }] : [],
      );
      if (below.length === 0) return;
      const { callees } = sandwich(model, model.names.indexOf(name));
      assert.deepEqual(textOf(callees), treeText(below, model.baseTotal !== undefined));
    }),
  );
});

test('callers of a function are the ways to its outermost calls, read upwards', () => {
  fc.assert(
    fc.property(fc.oneof(anyGraph, anyDiff), fc.constantFrom('a', 'b'), (answer, name) => {
      const model = prepareFlame(answer);
      const above = stacksOf(model).flatMap(({ stack, self, base }) =>
        stack.includes(name) ? [{ stack: stack.slice(0, stack.indexOf(name)).reverse(), self, base }] : [],
      );
      if (above.length === 0) return;
      const { callers } = sandwich(model, model.names.indexOf(name));
      const wanted = treeText(above, model.baseTotal !== undefined);
      assert.deepEqual(textOf(callers), wanted);
    }),
  );
});

test('trees of a sandwich stand heaviest first, and keep the whole profile as what shares are of', () => {
  const model = prepareFlame(graphOf('a;f;x 1\na;f;y 5\nb;f;x 3\nother 11'));
  const { callers, callees } = sandwich(model, model.names.indexOf('f'));
  const words = (of: FlameModel): string[] =>
    Array.from(of.name, (name, node) => `${of.names[name]} ${of.total[node]}`);
  assert.deepEqual(words(callees), ['f 9', 'y 5', 'x 4']);
  assert.deepEqual(words(callers), ['f 9', 'a 6', 'b 3']);
  assert.equal(callees.wholeTotal, 20);
});

test('a search counts functions and frames, and each stack once', () => {
  const model = prepareFlame(graphOf('shop.scan;db.scan 4\nshop.serve;db.query 4\nidle 2'));
  const { functions, frames, share, isText } = searchFrames(model, 'scan$|db');
  assert.deepEqual([functions, frames, share, isText], [3, 3, 0.8, false]);
});

test('capitals are told from small letters only where a search has any', () => {
  const model = prepareFlame(graphOf('Serve 1\nserve 1'));
  assert.equal(searchFrames(model, 'serve').functions, 2);
  assert.equal(searchFrames(model, 'Serve').functions, 1);
});

test('the root of a profile matches nothing: it is no function', () => {
  assert.equal(searchFrames(prepareFlame(graphOf('a 1')), 'total').functions, 0);
});

test('what is no expression is searched as it stands', () => {
  const model = prepareFlame(graphOf('(*Server).Serve 1\nmain 1'));
  assert.deepEqual([searchFrames(model, '(*Server').functions, searchFrames(model, '(*Server').isText], [1, true]);
  assert.equal(searchFrames(model, '').functions, 0);
});

test('the share of a search is that of the stacks with a match', () => {
  fc.assert(
    fc.property(anyGraph, fc.constantFrom('a', 'a|b', '[cd]', 'z'), (answer, search) => {
      const model = prepareFlame(answer);
      const matching = stacksOf(model).reduce(
        (sum, { stack, self }) => sum + (new RegExp(search).test(stack.join(' ')) ? self : 0),
        0,
      );
      const share = model.wholeTotal === 0 ? 0 : matching / model.wholeTotal;
      assert.ok(Math.abs(searchFrames(model, search).share - share) < 1e-9);
    }),
  );
});
