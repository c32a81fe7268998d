import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Frame } from '../../src/model/frame.ts';
import { StackTableBuilder } from '../../src/profile/stack-table-builder.ts';
import { StackTreeBuilder } from '../../src/profile/stack-tree-builder.ts';
import { frameOf } from '../support/profile-from-text.ts';

test('stacks that begin alike share nodes, and a parent is numbered before its children', () => {
  const tree = new StackTreeBuilder();
  const query = tree.intern(['main', 'serve', 'query'].map(frameOf));
  const write = tree.intern(['main', 'serve', 'write'].map(frameOf));
  assert.equal(tree.size, 5);
  assert.equal(tree.parent[query], tree.parent[write]);
  for (let node = 1; node < tree.size; node++) assert.ok((tree.parent[node] ?? 0) < node);
  assert.equal(tree.intern([]), 0);
});

test('frames are one when all their parts are equal, and only then', () => {
  const tree = new StackTreeBuilder();
  const base: Frame = { ...frameOf('f'), mapping: { file: 'a', buildId: 'b' } };
  const others: readonly Frame[] = [
    { ...base, line: 1 },
    { ...base, column: 1 },
    { ...base, inlined: true },
    { ...base, folded: true },
    { ...base, mapping: undefined },
    { ...base, mapping: { file: 'ab', buildId: '' } },
    { ...base, function: { name: 'f', systemName: '', file: '', startLine: 1 } },
    { ...base, function: { name: '', systemName: 'f', file: '', startLine: 0 } },
    { ...base, function: undefined },
    { ...base, function: undefined, address: 1n },
  ];
  const ids = [base, ...others].map((frame) => tree.frameId(frame));
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(tree.frameId({ ...base, mapping: { file: 'a', buildId: 'b' } }), ids[0]);
  assert.equal(tree.frameAt(ids[0] ?? 0), base);
});

test('a row is a stack and a label set, whatever the order of the labels', () => {
  const table = new StackTableBuilder();
  const frames = [frameOf('main')];
  const a = { key: 'a', text: '1' };
  const b = { key: 'b', number: 2n, unit: 'bytes' };
  const row = table.intern({ frames, labels: [b, a] });
  assert.equal(table.intern({ frames, labels: [a, b] }), row);
  assert.notEqual(table.intern({ frames, labels: [a, a, b] }), row);
  assert.notEqual(table.intern({ frames, labels: [] }), row);
  assert.deepEqual(table.stack(row), { frames, labels: [a, b] });
  assert.equal(table.size, 3);
});

test('a hundred thousand stacks keep their numbers', () => {
  const tree = new StackTreeBuilder();
  const frames = Array.from({ length: 400 }, (_, i) => tree.frameId(frameOf(`f${i}`)));
  const intern = () => frames.flatMap((a) => frames.slice(0, 250).map((b) => tree.node(tree.node(0, a), b)));
  assert.deepEqual(intern(), intern());
  assert.equal(tree.size, 1 + 400 + 400 * 250);
});
