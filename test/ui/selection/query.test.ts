import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Matcher } from '../../../src/model/selector.ts';
import {
  exchange,
  isFault,
  otherMatchers,
  readQuery,
  selectorOf,
  serviceOf,
  writeQuery,
} from '../../../src/ui/selection/query.ts';
import { typeWords } from '../../../src/ui/selection/type-words.ts';

const selector = (text: string) => {
  const read = selectorOf(text);
  assert.ok(read, text);
  return read;
};

test('a query is written as people type it, with the alias of its type', () => {
  const full = 'process_cpu:cpu:nanoseconds:cpu:nanoseconds{workload="checkout",namespace="shop"}';
  assert.equal(writeQuery(selector(full)), 'cpu{namespace="shop",workload="checkout"}');
  assert.equal(writeQuery(selector('heap{}')), 'heap');
  assert.equal(writeQuery(selector('cpu{pod=~"a|b"}')), 'cpu{pod=~"a|b"}');
});

test('a query that cannot be read says why, and what is allowed', () => {
  const read = readQuery('cpus{a="b"}');
  assert.ok(isFault(read));
  assert.match(read.message, /"cpus" is no profile type/);
  assert.match(read.hint ?? '', /use one of cpu/);
  assert.equal(selectorOf('cpu{a='), undefined);
  assert.equal(selectorOf(undefined), undefined);
});

test('the service is apart from the other conditions', () => {
  const one = selector('cpu{namespace="shop",workload="checkout",revision="r2",pod!="x"}');
  assert.deepEqual(serviceOf(one), { namespace: 'shop', workload: 'checkout' });
  assert.deepEqual(
    otherMatchers(one).map(({ name }) => name),
    ['revision', 'pod'],
  );
  assert.deepEqual(serviceOf(selector('cpu{service_name="upload"}')), { namespace: undefined, workload: 'upload' });
  assert.deepEqual(serviceOf(selector('cpu{workload=~"c.*"}')), { namespace: undefined, workload: undefined });
  assert.equal(
    otherMatchers(selector('cpu{workload=~"c.*"}')).length,
    1,
    'an expression is a condition that can be removed',
  );
});

test('a condition is added, exchanged, taken away', () => {
  const one = selector('cpu{a="1",b="2"}');
  const [first] = one.matchers;
  const next: Matcher = { name: 'c', operator: '=~', value: '3' };
  assert.equal(writeQuery(exchange(one, undefined, next)), 'cpu{a="1",b="2",c=~"3"}');
  assert.equal(writeQuery(exchange(one, first, next)), 'cpu{c=~"3",b="2"}');
  assert.equal(writeQuery(exchange(one, first, undefined)), 'cpu{b="2"}');
});

test('types are said in words, unknown ones by what they are called', () => {
  assert.equal(typeWords(selector('cpu').type), 'CPU time');
  assert.equal(typeWords(selector('memory:inuse_space:bytes:space:bytes').type), 'Heap in use');
  assert.equal(typeWords(selector('process_cpu:wall:nanoseconds:cpu:nanoseconds').type), 'Wall time');
  assert.equal(typeWords(selector('gpu:busy:count:gpu:count').type), 'gpu: busy (count)');
});
