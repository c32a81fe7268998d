import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, bigInt, assert as check, constantFrom, integer, nat, oneof, property, tuple } from 'fast-check';
import type { ValueColumn } from '../../../../src/profile/profile.ts';
import { ByteReader, ByteWriter } from '../../../../src/store/sqlite/encoding/bytes.ts';
import {
  decodeTotals,
  encodeTotals,
  SampleDecoder,
  SampleEncoder,
} from '../../../../src/store/sqlite/heads/samples.ts';

const int64 = bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

test('whole numbers of any size and sign come back from their bytes', () => {
  const edges = [
    0n,
    1n,
    -1n,
    2n ** 49n,
    -(2n ** 49n),
    2n ** 52n,
    2n ** 53n - 1n,
    -(2n ** 63n),
    2n ** 63n - 1n,
    2n ** 90n,
  ];
  check(
    property(array(oneof(int64, constantFrom(...edges))), (values) => {
      const writer = new ByteWriter();
      for (const value of values) writer.int(value);
      const reader = new ByteReader(writer.bytes());
      assert.deepEqual(
        values.map(() => reader.bigInt()),
        values,
      );
      assert.ok(reader.ended);
      const again = new ByteReader(writer.bytes());
      for (const value of values) {
        const read = again.int();
        const isExact = value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER;
        assert.ok(
          isExact ? BigInt(read) === value : Math.abs(read / Number(value) - 1) < 1e-12,
          `${value} read as ${read}`,
        );
      }
    }),
  );
});

test('a number is written as the same bytes whether it comes as a number or a bigint', () => {
  for (const value of [0, -1, 63, -64, 2 ** 31, -(2 ** 31), 2 ** 52 - 1, 2 ** 52, -(2 ** 52), 2 ** 53 - 1]) {
    const [asNumber, asBigInt] = [new ByteWriter(), new ByteWriter()];
    asNumber.int(value);
    asBigInt.int(BigInt(value));
    assert.deepEqual(asNumber.bytes(), asBigInt.bytes());
  }
});

test('a profile comes back sorted by stack, without rows of zeros, every value and total exact', () => {
  const someValue = oneof(nat(3), nat(2 ** 31 - 1), integer(), constantFrom(2 ** 53 - 1, 0), int64);
  const someRow = tuple(nat(3000), someValue, someValue, nat(100));
  check(
    property(array(someRow, { maxLength: 60 }), int64, int64, (rows, timeNanos, durationNanos) => {
      const columns = [
        columnOf(rows.map((row) => row[1])),
        columnOf(rows.map((row) => row[2])),
        columnOf(rows.map((row) => row[3])),
        columnOf(rows.map((row) => row[3] * 10_000_000)),
      ];
      const writer = new ByteWriter();
      const ids = Int32Array.from(rows, ([id]) => id);
      const totals = encoder.encode(writer, { timeNanos, durationNanos }, ids, rows.length, columns);
      const expected = sumsById(rows);
      decoder.open(writer.bytes());
      assert.equal(decoder.timeNanos, timeNanos);
      assert.equal(decoder.durationNanos, durationNanos);
      assert.deepEqual([...decoder.ids.subarray(0, decoder.count)], [...expected.keys()]);
      for (const [at, total] of totals.entries()) {
        const values = [...expected.values()].map((row) => row[at] ?? 0n);
        assert.deepEqual(readColumn(), values);
        assert.equal(
          BigInt(total),
          values.reduce((sum, value) => sum + value, 0n),
        );
      }
      const stored = new ByteWriter();
      encodeTotals(stored, totals);
      assert.deepEqual(decodeTotals(stored.bytes()), totals.map(BigInt));
      decoder.open(writer.bytes());
      for (let skipped = 0; skipped < 3; skipped++) decoder.skipColumn();
      assert.deepEqual(
        readColumn(),
        [...expected.values()].map((row) => row[3] ?? 0n),
      );
    }),
    { numRuns: 300 },
  );
});

/** One of each for all runs, as in the writer: nothing may be left over from the profile before. */
const encoder = new SampleEncoder();
const decoder = new SampleDecoder();

function readColumn(): bigint[] {
  const kind = decoder.readColumn();
  if (kind === 'zero') return Array.from({ length: decoder.count }, () => 0n);
  return kind === 'plain'
    ? [...decoder.plain.subarray(0, decoder.count)].map(BigInt)
    : [...decoder.signed.subarray(0, decoder.count)];
}

function columnOf(values: readonly (number | bigint)[]): ValueColumn {
  const isPlain = values.every((value) => typeof value === 'number');
  return isPlain ? Float64Array.from(values, Number) : BigInt64Array.from(values, BigInt);
}

/** By id, rising; rows of one id added up as 64-bit integers, rows of zeros left out. */
function sumsById(rows: readonly (readonly [number, ...(number | bigint)[]])[]): Map<number, bigint[]> {
  const sums = new Map<number, bigint[]>();
  for (const [id, ...values] of rows.toSorted(([a], [b]) => a - b)) {
    const full = [...values, Number(values[2]) * 10_000_000];
    if (full.every((value) => BigInt(value) === 0n)) continue;
    const known = sums.get(id) ?? [0n, 0n, 0n, 0n];
    sums.set(
      id,
      full.map((value, at) => BigInt.asIntN(64, (known[at] ?? 0n) + BigInt(value))),
    );
  }
  return sums;
}
