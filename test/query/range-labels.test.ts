import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { askJson, cpuProfile, heapProfile, mergeQuestion, minuteMs, noonMs, secondMs } from '../support/query-ask.ts';
import { memoryReader } from '../support/query-memory-reader.ts';
import { answer, at, draw, near, sums } from '../support/query-range.ts';

const shop = memoryReader([
  heapProfile('a', at(0), 'main{endpoint=/cart} 0 60\nmain{endpoint=/pay,tenant=t} 0 30\nmain 0 10', { revision: '1' }),
  heapProfile('b', at(0), 'main{endpoint=/cart} 0 4\nmain{endpoint=/cart,tenant=t} 0 2', { revision: '2' }),
]);

test('matchers on pprof labels select samples', () => {
  assert.deepEqual(draw(answer(shop, 'heap{endpoint="/cart"}')), ['all: 0=66/60s']);
  assert.deepEqual(draw(answer(shop, 'heap{endpoint=~"/.+",tenant!="t"}')), ['all: 0=64/60s']);
  assert.deepEqual(draw(answer(shop, 'heap{endpoint=""}')), ['all: 0=10/60s'], 'a label that is absent is ""');
});

test('matchers on pprof labels and on labels of series are met together', () => {
  assert.deepEqual(draw(answer(shop, 'heap{endpoint="/cart",pod="b"}')), ['all: 0=6/60s']);
  assert.deepEqual(draw(answer(shop, 'heap{endpoint="/cart"}', { groupBy: ['revision'] })), [
    'revision=1: 0=60/60s',
    'revision=2: 0=6/60s',
  ]);
});

test('samples are grouped by pprof labels; those without one are the group without it', () => {
  assert.deepEqual(draw(answer(shop, 'heap', { groupBy: ['endpoint'] })), [
    'endpoint=/cart: 0=66/60s',
    'endpoint=/pay: 0=30/60s',
    'all: 0=10/60s',
  ]);
  assert.deepEqual(draw(answer(shop, 'heap', { groupBy: ['tenant', 'revision'], limit: 2 })), [
    'revision=1: 0=70/60s',
    'tenant=t,revision=1: 0=30/60s',
    'other(2): 0=6/60s',
  ]);
});

test('a label that series have is the series’; the samples’ own is tag_NAME', () => {
  const reader = memoryReader([
    heapProfile('a', at(0), 'main{workload=import} 0 7\nmain{team=blue} 0 3', { team: 'red' }),
  ]);
  assert.deepEqual(draw(answer(reader, 'heap{workload="checkout",tag_workload="import"}')), ['all: 0=7/60s']);
  assert.deepEqual(draw(answer(reader, 'heap', { groupBy: ['team', 'tag_team'] })), [
    'team=red: 0=7/60s',
    'team=red,tag_team=blue: 0=3/60s',
  ]);
});

test('labels of numbers are matched and grouped as they are written', () => {
  const reader = memoryReader([heapProfile('a', at(0), 'main{bytes=16} 0 7\nmain{bytes=1024} 0 3')]);
  assert.deepEqual(draw(answer(reader, 'heap{bytes="1024"}')), ['all: 0=3/60s']);
  assert.deepEqual(draw(answer(reader, 'heap', { groupBy: ['bytes'] })), ['bytes=16: 0=7/60s', 'bytes=1024: 0=3/60s']);
});

test('cores by pprof label: what was not profiled is taken to be as the rest of the workload', () => {
  const reader = memoryReader([
    cpuProfile('a', at(0), 'main{endpoint=/cart} 1 4000000000\nmain 1 1000000000'),
    cpuProfile('b', at(-1), 'main 1 0'),
    cpuProfile('b', at(1), 'main 1 0'),
  ]);
  const window = { fromMs: at(0), toMs: at(1) };
  assert.deepEqual(draw(answer(reader, 'cpu', { window, groupBy: ['pod', 'endpoint'] })), [
    'a,endpoint=/cart: 0=0.4/60s',
    'b,endpoint=/cart: 0=0.4/60s',
    'a: 0=0.1/60s',
    'b: 0=0.1/60s',
  ]);
  assert.deepEqual(draw(answer(reader, 'cpu', { window })), ['all: 0=1/60s']);
});

test('matchers that no sample meets are answered with a hint', () => {
  const hintOf = (query: string): unknown[] => {
    const { series, other, meta } = answer(shop, query);
    return [series, other, meta['profiles'], meta.hint];
  };
  const nothing = [[], null, 2];
  assert.deepEqual(hintOf('heap{endpoint="/x"}'), [
    ...nothing,
    'samples have these labels, but none meets {endpoint="/x"}',
  ]);
  assert.deepEqual(hintOf('heap{endpiont="/cart"}'), [
    ...nothing,
    'no series and no sample has a label endpiont; samples have endpoint, tenant',
  ]);
});

