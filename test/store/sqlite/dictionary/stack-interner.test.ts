import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Frame, StackTrace } from '../../../../src/model/frame.ts';
import { stackAt } from '../../../../src/profile/stack-table-builder.ts';
import { treeOf } from '../../../../src/store/sqlite/dictionary/dictionaries.ts';
import { StackDictionary } from '../../../../src/store/sqlite/dictionary/dictionary.ts';
import { StackInterner } from '../../../../src/store/sqlite/dictionary/stack-interner.ts';
import { frameNamed, stackFromText } from '../../../support/store-records.ts';

const plain = frameNamed('main');
const odd: Frame[] = [
  { ...plain, line: -5, column: 2 ** 40 },
  { ...plain, inlined: true },
  { ...plain, folded: true },
  { ...plain, mapping: undefined },
  { ...plain, function: { name: '', systemName: '_Zλ', file: '', startLine: 2 ** 53 - 1 } },
  { ...plain, function: undefined, address: 2n ** 64n - 1n },
  { ...plain, function: undefined, address: 0n, mapping: undefined },
];
const stacks: StackTrace[] = [
  { frames: [plain, ...odd], labels: [] },
  ...odd.map((frame) => ({ frames: [plain, frame], labels: [] })),
  stackFromText('main{bytes=-9223372036854775808}'),
  stackFromText('main{bytes=16,tag=ü}'),
  stackFromText(''),
];

test('stacks come back from their segments frame by frame, whatever their frames and labels hold', () => {
  const writer = new StackInterner();
  const reader = new StackDictionary();
  stacks.forEach((stack, index) => {
    assert.equal(writer.add(index, -index, stack), index);
    const segment = writer.takeSegment();
    assert.ok(segment);
    reader.load(segment);
  });
  assert.deepEqual(
    stacks.map((_, id) => stackOf(reader, id)),
    stacks,
  );
  assert.equal(writer.takeSegment(), undefined, 'nothing new, no segment');
});

test('an interner that was loaded from segments goes on where the one before it stopped', () => {
  const first = new StackInterner();
  for (const [index, stack] of stacks.slice(0, 6).entries()) first.add(index, 7, stack);
  const segment = first.takeSegment();
  assert.ok(segment);
  const second = new StackInterner();
  second.load(segment);
  assert.deepEqual(
    stacks.map((_, index) => second.find(index, 7)),
    [0, 1, 2, 3, 4, 5, ...stacks.slice(6).map(() => -1)],
  );
  for (const [index, stack] of stacks.entries()) if (index >= 6) assert.equal(second.add(index, 7, stack), index);
  const rest = second.takeSegment();
  const reader = new StackDictionary();
  reader.load(segment);
  reader.load(rest ?? Buffer.alloc(0));
  assert.deepEqual(
    stacks.map((_, id) => stackOf(reader, id)),
    stacks,
  );
  assert.equal(reader.nodeParent.size, new Set(stacks.flatMap(prefixesOf)).size + 1, 'a prefix is one node');
});

function stackOf(dictionary: StackDictionary, id: number): StackTrace {
  const { stackLeaf, stackLabelSet, labelSets } = dictionary;
  const [leaf, labelSet] = [stackLeaf.array, stackLabelSet.array];
  return stackAt({ tree: treeOf(dictionary), size: stackLeaf.size, leaf, labelSet, labelSets }, id);
}

function prefixesOf({ frames }: StackTrace): string[] {
  const text = (frame: Frame): string =>
    JSON.stringify(frame, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
  return frames.map((_, at) =>
    frames
      .slice(0, at + 1)
      .map(text)
      .join('|'),
  );
}
