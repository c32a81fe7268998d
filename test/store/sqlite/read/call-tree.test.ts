import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { type Frame, frameName } from '../../../../src/model/frame.ts';
import { type CallTree, callTreeOf } from '../../../../src/profile/call-tree.ts';
import { topOf } from '../../../../src/profile/top.ts';
import { FrameRegistry } from '../../../../src/store/sqlite/dictionary/frame-registry.ts';
import { buildAnswer } from '../../../../src/store/sqlite/read/answer.ts';
import { CallTrees } from '../../../../src/store/sqlite/read/call-tree.ts';
import {
  Partition,
  partition,
  type Samples,
  samplesOf,
  smallValues,
  values,
} from '../../../support/store-partition-sums.ts';
import { frameNamed } from '../../../support/store-records.ts';

const shown = { unit: 'count', divisor: 1, maxNodes: Infinity };

/** `total self name`, indented by depth, in the order of names. */
function draw(tree: CallTree): string {
  const below = (node: number, depth: number): string[] => [
    `${tree.total[node]} ${tree.self[node]} ${'  '.repeat(depth)}${nameAt(tree, node)}`,
    ...childrenOf(tree, node).flatMap((child) => below(child, depth + 1)),
  ];
  return below(0, 0).join('\n');
}

function childrenOf(tree: CallTree, node: number): number[] {
  const all = Array.from(tree.parent.keys()).filter((child) => child > 0 && tree.parent[child] === node);
  return all.sort((a, b) => (nameAt(tree, a) < nameAt(tree, b) ? -1 : 1));
}

function nameAt(tree: CallTree, node: number): string {
  return tree.names[tree.name[node] ?? 0] ?? '';
}

test('the same functions of several partitions are one node, whatever their lines and labels', () => {
  const line9: Frame = { ...frameNamed('serve'), line: 9 };
  const other = new Partition().sums([[{ frames: [frameNamed('main'), line9], labels: [] }, 2n]]);
  const one = partition('main;serve{route=/pay} 1', 'main;serve 1', 'main;idle 5', '- 1');
  assert.equal(
    draw(new CallTrees().ofSums([one, other], 0, shown)),
    `
10 1 total
9 0   main
5 5     idle
4 4     serve`.slice(1),
  );
});

test('what is folded away stays in the totals above it', () => {
  const one = partition('main;serve;query 6', 'main;serve;write 3', 'main;idle 1');
  const other = partition('main;idle 4');
  const tree = new CallTrees().ofSums([one, other], 0, { ...shown, maxNodes: 4 });
  assert.equal(draw(tree), '14 0 total\n14 0   main\n9 0     serve\n6 6       query');
  assert.equal(tree.foldedAway, 8);
});

test('of functions alone, a recursive stack counts once', () => {
  const one = partition('main;fib;fib;fib 2', 'main;fib;serve;fib 3', '- 1');
  const tree = new CallTrees().ofSums([one], 0, { ...shown, flat: true });
  assert.equal(draw(tree), '6 1 total\n5 5   fib\n5 0   main\n3 0   serve');
  assert.deepEqual(
    topOf(tree).rows.map((row) => `${row.function} ${row.file} ${row.self} ${row.total}`),
    ['fib fib.go 5 5', 'main main.go 0 5', 'serve serve.go 0 3'],
  );
});

test('nothing at all is a root of 0', () => {
  for (const flat of [false, true]) {
    const options = { ...shown, flat };
    assert.equal(draw(new CallTrees().ofSums([], 0, options)), '0 0 total');
    assert.equal(draw(new CallTrees().ofSums([partition('main 0 5')], 0, options)), '0 0 total');
  }
});

/** By path of names from the root: what brute force counts. */
interface Counted {
  self: bigint;
  total: bigint;
  size: bigint;
}

function bruteForce(samples: Samples, type: number): Map<string, Counted> {
  const nodes = new Map<string, Counted>([['total', { self: 0n, total: 0n, size: 0n }]]);
  for (const [stack, ...all] of samples) {
    const value = all[type] ?? 0n;
    const path = ['total', ...stack.frames.map(frameName)];
    for (let depth = 1; depth <= path.length; depth++) {
      const key = JSON.stringify(path.slice(0, depth));
      const node = nodes.get(depth === 1 ? 'total' : key) ?? { self: 0n, total: 0n, size: 0n };
      nodes.set(depth === 1 ? 'total' : key, node);
      node.total += value;
      node.size += value < 0n ? -value : value;
      if (depth === path.length) node.self += value;
    }
  }
  return nodes;
}

