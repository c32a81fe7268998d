import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partsOf, sentence } from '../../../src/ui/format/server-words.ts';

const atMs = Date.UTC(2026, 10, 23, 6, 12);

test('moments and addresses with a page are found wherever they stand', () => {
  assert.deepEqual(partsOf('last seen at 2026-11-23T06:12:00.000Z. /api/v1/targets says how these go'), [
    'last seen at ',
    { ms: atMs },
    '. ',
    { href: '/targets', label: 'the targets page' },
    ' says how these go',
  ]);
  assert.deepEqual(partsOf('2026-11-23T06:12Z–2026-11-23T06:12:00Z'), [{ ms: atMs }, '–', { ms: atMs }]);
});

test('what has no page stays as it is written', () => {
  assert.deepEqual(partsOf('/api/v1/labels lists them'), ['/api/v1/labels', ' lists them']);
  for (const text of ['GET /api/v1/targets/explain?pod=a', '/api/v1/status?x=1', 'of 10:00', '']) {
    assert.deepEqual(partsOf(text), text === '' ? [] : [text]);
  }
});

test('a sentence begins with a capital letter and ends with one full stop', () => {
  assert.equal(sentence('nothing is stored yet'), 'Nothing is stored yet.');
  assert.equal(sentence('Did you mean shop/cart?'), 'Did you mean shop/cart?');
  assert.equal(sentence('/api/v1/targets says why'), '/api/v1/targets says why.');
});
