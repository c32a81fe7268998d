import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as check, constantFrom, property, record } from 'fast-check';
import { detailOrSum } from '../../../../src/store/sqlite/read/detail-or-sum.ts';

const minute = 60_000;

function entriesAt(minutes: readonly number[]) {
  return { count: minutes.length, stampMs: Float64Array.from(minutes, (at) => at * minute) };
}

/** One profile each five minutes; the digits are the weights. */
function chosen(weights: string, inSum?: string) {
  const entries = entriesAt(weights.split('').map((_, at) => 5 * at));
  const { sum, add, subtract } = detailOrSum(
    entries,
    columnOf(weights),
    inSum === undefined ? undefined : columnOf(inSum),
  );
  return [sum ? 'sum' : '', add ? `+${add.join('')}` : '', subtract ? `-${subtract.join('')}` : ''].join('');
}

function columnOf(digits: string): Float64Array {
  return Float64Array.from(digits.split(''), Number);
}

test('what counts whole is the sum, a small part is added up, a large one is the sum less the rest', () => {
  assert.equal(chosen('111111111111'), 'sum');
  assert.equal(chosen('000000000000'), '');
  assert.equal(chosen('110000000000'), '+110000000000');
  assert.equal(chosen('111111111100'), 'sum-000000000011');
  assert.equal(chosen('011111111111'), 'sum-100000000000');
  assert.equal(chosen('110000000011'), '+110000000011');
  assert.equal(chosen('555555550000', '555555555555'), 'sum-000000005555');
  assert.equal(chosen('355555555555', '355555555555'), 'sum');
});

test('a snapshot that stands longer than its sum knows is added up from the detail', () => {
  assert.equal(chosen('666666666667', '666666666666'), '+666666666667');
});

test('the parts together are what the weights say, and none is negative', () => {
  const someEntry = record({
    gap: constantFrom(1, 5, 30),
    weight: constantFrom(0, 1, 7, 60),
    inSum: constantFrom(0, 1, 7, 60),
  });
  check(
    property(array(someEntry, { maxLength: 30 }), constantFrom('sums', 'gauges'), (drawn, kind) => {
      let at = 0;
      const entries = entriesAt(drawn.map(({ gap }) => (at += gap)));
      const weights = Float64Array.from(drawn, ({ weight }) => (kind === 'sums' ? Math.min(1, weight) : weight));
      const inSum = kind === 'sums' ? undefined : Float64Array.from(drawn, (one) => one.inSum);
      const { sum, add, subtract } = detailOrSum(entries, weights, inSum);
      for (let entry = 0; entry < entries.count; entry++) {
        const counted = (sum ? (inSum?.[entry] ?? 1) : 0) + (add?.[entry] ?? 0) - (subtract?.[entry] ?? 0);
        assert.equal(counted, weights[entry]);
        assert.ok((add?.[entry] ?? 0) >= 0 && (subtract?.[entry] ?? 0) >= 0);
      }
    }),
  );
});
