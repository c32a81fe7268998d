import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyHeader, type ProfileHeader } from '../../../../src/profile/profile.ts';
import type { StoredType } from '../../../../src/store/profile-store.ts';
import { decodeShape, encodeShape } from '../../../../src/store/sqlite/heads/shape.ts';
import { HeaderMerge } from '../../../../src/store/sqlite/read/header-merge.ts';

const count: StoredType = { type: 'samples', unit: 'count', temporality: 'delta' };
const nanos: StoredType = { type: 'cpu', unit: 'nanoseconds', temporality: 'delta' };
const wall: StoredType = { type: 'wall', unit: 'nanoseconds', temporality: 'delta' };

function shapeOf(types: readonly StoredType[], header: Partial<ProfileHeader> = {}) {
  return decodeShape(encodeShape(types, { ...emptyHeader, ...header }));
}

test('a merged header and its types do not depend on the order in which profiles are read', () => {
  const shapes = [
    shapeOf([count, nanos], { period: 10n, comments: ['b', 'a'], defaultSampleType: 'cpu' }),
    shapeOf([wall], { period: 30n, comments: ['c'], docUrl: 'https://example.org' }),
    shapeOf([nanos, count], { period: 20n, comments: ['a'], defaultSampleType: 'samples' }),
    shapeOf([count, nanos], { period: 10n, comments: ['b', 'a'], defaultSampleType: 'cpu' }),
  ];
  const times = [0n, 90n, 70n, 80n];
  const merged = (order: readonly number[]) => {
    const merge = new HeaderMerge();
    for (const at of order) {
      const shape = shapes[at];
      if (shape) merge.addInside(shape);
      merge.addTimes(times[at] ?? 0n, 5n);
    }
    return { types: merge.types(), header: merge.result() };
  };
  const first = merged([0, 1, 2, 3]);
  for (const order of [
    [3, 2, 1, 0],
    [2, 0, 3, 1],
    [1, 3, 0, 2],
  ])
    assert.deepEqual(merged(order), first);
  assert.deepEqual(first.types, [nanos, count, wall]);
  assert.deepEqual(first.header.comments.toSorted(), ['a', 'b', 'c']);
  const { timeNanos, durationNanos, period, docUrl } = first.header;
  assert.deepEqual(
    { timeNanos, durationNanos, period, docUrl },
    {
      timeNanos: 70n,
      durationNanos: 20n,
      period: 30n,
      docUrl: 'https://example.org',
    },
  );
});

test('snapshots that only stand in the window say what there is where no profile is stamped in it', () => {
  const merge = new HeaderMerge();
  merge.addStanding(shapeOf([wall], { period: 3n }));
  assert.equal(merge.result().period, 3n);
  merge.addInside(shapeOf([count, nanos], { period: 2n }));
  assert.equal(merge.result().period, 2n);
  assert.deepEqual(merge.types(), [count, nanos, wall]);
  assert.equal(merge.result().timeNanos, 0n);
});
