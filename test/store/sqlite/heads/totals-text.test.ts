import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, bigInt, assert as check, nat, oneof, property } from 'fast-check';
import { ByteWriter } from '../../../../src/store/sqlite/encoding/bytes.ts';
import { encodeTotals } from '../../../../src/store/sqlite/heads/samples.ts';
import { totalBoundsIn, totalIn, totalsIn } from '../../../../src/store/sqlite/heads/totals-text.ts';

const largest = 2n ** 70n;
const someTotal = oneof(
  nat().map(BigInt),
  bigInt({ min: -200n, max: 200n }),
  bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }),
  bigInt({ min: -largest, max: largest }),
);

test('totals are read from their hexadecimal text as they were written, each for itself', () => {
  check(
    property(array(someTotal, { maxLength: 6 }), (totals) => {
      const writer = new ByteWriter();
      encodeTotals(writer, totals);
      const text = Buffer.from(writer.bytes()).toString('hex').toUpperCase();
      assert.deepEqual(totalsIn(text), totals);
      const bounds = totalBoundsIn(text);
      assert.equal(bounds.length, totals.length);
      for (const [type, total] of totals.entries()) {
        const found = totalIn(text, type);
        const exact = Number(total);
        assert.ok(
          Math.abs((bounds[type] ?? NaN) - exact) <= (Number.isSafeInteger(exact) ? 0 : 1e-15 * Math.abs(exact)),
        );
        assert.equal(BigInt(found), total);
        assert.equal(typeof found, Number.isSafeInteger(exact) ? 'number' : 'bigint');
      }
      assert.equal(BigInt(totalIn(text, totals.length)), 0n, 'there is no such type');
    }),
  );
});
