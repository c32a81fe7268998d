import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { CallTree } from '../../../../src/profile/call-tree.ts';
import { type ComparedTrees, comparedTrees } from '../../../../src/profile/compared-trees.ts';
import { topOf } from '../../../../src/profile/top.ts';
import type { PartitionSums } from '../../../../src/store/sqlite/read/answer.ts';
import { CallTrees } from '../../../../src/store/sqlite/read/call-tree.ts';
import {
  Partition,
  partition,
  type Samples,
  samplesOf,
  smallValues,
  values,
} from '../../../support/store-partition-sums.ts';

const all = { maxNodes: Infinity };
const shown = { unit: 'count', divisor: 1 };

function sideOf(partitions: readonly PartitionSums[], type = 0) {
  return { partitions, type, ...shown };
}

/** `compare/base` of total and self by name, indented by depth, in the order of names. */
function draw({ compare, base }: ComparedTrees): string {
  const nameOf = (node: number): string => compare.names[compare.name[node] ?? 0] ?? '';
  const below = (node: number, depth: number): string[] => [
    `${compare.total[node]}/${base.total[node]} ${compare.self[node]}/${base.self[node]} ${'  '.repeat(depth)}${nameOf(node)}`,
    ...[...compare.parent.keys()]
      .filter((child) => child > 0 && compare.parent[child] === node)
      .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
      .flatMap((child) => below(child, depth + 1)),
  ];
  return below(0, 0).join('\n');
}

test('closures of two builds are one node, of which each side has its numbers', () => {
  const old = partition('main;serve.func1 6', 'main;serve.func2 1', 'main;gone 2');
  const trees = new CallTrees().compared(sideOf([partition('main;serve.func3.1 5', 'main;new 1')]), sideOf([old]), all);
  assert.equal(
    draw(trees),
    `
6/9 0/0 total
6/9 0/0   main
0/2 0/2     gone
1/0 1/0     new
5/7 5/7     serve.func`.slice(1),
  );
  const { compare } = trees;
  const closure = [...compare.name].find((id) => compare.names[id] === 'serve.func') ?? -1;
  assert.match(compare.fileOf(closure), /^serve\.func\d(\.1)?\.go$/);
});

test('of a small window and a large one, the heaviest of each are kept, and what is folded away is told of each', () => {
  const large = partition('main;a 1000', 'main;b 10', 'main;c 10');
  const small = partition('main;a 1', 'main;d 4', 'main;e 1');
  const trees = new CallTrees().compared(sideOf([small]), sideOf([large]), { maxNodes: 4 });
  assert.equal(draw(trees), '6/1020 0/0 total\n6/1020 0/0   main\n1/1000 1/1000     a\n4/0 4/0     d');
  assert.deepEqual([trees.compare.foldedAway, trees.base.foldedAway], [1, 20]);
});

test('a side without the type is 0 in every node', () => {
  const trees = new CallTrees().compared(sideOf([partition('main;a 3')]), { ...sideOf([]), type: -1 }, all);
  assert.equal(draw(trees), '3/0 0/0 total\n3/0 0/0   main\n3/0 3/0     a');
});

test('of functions alone, a closure within another counts once', () => {
  const trees = new CallTrees().compared(sideOf([partition('f.func1;g;f.func2 3')]), sideOf([partition('f.func1 2')]), {
    ...all,
    flat: true,
  });
  assert.equal(draw(trees), '3/2 0/0 total\n3/2 3/2   f.func\n3/0 0/0   g');
});

/** Partitions with what two windows have of each. */
function drawn(value: fc.Arbitrary<bigint>) {
  return fc.array(fc.tuple(samplesOf(value), samplesOf(value)), { minLength: 1, maxLength: 3 });
}

function sidesOf(samples: readonly (readonly [Samples, Samples])[]): [PartitionSums[], PartitionSums[]] {
  const partitions = samples.map(([compare, base]) => {
    const own = new Partition();
    // The dictionary grows between the two, as when a writer goes on.
    const first = own.sums(compare);
    return [first, { ...own.sums(base), dictionary: first.dictionary }] as const;
  });
  return [partitions.map(([compare]) => compare), partitions.map(([, base]) => base)];
}

