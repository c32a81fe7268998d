import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { callTreeOf } from '../../src/profile/call-tree.ts';
import { comparedName } from '../../src/profile/compared-name.ts';
import { comparedTrees, underComparedNames } from '../../src/profile/compared-trees.ts';
import { functionSums } from '../../src/profile/top.ts';
import { profileOf, readRows } from '../support/query-profile.ts';

for (const [name, compared] of [
  ['shop.serve', 'shop.serve'],
  ['shop.serve.func1', 'shop.serve.func'],
  ['shop.serve.func3.1.2', 'shop.serve.func'],
  ['shop.serve.func3.func12.1', 'shop.serve.func'],
  ['shop.(*Cart).each.func1-range2', 'shop.(*Cart).each.func'],
  ['shop.each-range1', 'shop.each'],
  ['shop.glob..func4', 'shop.init.func'],
  ['shop.init.func2', 'shop.init.func'],
  ['shop.run.func2.gowrap1', 'shop.run.func.gowrap'],
  ['shop.func12x', 'shop.func12x'],
  ['shop.funcs2', 'shop.funcs2'],
] as const) {
  test(`${name} is compared as ${compared}`, () => assert.equal(comparedName(name), compared));
}

test('two trees are brought together over the same nodes, closures by their compared names', () => {
  const { compare, base } = comparedTrees(
    tree(`
      main;serve.func1 1
      main;serve.func2 2
      main;fresh 4`),
    tree(`
      main;serve.func7 8
      gone 16`),
  );
  assert.deepEqual(draw(compare), draw(base).map(withValuesOf(draw(compare))));
  assert.deepEqual(draw(compare), ['0 7 total', '0 7 main', '3 3 serve.func', '4 4 fresh', '0 0 gone']);
  assert.deepEqual(draw(base), ['0 24 total', '0 8 main', '8 8 serve.func', '0 0 fresh', '16 16 gone']);
  assert.deepEqual([compare.parent, compare.name], [base.parent, base.name]);
  assert.equal(compare.fileOf(compare.names.indexOf('gone')), 'gone.go');
});

function tree(rows: string) {
  return callTreeOf(profileOf(readRows(rows), [{ type: 'cpu', unit: 'nanoseconds' }]), 0);
}

/** `self total name` by node. */
function draw({ size, self, total, name, names }: ReturnType<typeof tree>): string[] {
  return Array.from({ length: size }, (_, node) => `${self[node]} ${total[node]} ${names[name[node] ?? 0]}`);
}

function withValuesOf(lines: readonly string[]) {
  return (line: string, node: number): string => {
    const [self, total] = lines[node]?.split(' ') ?? [];
    return `${self} ${total} ${line.split(' ').slice(2).join(' ')}`;
  };
}

test('functions add up the same under compared names, whether their nodes are brought together or not', () => {
  const frame = fc.constantFrom('main', 'serve.func1', 'serve.func2', 'serve.func1.2', 'query');
  const row = fc.tuple(fc.array(frame, { minLength: 1, maxLength: 5 }), fc.integer({ min: -9, max: 9 }));
  fc.assert(
    fc.property(fc.array(row, { maxLength: 12 }), (rows) => {
      const plain = tree(rows.map(([frames, value]) => `${frames.join(';')} ${value}`).join('\n'));
      assert.deepEqual(sumsOf(underComparedNames(plain)), sumsOf(comparedTrees(plain, plain).compare));
    }),
  );
});

function sumsOf(functions: ReturnType<typeof tree>) {
  const { self, total } = functionSums(functions);
  return new Map(functions.names.map((name, at) => [name, [self[at], total[at]]]));
}
