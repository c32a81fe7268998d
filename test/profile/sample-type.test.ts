import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlameherdError } from '../../src/model/errors.ts';
import { commonSampleTypes, sampleTypeIndex } from '../../src/profile/sample-type.ts';
import { profileFromText } from '../support/profile-from-text.ts';

const heapTypes = ['alloc_objects', 'alloc_space', 'inuse_objects', 'inuse_space'].map((type) => ({
  type,
  unit: type.endsWith('space') ? 'bytes' : 'count',
}));
const heap = profileFromText('main 1 2 3 4', { types: heapTypes });
/** As Node.js writes it. */
const nodeHeap = profileFromText('main 1 2', {
  types: [
    { type: 'objects', unit: 'count' },
    { type: 'space', unit: 'bytes' },
  ],
});

test('without a name, a profile opens with its default type, else the last', () => {
  assert.equal(sampleTypeIndex(heap, undefined, 'a'), 3);
  const allocs = { ...heap, header: { ...heap.header, defaultSampleType: 'alloc_space' } };
  assert.equal(sampleTypeIndex(allocs, undefined, 'a'), 1);
  const odd = { ...heap, header: { ...heap.header, defaultSampleType: 'none' } };
  assert.equal(sampleTypeIndex(odd, undefined, 'a'), 3);
});

test('a type is named as the profile has it, as we have it, or by a profile type', () => {
  for (const name of ['alloc_space', 'allocs', 'memory:alloc_space:bytes:space:bytes'])
    assert.equal(sampleTypeIndex(heap, name, 'a'), 1, name);
  for (const name of ['space', 'inuse_space', 'heap']) assert.equal(sampleTypeIndex(nodeHeap, name, 'a'), 1, name);
  assert.deepEqual(
    commonSampleTypes(nodeHeap).map(({ type }) => type),
    ['inuse_objects', 'inuse_space'],
  );
});

test('what is not there is told with what is', () => {
  assert.throws(
    () => sampleTypeIndex(heap, 'inuse_spaec', 'my.pb.gz'),
    (error) =>
      error instanceof FlameherdError &&
      error.message ===
        'my.pb.gz has no sample type "inuse_spaec"; it has alloc_objects, alloc_space, inuse_objects, inuse_space' &&
      error.hint === 'did you mean inuse_space?',
  );
  assert.throws(() => sampleTypeIndex(heap, 'cpu', 'my.pb.gz'), /has no sample type "cpu"/);
});
