import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ListScanner } from '../../src/kubernetes/list-scanner.ts';

function scan(text: string, chunkSize: number, maxItemBytes = 1 << 20): { items: unknown[]; envelope: unknown } {
  const scanner = new ListScanner(maxItemBytes);
  const bytes = Buffer.from(text);
  const items: unknown[] = [];
  for (let at = 0; at < bytes.length; at += chunkSize) {
    for (const item of scanner.push(bytes.subarray(at, at + chunkSize))) items.push(JSON.parse(item.toString()));
  }
  return { items, envelope: scanner.end() };
}

test('items and envelope are those of JSON.parse, wherever the chunks are cut', () => {
  const metadata = { resourceVersion: '12', continue: 'a"]}\\' };
  const list = fc.record({
    kind: fc.string(),
    metadata: fc.constant(metadata),
    others: fc.array(fc.jsonValue()),
    items: fc.array(fc.dictionary(fc.string(), fc.jsonValue())),
  });
  fc.assert(
    fc.property(list, fc.integer({ min: 1, max: 40 }), fc.boolean(), (value, chunkSize, indented) => {
      const text = JSON.stringify(value, null, indented ? 2 : 0);
      const plain = JSON.parse(text) as typeof value;
      const { items, envelope } = scan(text, chunkSize);
      assert.deepEqual(items, plain.items);
      assert.deepEqual((envelope as typeof value).metadata, metadata);
    }),
  );
});

test('a list without items is a list', () => {
  const text = '{"kind":"PodList","metadata":{"resourceVersion":"7"},"items":null}';
  assert.deepEqual(scan(text, 5), {
    items: [],
    envelope: { kind: 'PodList', metadata: { resourceVersion: '7' }, items: null },
  });
});

test('an answer that was cut, or is no JSON, or has a giant item is refused', () => {
  assert.throws(() => scan('{"metadata":{},"items":[{"a":1}', 4), { kind: 'protocol', message: /it was cut/ });
  assert.throws(() => scan('<html>login</html>', 4), { kind: 'protocol', message: /no JSON/ });
  assert.throws(() => scan('', 4), { kind: 'protocol' });
  assert.throws(() => scan(`{"items":[{"a":"${'x'.repeat(100)}"}]}`, 4, 50), {
    message: /an item has more than 50 bytes/,
  });
});
