import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatProfileType, parseProfileType, profileTypeOf } from '../../src/model/profile-type.ts';

test('what a profile type is written as reads back, names that are missing included', () => {
  const types = [
    profileTypeOf('cpu', { type: 'cpu', unit: 'nanoseconds' }, { type: 'cpu', unit: 'nanoseconds' }),
    profileTypeOf('heap', { type: 'inuse_space', unit: 'bytes' }, undefined),
    // As an eBPF profiler sends it.
    profileTypeOf('custom', { type: '', unit: '' }, undefined),
  ];
  for (const type of types) assert.deepEqual(parseProfileType(formatProfileType(type)), type);
});

test('an alias stands for its type; anything else that has not five parts and a name is none', () => {
  assert.equal(parseProfileType('heap')?.sampleType, 'inuse_space');
  for (const text of ['', 'cpuu', 'constructor', 'a:b:c:d', '::::', 'a:b:c:d:e:f']) {
    assert.equal(parseProfileType(text), undefined, text);
  }
});
