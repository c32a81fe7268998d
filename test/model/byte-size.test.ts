import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { formatByteSize, parseByteSize } from '../../src/model/byte-size.ts';

test('units with an i count by 1024, the others by 1000', () => {
  const read = {
    '10GiB': 10 * 1024 ** 3,
    '512MB': 512_000_000,
    '64Ki': 65_536,
    '64KiB': 65_536,
    '2kB': 2000,
    '2K': 2000,
    '1T': 1e12,
    '1.5 GiB': 1.5 * 1024 ** 3,
    '0': 0,
    '17B': 17,
    '1048576': 1_048_576,
  };
  for (const [text, bytes] of Object.entries(read)) assert.equal(parseByteSize(text), bytes, text);
});

test('what is no byte size is not guessed at', () => {
  for (const text of [
    '',
    'GiB',
    '-1',
    '1m',
    '1mb',
    '1gib',
    '1 0',
    '1  GB',
    ' 1',
    '1.',
    '0.5',
    '1.5B',
    '1e3',
    '1PB',
    '9007199254740993',
  ])
    assert.equal(parseByteSize(text), undefined, text);
});

test('sizes are exact where a unit divides them, else rounded to a tenth', () => {
  const written: [number, string][] = [
    [0, '0B'],
    [999, '999B'],
    [1000, '1kB'],
    [10 * 1024 ** 3, '10GiB'],
    [512_000_000, '512MB'],
    [1536, '1.5KiB'],
    [1_500_000_001, '1.4GiB'],
    [-2048, '-2KiB'],
  ];
  for (const [bytes, text] of written) assert.equal(formatByteSize(bytes), text);
});

test('what is written is read back within a twentieth, and whole units exactly', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 52 }), (bytes) => {
      const back = parseByteSize(formatByteSize(bytes)) ?? Number.NaN;
      assert.ok(Math.abs(back - bytes) <= bytes / 20 + 1, `${bytes} ${formatByteSize(bytes)}`);
    }),
  );
  fc.assert(
    fc.property(
      fc.nat(999),
      fc.constantFrom('B', 'kB', 'MB', 'GB', 'TB', 'KiB', 'MiB', 'GiB', 'TiB'),
      (count, unit) => {
        const bytes = parseByteSize(`${count}${unit}`) ?? Number.NaN;
        assert.equal(parseByteSize(formatByteSize(bytes)), bytes);
      },
    ),
  );
});
