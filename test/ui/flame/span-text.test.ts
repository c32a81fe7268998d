import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spanOfText, spanText } from '../../../src/ui/flame/span-text.ts';

test('what is looked at comes back from its text, however narrow it is', () => {
  const whole = { start: 0, end: 1 };
  const frame = { start: 0.25, end: 0.75 };
  assert.equal(spanText({ start: 0.5, end: 0.625 }, whole), '0.5~0.625');
  assert.equal(spanText({ start: 0.5, end: 0.75 }, frame), '0.5~1');
  assert.equal(spanText(frame, frame), undefined);
  assert.deepEqual(spanOfText('0.5~1', frame), { start: 0.5, end: 0.75 });
  const narrow = { start: 0.123456789, end: 0.123456799 };
  const again = spanOfText(spanText(narrow, whole), whole);
  assert.ok(again && Math.abs(again.start - narrow.start) < 1e-12 && Math.abs(again.end - narrow.end) < 1e-12);
});

test('beside the frame there is something to look at, beside the graph there is not', () => {
  const frame = { start: 0.25, end: 0.75 };
  assert.deepEqual(spanOfText('-0.5~0', frame), { start: 0, end: 0.25 });
  for (const text of [undefined, '', '1', '~', 'a~b', '0.5~0.5', '0.6~0.5', '0~1~2', '2~3', '-3~-2']) {
    assert.equal(spanOfText(text, frame), undefined, text);
  }
});