function pathsOf(tree: CallTree): Map<string, Counted> {
  const paths: string[][] = [['total']];
  const nodes = new Map<string, Counted>();
  for (let node = 0; node < tree.size; node++) {
    const parent = tree.parent[node] ?? 0;
    if (node > 0) {
      assert.ok(parent < node, 'a parent comes before its children');
      paths[node] = [...(paths[parent] ?? []), nameAt(tree, node)];
    }
    const key = node === 0 ? 'total' : JSON.stringify(paths[node]);
    assert.ok(!nodes.has(key), `${key} is one node`);
    nodes.set(key, { self: BigInt(tree.self[node] ?? 0), total: BigInt(tree.total[node] ?? 0), size: 0n });
  }
  return nodes;
}

test('the tree is what brute force counts, over partitions that grow, with any values', () => {
  const questions = fc.array(fc.array(samplesOf(values), { minLength: 1, maxLength: 3 }), {
    minLength: 1,
    maxLength: 3,
  });
  const property = fc.property(questions, fc.nat(1), (asked, type) => {
    const trees = new CallTrees();
    const partitions = [new Partition(), new Partition(), new Partition()];
    for (const question of asked) {
      const sums = question.map((samples, at) => (partitions[at] ?? new Partition()).sums(samples));
      const expected = bruteForce(question.flat(), type);
      const found = pathsOf(trees.ofSums(sums, type, shown));
      for (const [path, { self, total, size }] of expected) {
        const node = found.get(path);
        // What one stack takes and gives back is nothing before a tree is made of it.
        if (size > 0n || path === 'total') assert.deepEqual([node?.self ?? 0n, node?.total ?? 0n], [self, total], path);
        else assert.equal(node, undefined, `${path} holds nothing`);
        found.delete(path);
      }
      assert.deepEqual([...found.keys()], []);
    }
  });
  fc.assert(property);
});

test('tree and functions are those of the merged profile', () => {
  const property = fc.property(fc.array(samplesOf(smallValues), { minLength: 1, maxLength: 3 }), (samples) => {
    const sums = samples.map((own) => new Partition().sums(own));
    const trees = new CallTrees();
    const { stacks, values: columns, divisors } = buildAnswer(sums, [1, 1], new FrameRegistry());
    const header = {} as never;
    const sampleTypes = [0, 1].map((at) => ({ type: `type${at}`, unit: 'count' }));
    const merged = callTreeOf({ stacks, values: columns, divisors, header, sampleTypes }, 1);
    const whole = trees.ofSums(sums, 1, shown);
    const flat = trees.ofSums(sums, 1, { ...shown, flat: true });
    assert.deepEqual(topOf(whole), topOf(merged));
    assert.deepEqual(topOf(flat), topOf(merged));
    const drawn = pathsOf(merged);
    for (const [path, node] of pathsOf(whole)) assert.deepEqual(node, drawn.get(path));
  });
  fc.assert(property);
});

test('of few nodes each is exact, none is much lighter than one that was folded, and nothing is lost', () => {
  const drawn = fc.tuple(
    fc.array(samplesOf(smallValues), { minLength: 1, maxLength: 3 }),
    fc.integer({ min: 1, max: 20 }),
  );
  const property = fc.property(drawn, ([samples, maxNodes]) => {
    const sums = samples.map((own) => new Partition().sums(own));
    const tree = new CallTrees().ofSums(sums, 0, { ...shown, maxNodes });
    const expected = bruteForce(samples.flat(), 0);
    const kept = pathsOf(tree);
    const all = [...expected].filter(([path, { size }]) => size > 0n || path === 'total');
    assert.ok(kept.size >= Math.min(maxNodes, all.length) && kept.size <= 2 * maxNodes);
    for (const [path, { self, total }] of kept) {
      assert.deepEqual({ self, total }, { self: expected.get(path)?.self, total: expected.get(path)?.total });
    }
    const lightest = [...kept.values()].reduce(
      (least, { total }) => (total < least ? total : least),
      kept.get('total')?.total ?? 0n,
    );
    for (const [path, { total }] of all) assert.ok(kept.has(path) || 8n * total <= 9n * lightest, path);
    const self = [...kept.values()].reduce((sum, node) => sum + node.self, 0n);
    assert.equal(self + BigInt(tree.foldedAway), expected.get('total')?.total);
  });
  fc.assert(property);
});
