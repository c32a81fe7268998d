import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
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

const texts = fc.constantFrom('', 'a', 'b', 'ü', 'a'.repeat(500), '\u{1f980}');
const numbers = fc.constantFrom(0, 1, -1, 2 ** 31, 2 ** 32, 2 ** 32 + 1, -(2 ** 40), 2 ** 53 - 1);
const drawnFrames = fc
  .record<Frame>({
    function: fc.option(fc.record({ name: texts, systemName: texts, file: texts, startLine: numbers }), {
      nil: undefined,
    }),
    line: numbers,
    column: numbers,
    inlined: fc.boolean(),
    folded: fc.boolean(),
    mapping: fc.option(fc.record({ file: texts, buildId: texts }), { nil: undefined }),
    address: fc.constantFrom(0n, 1n, 2n ** 63n, 2n ** 64n - 1n),
  })
  .map((frame) => (frame.function ? { ...frame, address: 0n } : frame));
const drawnLabels = fc.oneof(
  fc.record({ key: texts, text: texts }),
  fc.record({ key: texts, number: fc.constantFrom(0n, -(2n ** 63n), 2n ** 63n - 1n, 1n), unit: texts }),
);
const drawnStacks = fc.record<StackTrace>({
  frames: fc.array(drawnFrames, { maxLength: 4 }),
  labels: fc.array(drawnLabels, { maxLength: 2 }),
});

/** What tells stacks apart. */
function contentOf(stack: StackTrace): string {
  return JSON.stringify(stack, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
}

test('ids are the same whether the interner was let go of in between or not, and none stands for two stacks', () => {
  const batches = fc.array(fc.array(drawnStacks, { minLength: 1, maxLength: 6 }), { maxLength: 6 });
  const property = fc.property(batches, fc.infiniteStream(fc.boolean()), (all, isLetGo) => {
    const whole = new StackInterner();
    let reloaded = new StackInterner();
    const segments: Buffer[] = [];
    const idOf = new Map<string, number>();
    for (const batch of all) {
      for (const stack of batch) {
        const content = contentOf(stack);
        const known = idOf.get(content);
        const name = [idOf.size, -7] as const;
        if (known !== undefined) {
          assert.deepEqual([whole.find(known, -7), reloaded.find(known, -7)], [known, known]);
          // By another hash too.
          assert.deepEqual([whole.add(known, 8, stack), reloaded.add(known, 8, stack)], [known, known]);
          assert.equal(reloaded.find(known, 8), known);
          continue;
        }
        idOf.set(content, idOf.size);
        assert.equal(reloaded.find(...name), -1);
        assert.deepEqual([whole.add(...name, stack), reloaded.add(...name, stack)], [name[0], name[0]]);
      }
      const segment = whole.takeSegment();
      assert.deepEqual(reloaded.takeSegment(), segment);
      if (segment) segments.push(segment);
      if (!isLetGo.next().value) continue;
      reloaded = new StackInterner();
      for (const each of segments) reloaded.load(each);
    }
    assert.deepEqual([reloaded.stacks, reloaded.nodes], [whole.stacks, whole.nodes]);
    const reader = new StackDictionary();
    for (const each of segments) reader.load(each);
    const found = Array.from({ length: whole.stacks }, (_, id) => contentOf(stackOf(reader, id)));
    assert.deepEqual(found, [...idOf.keys()]);
  });
  fc.assert(property, { numRuns: 300 });
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
