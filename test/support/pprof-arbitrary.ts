import * as fc from 'fast-check';
import type { Frame, PprofLabel, StackTrace } from '../../src/model/frame.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { StackTableBuilder } from '../../src/profile/stack-table-builder.ts';
import { SumColumn } from '../../src/profile/sum-column.ts';

/** Records with the prototype of literals, so that they compare equal to what our code makes. */
function plain<T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(fields, { noNullPrototype: true });
}

const name = fc.oneof(
  fc.constantFrom('main', 'serve', 'query', 'write', 'a;b', '', 'fib'),
  fc.string({ unit: 'grapheme', maxLength: 5 }),
);
const mapping = fc.constantFrom(undefined, { file: '/app/shop', buildId: 'b1' }, { file: '', buildId: 'b2' });
const line = fc.oneof(fc.nat(99), fc.integer());
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
/** Mostly small, at times close to where doubles end. Sums of a few stay inside int64. */
const value = fc.oneof(fc.bigInt({ min: -9n, max: 99n }), fc.bigInt({ min: 2n ** 53n - 2n, max: 2n ** 53n + 2n }));

const symbolised: fc.Arbitrary<Frame> = plain({
  function: plain({ name, systemName: name, file: name, startLine: line }),
  line,
  column: line,
  inlined: fc.constant(false),
  folded: fc.boolean(),
  mapping,
  address: fc.constant(0n),
});

const bare: fc.Arbitrary<Frame> = plain({
  function: fc.constant(undefined),
  line: fc.constant(0),
  column: fc.constant(0),
  inlined: fc.constant(false),
  folded: fc.boolean(),
  mapping,
  address: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
});

const label: fc.Arbitrary<PprofLabel> = fc.oneof(
  plain({ key: name, text: name }),
  plain({ key: name, number: int64, unit: fc.constantFrom('', 'bytes') }),
);

/** Frames with now and then an inlined one, which lies in the mapping of the frame above it. */
const frames = fc
  .array(fc.tuple(fc.oneof({ weight: 4, arbitrary: symbolised }, bare), fc.boolean()), { maxLength: 6 })
  .map((drawn): Frame[] => {
    const made: Frame[] = [];
    for (const [frame, inline] of drawn) {
      const above = made.at(-1);
      if (inline && above?.function && frame.function) {
        made.push({ ...frame, inlined: true, mapping: above.mapping, folded: above.folded });
      } else made.push(frame);
    }
    return made;
  });

const stack: fc.Arbitrary<StackTrace> = plain({ frames, labels: fc.array(label, { maxLength: 3 }) });

const header = plain({
  timeNanos: int64,
  durationNanos: int64,
  periodType: fc.constantFrom(undefined, { type: 'cpu', unit: 'nanoseconds' }),
  period: int64,
  defaultSampleType: name,
  dropFrames: name,
  keepFrames: name,
  docUrl: name,
  comments: fc.uniqueArray(name, { maxLength: 3 }),
});

/** Any profile of two sample types. */
export function anyProfile(): fc.Arbitrary<Profile> {
  return fc.tuple(fc.array(fc.tuple(stack, value, value), { maxLength: 12 }), header).map(([rows, drawnHeader]) => {
    const stacks = new StackTableBuilder();
    const columns = [new SumColumn(0), new SumColumn(0)];
    for (const [trace, ...values] of rows) {
      const row = stacks.intern(trace);
      values.forEach((one, type) => columns[type]?.add(row, one));
    }
    return {
      sampleTypes: [
        { type: 'samples', unit: 'count' },
        { type: '', unit: '' },
      ],
      stacks,
      values: columns.map((column) => column.finish(stacks.size)),
      divisors: [1, 1],
      header: drawnHeader,
    };
  });
}
