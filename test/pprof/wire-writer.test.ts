import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { intSize, uintSize, WireWriter } from '../../src/pprof/wire-writer.ts';

const edges = [0, 1, 127, 128, 2 ** 14 - 1, 2 ** 14, 2 ** 28 - 1, 2 ** 28, 2 ** 32, 2 ** 35, 2 ** 49, 2 ** 53 - 1];
const wholeNumber = fc.oneof(fc.maxSafeNat(), fc.nat(300), fc.constantFrom(...edges));
const int64 = fc.oneof(
  fc.maxSafeInteger(),
  fc.constantFrom(...edges, 2 ** 53, -(2 ** 53)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);

test('whole numbers are the varints of protobuf, and as long as was said', () => {
  fc.assert(
    fc.property(fc.array(wholeNumber, { maxLength: 50 }), (numbers) => {
      const out = new WireWriter(16);
      for (const number of numbers) {
        const before = out.size;
        out.uint(number);
        assert.equal(out.size - before, uintSize(number));
      }
      assert.deepEqual(Buffer.from(out.written()), Buffer.from(numbers.flatMap((number) => varint(BigInt(number)))));
    }),
  );
});

test('int64 are the varints of their two’s complement, and as long as was said', () => {
  fc.assert(
    fc.property(int64, (number) => {
      const out = new WireWriter(16);
      out.int(number);
      assert.deepEqual([...out.written()], varint(BigInt.asUintN(64, BigInt(number))));
      assert.equal(out.size, intSize(number));
    }),
  );
});

test('texts and nested fields of any length begin with their length', () => {
  const anyText = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.nat(20_000).map((size) => 'é'.repeat(size)),
  );
  fc.assert(
    fc.property(fc.array(anyText, { maxLength: 5 }), (texts) => {
      const out = new WireWriter(16);
      const outer = out.open(3);
      for (const text of texts) out.textField(6, text);
      out.close(outer);
      out.intField(1, 5);
      const inner = texts.flatMap((text) => field(6, [...Buffer.from(text)]));
      assert.deepEqual(Buffer.from(out.written()), Buffer.from([...field(3, inner), 8, 5]));
    }),
    { numRuns: 50 },
  );
});

function field(number: number, bytes: readonly number[]): number[] {
  return [number * 8 + 2, ...varint(BigInt(bytes.length)), ...bytes];
}

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) + 128);
  return [...bytes, Number(rest)];
}
