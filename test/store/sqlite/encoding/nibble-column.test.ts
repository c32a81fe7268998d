import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as check, constantFrom, maxSafeNat, nat, oneof, property, uint8Array } from 'fast-check';
import { nibbleColumn, readNibbleColumn } from '../../../../src/store/sqlite/encoding/nibble-column.ts';

const value = oneof(nat(9), nat(70_000), nat(), maxSafeNat(), constantFrom(0, 255, 256, 2 ** 32 - 1, 2 ** 32, 2 ** 53));

test('a column comes back, wherever it lies between other bytes', () => {
  check(
    property(array(value, { maxLength: 40 }), uint8Array(), uint8Array(), (values, before, after) => {
      const column = nibbleColumn(Float64Array.from(values), values.length);
      const bytes = Buffer.concat([before, column, after]);
      const into = new Float64Array(values.length + 1).fill(-1);
      const end = readNibbleColumn(bytes, before.length, values.length, into);
      assert.deepEqual([...into], [...values, -1]);
      assert.equal(end, before.length + column.length);
    }),
    { numRuns: 500 },
  );
});

test('each number takes as many bytes as it needs and half a byte for their number', () => {
  assert.deepEqual(
    [...nibbleColumn(Float64Array.of(0, 255, 256, 2 ** 40), 4)],
    [0x10, 0x62, 255, 0, 1, 0, 0, 0, 0, 0, 1],
  );
});

test('bytes that end early are refused', () => {
  const column = Buffer.from(nibbleColumn(Float64Array.of(300, 2 ** 50, 70_000), 3));
  for (let length = 0; length < column.length; length++) {
    assert.throws(() => readNibbleColumn(column.subarray(0, length), 0, 3, new Float64Array(3)), RangeError);
  }
});