/** By path, what both sides have; nodes where both have nothing are left out. */
function byPath({ compare, base }: ComparedTrees): Map<string, readonly bigint[]> {
  const paths: string[][] = [[]];
  const found = new Map<string, readonly bigint[]>();
  for (let node = 0; node < compare.size; node++) {
    const name = compare.names[compare.name[node] ?? 0] ?? '';
    if (node > 0) paths[node] = [...(paths[compare.parent[node] ?? 0] ?? []), name];
    const numbers = [compare.total, compare.self, base.total, base.self].map((amounts) => BigInt(amounts[node] ?? 0));
    const key = JSON.stringify(paths[node]);
    assert.ok(!found.has(key), `${key} is one node`);
    if (node === 0 || numbers.some((value) => value !== 0n)) found.set(key, numbers);
  }
  return found;
}

test('two trees over the same nodes are those that two questions have, brought together', () => {
  const property = fc.property(drawn(values), fc.nat(1), (samples, type) => {
    const [compare, base] = sidesOf(samples);
    const trees = new CallTrees();
    const found = trees.compared(sideOf(compare, type), sideOf(base, type), all);
    const options = { ...shown, maxNodes: Infinity };
    const expected = comparedTrees(trees.ofSums(compare, type, options), trees.ofSums(base, type, options));
    const [left, right] = [byPath(found), byPath(expected)];
    assert.deepEqual(left, new Map([...left.keys()].map((path) => [path, right.get(path)])));
    assert.equal(left.size, right.size);
    assert.deepEqual(found.compare.parent, found.base.parent);
  });
  fc.assert(property);
});

test('of few nodes each is exact on both sides, the heaviest by share are there, and nothing is lost', () => {
  const property = fc.property(drawn(smallValues), fc.integer({ min: 1, max: 16 }), (samples, maxNodes) => {
    const [compare, base] = sidesOf(samples);
    const trees = new CallTrees();
    const whole = byPath(trees.compared(sideOf(compare), sideOf(base), all));
    const some = trees.compared(sideOf(compare), sideOf(base), { maxNodes });
    const kept = byPath(some);
    assert.ok(some.compare.size >= Math.min(maxNodes, whole.size) && some.compare.size <= 2 * maxNodes);
    for (const [path, numbers] of kept) assert.deepEqual(numbers, whole.get(path), path);
    const [root = []] = [whole.get('[]')];
    const share = ([ofCompare = 0n, , ofBase = 0n]: readonly bigint[]): number =>
      Number(ofCompare) / Math.max(1, Number(root[0])) + Number(ofBase) / Math.max(1, Number(root[2]));
    const lightest = Math.min(...[...kept.values()].map(share));
    for (const [path, numbers] of whole) assert.ok(kept.has(path) || share(numbers) <= 1.126 * lightest, path);
    for (const [tree, at] of [
      [some.compare, 0],
      [some.base, 2],
    ] as const) {
      assert.equal(selfOf(tree) + BigInt(tree.foldedAway), root[at]);
    }
  });
  fc.assert(property);
});

test('functions alone are those of the trees', () => {
  const property = fc.property(drawn(smallValues), (samples) => {
    const [compare, base] = sidesOf(samples);
    const trees = new CallTrees();
    const flat = trees.compared(sideOf(compare), sideOf(base), { ...all, flat: true });
    const whole = trees.compared(sideOf(compare), sideOf(base), all);
    for (const side of ['compare', 'base'] as const) assert.deepEqual(rowsOf(flat[side]), rowsOf(whole[side]));
  });
  fc.assert(property);
});

function rowsOf(tree: CallTree): string[] {
  return topOf(tree)
    .rows.map((row) => `${row.function} ${row.self} ${row.total}`)
    .sort();
}

function selfOf({ self }: CallTree): bigint {
  return [...self].reduce((sum: bigint, value) => sum + BigInt(value), 0n);
}
