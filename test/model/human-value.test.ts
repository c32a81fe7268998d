import assert from 'node:assert/strict';
import { test } from 'node:test';
import { humanUnit, humanValue } from '../../src/model/human-value.ts';

test('values are written with three digits in the unit that fits', () => {
  const cases: [number | bigint, string, string][] = [
    [1.5 * 2 ** 30, 'bytes', '1.5 GiB'],
    [32.7e6, 'bytes/s', '31.2 MiB/s'],
    [320e6, 'nanoseconds', '320 ms'],
    [0, 'bytes', '0 B'],
    [0.123, 'share', '12.3 %'],
    [0.07, 'share', '7 %'],
    [0.52, 'cores', '0.52 cores'],
    [12_345n, 'count', '12,345'],
    [12, 'count/s', '12/s'],
    [-2048, 'bytes', '-2 KiB'],
    [3, '', '3'],
  ];
  for (const [amount, unit, text] of cases) assert.equal(humanValue(amount, unit), text);
});

test('the unit of an amount is known by itself, for those who write several in one', () => {
  assert.deepEqual(humanUnit(5e6, 'bytes/s'), { name: 'MiB/s', size: 2 ** 20 });
  assert.deepEqual(humanUnit(5, 'count'), { name: '', size: 1 });
  assert.deepEqual(humanUnit(1, 'share'), { name: '%', size: 0.01 });
  assert.deepEqual(humanUnit(0.3, 'cores'), { name: 'cores', size: 1 });
});
