import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseQuantity } from '../../src/kubernetes/quantity.ts';

test('quantities of memory are read as Kubernetes reads them', () => {
  const read: Readonly<Record<string, number>> = {
    '134217728': 134_217_728,
    '128Mi': 128 * 1024 ** 2,
    '1.5Gi': 1.5 * 1024 ** 3,
    '.5Ki': 512,
    '+1Gi': 1024 ** 3,
    '64Ki': 65_536,
    '129k': 129_000,
    '129M': 129_000_000,
    '1G': 1e9,
    '1.1k': 1100,
    '129e6': 129_000_000,
    '1E3': 1000,
    '128974848000m': 128_974_848,
    '1m': 1,
    '1n': 1,
    '1500u': 1,
    '15e-1': 2,
    '1Ti': 1024 ** 4,
    '0': 0,
  };
  for (const [text, bytes] of Object.entries(read)) assert.equal(parseQuantity(text), bytes, text);
});

test('what is no quantity, is negative or is beyond 2^53 is not read', () => {
  const bad = [
    '',
    '.',
    'Mi',
    '-1Gi',
    '1 Gi',
    '1gi',
    '1KI',
    '1.2.3',
    '1e',
    '1e3Mi',
    'NaN',
    '8Pi1',
    '16Pi',
    '1E',
    '1e999',
    '1'.repeat(65),
  ];
  for (const text of bad) assert.equal(parseQuantity(text), undefined, text);
});

test('a number in thousandths is rounded up to a whole one', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 31), (number) => assert.equal(parseQuantity(`${number}m`), Math.ceil(number / 1000))),
  );
});
