import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharedValue } from '../../../src/ui/state/shared-value.ts';

test('listeners are told of each change, and of nothing that is none', () => {
  const value = sharedValue('a');
  const seen: string[] = [];
  const end = value.subscribe(() => seen.push(value.now()));
  value.set('b');
  value.set('b');
  value.set('c');
  end();
  value.set('d');
  assert.deepEqual(seen, ['b', 'c']);
  assert.equal(value.now(), 'd');
});
