import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSelector } from '../../src/model/matcher.ts';
import { kindOfProfileType } from '../../src/model/profile-type.ts';
import { emptyHint } from '../../src/query/hint.ts';
import { cpuProfile, heapProfile, minuteMs, noonMs } from '../support/query-ask.ts';
import { memoryReader } from '../support/query-memory-reader.ts';

const reader = memoryReader([
  cpuProfile('a', noonMs, 'main 1 1'),
  heapProfile('a', noonMs, 'main 1 1'),
  cpuProfile('a', noonMs + 9 * minuteMs, 'main 1 1'),
  heapProfile('p', noonMs, 'main 1 1', { workload: 'payments' }),
]);

function hint(query: string, fromMinutes: number, toMinutes = fromMinutes + 1, store = reader): string {
  const { type, matchers } = parseSelector(query);
  const window = { fromMs: noonMs + fromMinutes * minuteMs, toMs: noonMs + toMinutes * minuteMs };
  return emptyHint(store, { kind: kindOfProfileType(type), matchers }, window);
}

test('profiles at another time are named', () => {
  assert.equal(
    hint('cpu{workload="checkout"}', 20),
    'the last cpu profile of {workload="checkout"} is of 2026-03-01T12:09:00.000Z',
  );
  assert.equal(hint('cpu', -20), 'the first cpu profile is of 2026-03-01T12:00:00.000Z');
  assert.equal(
    hint('cpu', 3),
    'there is no cpu profile in this window, but some before and after it: from 2026-03-01T12:00:00.000Z to 2026-03-01T12:09:00.000Z',
  );
});

test('other kinds of the same labels are named', () => {
  assert.equal(
    hint('mutex{workload="checkout"}', 0),
    'there is no mutex profile of {workload="checkout"}, but there is cpu, heap',
  );
});

test('a misspelt value or label is named with what comes closest', () => {
  assert.equal(
    hint('cpu{namespace="shop",workload="chekout"}', 0),
    'no series meets {workload="chekout"}; workload is checkout, payments',
  );
  assert.equal(hint('cpu{workload=~"pay"}', 0), 'no series meets {workload=~"pay"}; workload is payments, checkout');
  assert.equal(
    hint('cpu{name_space="shop"}', 0),
    'no series has a label name_space; there are namespace, pod, workload',
  );
});

test('matchers that exclude each other are said to', () => {
  assert.equal(
    hint('cpu{workload="payments",pod="a"}', 0),
    'each of {pod="a",workload="payments"} is met by some series, but no series meets them all',
  );
});

test('an empty store says where to look', () => {
  assert.equal(
    hint('cpu', 0, 1, memoryReader([])),
    'nothing is stored yet: the first profiles come with the first scrapes; /api/v1/targets says how these go',
  );
});
