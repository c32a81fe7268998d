import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { sigma } from '../../../src/growth/detector/sampling-noise.ts';
import {
  deepestFall,
  lineOverRamp,
  lineOverStep,
  medianOf,
  slopeOf,
  trend,
} from '../../../src/growth/detector/statistics.ts';
import { sampleWeight } from '../../../src/model/sample-weight.ts';

const places = (n: number): Float64Array => Float64Array.from({ length: n }, (_, i) => i);
const series = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 3, maxLength: 48 });

/** As the definitions say it, without any care for time. */
function plainTheilSen(v: readonly number[]): number {
  const slopes = v.flatMap((x, i) => v.slice(i + 1).map((y, j) => (y - x) / (j + 1))).sort((a, b) => a - b);
  const m = slopes.length;
  return ((slopes[(m - 1) >> 1] ?? 0) + (slopes[m >> 1] ?? 0)) / 2;
}

test('the slope is the median of the slopes of all pairs, and lies in its interval', () => {
  fc.assert(
    fc.property(series, (values) => {
      const v = Float64Array.from(values);
      const { slope, low, high } = trend(v, places(v.length), 0, v.length);
      assert.equal(slope, plainTheilSen(values));
      assert.equal(slopeOf(v, places(v.length), 0, v.length), slope);
      assert.ok(low <= slope && slope <= high);
    }),
  );
});

test('turned upside down, slope, interval, z and tau change their signs', () => {
  fc.assert(
    fc.property(series, (values) => {
      const of = (sign: number): ReturnType<typeof trend> =>
        trend(
          Float64Array.from(values, (x) => sign * x),
          places(values.length),
          0,
          values.length,
        );
      const up = of(1);
      const down = of(-1);
      assert.deepEqual([down.slope + 0, down.z + 0, down.tau + 0], [-up.slope + 0, -up.z + 0, -up.tau + 0]);
      assert.deepEqual([down.low + 0, down.high + 0], [-up.high + 0, -up.low + 0]);
    }),
  );
});

test('a line has the order of one and no error; a step has the error of a line', () => {
  const v = Float64Array.from({ length: 36 }, (_, i) => 10 + 3 * i);
  const { slope, low, high, tau, z } = trend(v, places(36), 0, 36);
  assert.deepEqual([slope, low, high, tau], [3, 3, 3, 1]);
  assert.ok(z > 8);
  assert.ok(lineOverStep(v, places(36), 0, 36) < 1e-9);
  const step = Float64Array.from({ length: 36 }, (_, i) => (i < 18 ? 0 : 100));
  assert.ok(lineOverStep(step, places(36), 0, 36) > 100);
});

test('a ramp that is over is told from one that goes on, and from one that began late', () => {
  const over = (f: (i: number) => number): number =>
    lineOverRamp(
      Float64Array.from({ length: 36 }, (_, i) => f(i)),
      places(36),
      0,
      36,
    );
  assert.ok(over((i) => Math.min(100, Math.max(0, 8 * (i - 9)))) > 10, 'over for 14 places');
  assert.ok(over((i) => 5 * i) < 1e-6, 'a line');
  assert.ok(over((i) => i ** 2) < 1, 'faster and faster');
  assert.ok(over((i) => 5 * i + 20 * Math.sin(i)) < 1, 'a line with noise');
  assert.equal(
    over(() => 7),
    0,
    'nothing',
  );
});

test('the deepest fall is from the highest value before', () => {
  assert.equal(deepestFall(Float64Array.of(1, 9, 4, 10, 6, 7), 0, 6), 5);
  assert.equal(deepestFall(Float64Array.of(1, 2, 2, 3), 0, 4), 0);
  assert.equal(medianOf(Float64Array.of(5, 1, 3)), 3);
  assert.ok(Number.isNaN(medianOf(new Float64Array())));
});

test('a sample stands for its period where objects are small, and for the object where it is large', () => {
  const period = 524_288;
  assert.ok(Math.abs(sampleWeight(64 * 1000, 1000, period) / period - 1) < 1e-3);
  assert.equal(sampleWeight(75 * 2 ** 20, 1, period), 75 * 2 ** 20);
  assert.equal(sampleWeight(0, 0, period), period);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 1, max: 1e6 }), (bytes, objects) => {
      const weight = sampleWeight(bytes, objects, period);
      assert.ok(weight >= period * 0.999_999 && weight >= bytes / objects);
    }),
  );
});

test('the noise of a level is that of its samples', () => {
  const period = 524_288;
  // 100 MiB are 200 samples; a difference of two such levels varies by the root of 400.
  assert.ok(Math.abs(sigma(period, 100 * 2 ** 20, 100 * 2 ** 20) / (period * 20) - 1) < 1e-9);
  assert.equal(sigma(period, 0, 0), period);
});
