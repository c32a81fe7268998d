import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyList } from '../../../src/ui/parts/key-names.ts';

test('of those that share a key the first is told, and keys that do the same stand together', () => {
  const page = { n: { does: 'next match' }, ArrowRight: { does: 'next frame' }, l: { does: 'next frame' } };
  const shell = { n: { does: 'something else' }, '?': { does: 'help' } };
  assert.deepEqual(keyList([page, shell]), [
    { does: 'next match', keys: ['n'] },
    { does: 'next frame', keys: ['→', 'l'] },
    { does: 'help', keys: ['?'] },
  ]);
});
