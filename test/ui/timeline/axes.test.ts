import assert from 'node:assert/strict';
import { test } from 'node:test';
import { day, minute } from '../../../src/model/units.ts';
import { axisSteps, axisText, axisTimes } from '../../../src/ui/timeline/axes.ts';

test('values beside the axis are short, and have their unit where it is a size', () => {
  const told = [
    [0, 'bytes'],
    [1.5 * 2 ** 30, 'bytes'],
    [2 ** 20, 'bytes/s'],
    [0.25, 'cores'],
    [1_234_567, 'count'],
    [2e9, 'nanoseconds/s'],
  ] as const;
  assert.deepEqual(
    told.map(([value, unit]) => axisText(value, unit)),
    ['0', '1.5 GiB', '1 MiB', '0.25', '1.23M', '2 s'],
  );
});

test('bytes go up in powers of two, all else in ones, twos and fives', () => {
  assert.ok(axisSteps('bytes').includes(256 * 2 ** 20));
  const steps = axisSteps('cores');
  assert.ok([0.1, 0.2, 0.5, 1, 2, 5, 1000].every((step) => steps.includes(step)));
});

test('midnight is told by its date, and so are days', () => {
  const at = (text: string): number => new Date(text).getTime();
  const evening = [at('2026-11-22T23:30:00'), at('2026-11-23T00:00:00'), at('2026-11-23T00:30:00')];
  assert.deepEqual(
    axisTimes(evening, 30 * minute).map((text) => text.replace(/ 2026$/, '')),
    ['23:30', '23 Nov', '00:30'],
  );
  assert.deepEqual(axisTimes([at('2026-11-22T12:31:15')], 15_000), ['12:31:15']);
  assert.match(axisTimes([at('2026-11-22T00:00:00')], day)[0] ?? '', /^22 Nov/);
});
