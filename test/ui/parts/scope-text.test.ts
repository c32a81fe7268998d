import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scopeText } from '../../../src/ui/parts/scope-text.ts';

test('what somebody sees is told by names, of which the first two stand for all', () => {
  assert.equal(scopeText(null), 'sees all namespaces');
  assert.equal(scopeText([]), 'sees no namespace');
  assert.equal(scopeText(['shop']), 'sees shop');
  assert.equal(scopeText(['a', 'b', 'c', 'd']), 'sees a, b and 2 more');
});