test('a label to group by that nothing has is warned of, and all is one group', () => {
  const { meta, ...found } = answer(shop, 'heap', { groupBy: ['endpiont'] });
  assert.deepEqual(draw({ meta, ...found }), ['all: 0=106/60s']);
  assert.deepEqual(meta.warnings, [
    'group_by: no series and no sample has a label endpiont; samples have endpoint, tenant',
  ]);
  assert.deepEqual(answer(shop, 'heap', { groupBy: ['endpoint', 'revision'] }).meta.warnings, []);
});

const labels = ['', '{endpoint=/a}', '{endpoint=/b}', '{endpoint=/b,tenant=t}', '{tenant=t}', '{pod=x}'];

const profiles = fc
  .uniqueArray(
    fc.record({
      pod: fc.constantFrom('a', 'b', 'c', 'd'),
      kind: fc.constantFrom('cpu', 'heap'),
      second: fc.integer({ min: 0, max: 500 }),
      values: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 6, maxLength: 6 }),
    }),
    { selector: ({ pod, kind, second }) => `${pod} ${kind} ${second}`, maxLength: 20 },
  )
  .map((drawn) =>
    drawn.map(({ pod, kind, second, values }) => {
      const rows = labels.map((set, index) => `main;work${set} ${values[index]} ${(values[index] ?? 0) * 1e9}`);
      const of = { revision: pod < 'c' ? '1' : '2', workload: pod < 'd' ? 'checkout' : 'cart' };
      return (kind === 'cpu' ? cpuProfile : heapProfile)(pod, noonMs + second * secondMs, rows.join('\n'), of);
    }),
  );
const questions = fc.record({
  stepMs: fc.constantFrom(15, 60, 97, 600).map((seconds) => seconds * secondMs),
  groupBy: fc.uniqueArray(fc.constantFrom('pod', 'revision', 'endpoint', 'tenant', 'tag_pod', 'absent'), {
    minLength: 1,
    maxLength: 3,
  }),
  limit: fc.integer({ min: 0, max: 4 }),
  from: fc.integer({ min: -60, max: 400 }),
  length: fc.integer({ min: 1, max: 700 }),
});
const matchers = fc.constantFrom('', '{endpoint="/b"}', '{endpoint!=""}', '{tenant="t",pod=~"a|c"}', '{tag_pod="x"}');

test('groups by pprof labels and labels of series and other add up to the whole, step by step', () => {
  fc.assert(
    fc.property(profiles, questions, fc.constantFrom('heap', 'allocs', 'cpu'), (drawn, question, type) => {
      const { from, length, ...options } = question;
      const window = { fromMs: noonMs + from * secondMs, toMs: noonMs + (from + length) * secondMs };
      const reader = memoryReader(drawn);
      const expected = sums(answer(reader, type, { ...options, window, groupBy: [], limit: 1 }));
      const added = sums(answer(reader, type, { ...options, window }));
      assert.deepEqual(new Set(added.keys()), new Set(expected.keys()));
      for (const [tMs, value] of expected) near(added.get(tMs) ?? Number.NaN, value);
    }),
  );
});

test('what samples are selected is what is grouped, too', () => {
  const types = fc.constantFrom('heap', 'allocs', 'cpu');
  fc.assert(
    fc.property(profiles, questions, types, matchers, (drawn, question, type, selected) => {
      const { from, length, ...options } = question;
      const window = { fromMs: noonMs + from * secondMs, toMs: noonMs + (from + length) * secondMs };
      const reader = memoryReader(drawn);
      const expected = sums(answer(reader, type + selected, { ...options, window, groupBy: [], limit: 1 }));
      const added = sums(answer(reader, type + selected, { ...options, window }));
      for (const tMs of new Set([...added.keys(), ...expected.keys()])) {
        near(added.get(tMs) ?? 0, expected.get(tMs) ?? 0);
      }
    }),
  );
});

test('a gauge of selected samples is what a merge of them is, over the whole window', () => {
  fc.assert(
    fc.property(profiles, matchers, fc.integer({ min: 1, max: 700 }), (drawn, selected, length) => {
      const window = { fromMs: noonMs, toMs: noonMs + length * secondMs };
      const reader = memoryReader(drawn);
      const merged = askJson(reader, mergeQuestion(`heap${selected}`, { window })) as { readonly total?: number };
      // One step holds the whole window.
      const [value = 0] = sums(answer(reader, `heap${selected}`, { window, stepMs: 24 * 60 * minuteMs })).values();
      near(value, merged.total ?? 0);
    }),
  );
});
