import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Frame } from '../../../../src/model/frame.ts';
import { StackDictionary } from '../../../../src/store/sqlite/dictionary/dictionary.ts';
import { FrameRegistry } from '../../../../src/store/sqlite/dictionary/frame-registry.ts';
import { StackInterner } from '../../../../src/store/sqlite/dictionary/stack-interner.ts';
import { buildAnswer } from '../../../../src/store/sqlite/read/answer.ts';
import { WeightedSums } from '../../../../src/store/sqlite/read/weighted-sums.ts';
import { frameNamed } from '../../../support/store-records.ts';

const texts = fc.constantFrom('', 'a', 'b');
const numbers = fc.constantFrom(0, 1, -1, 2 ** 31, 2 ** 32, 2 ** 32 + 1, -(2 ** 40));
const frames = fc.record<Frame>({
  function: fc.option(fc.record({ name: texts, systemName: texts, file: texts, startLine: numbers }), {
    nil: undefined,
  }),
  line: numbers,
  column: numbers,
  inlined: fc.boolean(),
  folded: fc.boolean(),
  mapping: fc.option(fc.record({ file: texts, buildId: texts }), { nil: undefined }),
  address: fc.constantFrom(0n, 1n, 2n ** 63n),
});

/** A dictionary of stacks of one frame each. */
function partitionOf(all: readonly Frame[]) {
  const interner = new StackInterner();
  const ids = all.map((frame, at) => interner.add(at, 1, { frames: [frame], labels: [] }));
  const sums = new WeightedSums(0);
  for (const id of new Set(ids)) sums.addPlain(Int32Array.of(id), Float64Array.of(1), 1, 1, 1);
  const dictionary = new StackDictionary();
  const segment = interner.takeSegment();
  if (segment) dictionary.load(segment);
  return { dictionary, sums: [sums] };
}

/** What tells frames apart; the address only where there is nothing else. */
function contentOf(frame: Frame): string {
  const { function: fn, mapping, line, column, inlined, folded } = frame;
  const address = fn ? null : String(frame.address);
  return JSON.stringify([fn ?? null, mapping ?? null, line, column, inlined, folded, address]);
}

test('frames have the same number when their content is the same, in whatever dictionary they are', () => {
  const property = fc.property(fc.array(frames, { maxLength: 8 }), fc.array(frames, { maxLength: 8 }), (one, other) => {
    const registry = new FrameRegistry();
    const numbered = [one, other].flatMap((all) => {
      const { dictionary } = partitionOf(all);
      const numberOf = registry.numbersOf(dictionary);
      const ids = Array.from(numberOf.keys()).slice(1);
      return ids.map((id) => ({ number: numberOf[id] ?? 0, content: contentOf(dictionary.frame(id)) }));
    });
    const byNumber = Map.groupBy(numbered, ({ number }) => number);
    const byContent = Map.groupBy(numbered, ({ content }) => content);
    assert.ok(!byNumber.has(0), '0 is the root');
    for (const [, alike] of byNumber) assert.equal(new Set(alike.map(({ content }) => content)).size, 1);
    assert.equal(byNumber.size, byContent.size);
  });
  fc.assert(property);
});

test('an answer over some partitions has their frames, and none of others that were asked about before', () => {
  const registry = new FrameRegistry();
  const [bank, shop, mail] = ['bank', 'shop', 'mail'].map((name) =>
    partitionOf([frameNamed(name), frameNamed('main')]),
  );
  if (!bank || !shop || !mail) return;
  buildAnswer([bank, shop], [1], registry);
  const { stacks } = buildAnswer([shop, mail], [1], registry);
  const ids = Array.from({ length: stacks.tree.frameCount - 1 }, (_, at) => at + 1);
  const names = ids.map((id) => stacks.tree.frameAt(id).function?.name ?? '?');
  assert.deepEqual(names.sort(), ['mail', 'main', 'shop']);
});
