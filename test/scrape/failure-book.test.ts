import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Target } from '../../src/model/target.ts';
import { FailureBook } from '../../src/scrape/failure-book.ts';

const target = (source: string): Target => ({ source }) as Target;
const failed = (atMs: number, message = 'refused') => ({ atMs, kind: 'heap', reason: 'refused', message });

test('the last failures of a source are kept, and it is said since when', () => {
  const book = new FailureBook({ perSource: 10, sources: 2 }, 100);
  const own = target('a');
  assert.deepEqual(book.of(own), { target: own, failures: [], fromMs: 100 });
  for (let at = 1; at <= 12; at++) book.note(own, failed(100 + at));
  const { failures, fromMs } = book.of(own);
  assert.deepEqual([failures[0]?.atMs, failures.at(-1)?.atMs, fromMs, book.forgotten], [103, 112, 103, 2]);
});

test('of too many sources the one that failed longest ago is forgotten, and no other claims to know that time', () => {
  const book = new FailureBook({ perSource: 10, sources: 2 }, 100);
  book.note(target('a'), failed(101));
  book.note(target('b'), failed(102));
  book.note(target('a'), failed(103));
  book.note(target('c'), failed(104));
  assert.deepEqual(
    [...book.all()].map(({ target: { source } }) => source),
    ['a', 'c'],
  );
  assert.deepEqual([book.of(target('b')).fromMs, book.of(target('a')).fromMs, book.forgotten], [103, 100, 1]);
});

test('messages are harmless and short, and the same text is held once', () => {
  const book = new FailureBook({ perSource: 10, sources: 2 }, 0);
  book.note(target('a'), failed(1, `bad\u001b[31m${'x'.repeat(1000)}`));
  book.note(target('a'), failed(2, 'same'));
  book.note(target('a'), failed(3, 'same'));
  const [first, second] = book.of(target('a')).failures;
  assert.ok(first && first.message.length <= 400 && !first.message.includes('\u001b'));
  assert.equal(second?.message, 'same');
});
