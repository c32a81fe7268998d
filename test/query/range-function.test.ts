import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { askError, cpuProfile, heapProfile, minuteMs, noonMs, rangeQuestion, secondMs } from '../support/query-ask.ts';
import { memoryReader } from '../support/query-memory-reader.ts';
import { answer, at, draw, near, sums } from '../support/query-range.ts';

test('a function has a line of its total and one of its self, in cores', () => {
  const reader = memoryReader([
    cpuProfile('a', at(0), 'main;serve 1 1000000000\nmain;serve;query 1 4000000000\nmain;idle 1 5000000000'),
    cpuProfile('a', at(1), 'main;serve;query 1 2000000000'),
  ]);
  const found = answer(reader, 'cpu', { functionName: 'serve' });
  assert.deepEqual(draw(found), ['all: 0=0.5(0.1)/60s 1=0.2(0)/60s']);
  assert.deepEqual([found.unit, found.estimated, found.function], ['cores', true, 'serve']);
  assert.deepEqual(draw(answer(reader, 'cpu', { functionName: 'query' })), ['all: 0=0.4(0.4)/60s 1=0.2(0.2)/60s']);
});

test('a function that calls itself counts once', () => {
  const reader = memoryReader([heapProfile('a', at(0), 'main;walk;walk;walk 0 7\nmain;walk;print;walk;print 0 5')]);
  assert.deepEqual(draw(answer(reader, 'heap', { functionName: 'walk' })), ['all: 0=12(7)/60s']);
});

test('a step in which a process did not call the function is a 0, no gap; one without the process is a gap', () => {
  const reader = memoryReader([
    heapProfile('a', at(0), 'main;cache 0 40\nmain 0 2', { revision: '1' }),
    heapProfile('a', at(1), 'main 0 2', { revision: '1' }),
    heapProfile('a', at(9), 'main;cache 0 44', { revision: '1' }),
    heapProfile('b', at(1), 'main 0 3', { revision: '2' }),
  ]);
  const question = { functionName: 'cache', groupBy: ['revision'] };
  assert.deepEqual(draw(answer(reader, 'heap', question)), [
    'revision=1: 0=40(40)/60s 1=0(0)/60s 2=0(0)/60s 3=0(0)/30s 9=44(44)/60s',
    'revision=2: 1=0(0)/60s',
  ]);
  assert.deepEqual(draw(answer(reader, 'heap', { ...question, limit: 0 })), [
    'other(2): 0=40(40)/60s 1=0(0)/60s 2=0(0)/60s 3=0(0)/30s 9=44(44)/60s',
  ]);
});

test('a process that was not profiled is taken to call the function as the others of its workload do', () => {
  const reader = memoryReader([
    cpuProfile('a', at(0), 'main;serve 1 4000000000'),
    cpuProfile('b', at(0), 'main 1 1000000000'),
    // c is profiled at first only, and stands two and a half minutes.
    cpuProfile('c', at(-1), 'main 1 0'),
    cpuProfile('c', at(1), 'main 1 0'),
  ]);
  const window = { fromMs: at(0), toMs: at(1) };
  const question = { functionName: 'serve', groupBy: ['pod'], window };
  assert.deepEqual(draw(answer(reader, 'cpu', question)), ['a: 0=0.4(0.4)/60s', 'c: 0=0.2(0.2)/60s', 'b: 0=0(0)/60s']);
});

test('a closure is asked for by its number, and all of a function by the name without', () => {
  const reader = memoryReader([
    heapProfile('old', at(0), 'main;shop.serve.func1 0 10\nmain;shop.serve.func2 0 5\nmain;shop.serve 0 2'),
    heapProfile('new', at(0), 'main;shop.serve.func1.2 0 100'),
  ]);
  const totals = {
    'shop.serve.func2': ['all: 0=5(5)/60s'],
    'shop.serve.func1': ['all: 0=10(10)/60s'],
    'shop.serve.func1.2': ['all: 0=100(100)/60s'],
    'shop.serve.func': ['all: 0=115(115)/60s'],
    'shop.serve.func7': [],
  };
  for (const [functionName, expected] of Object.entries(totals)) {
    const found = answer(reader, 'heap', { functionName });
    assert.equal(found.function, functionName);
    assert.deepEqual(draw(found), expected);
  }
  const { meta } = answer(reader, 'heap', { functionName: 'shop.serve.func7' });
  assert.match(meta.hint ?? '', /no stack in this window has a function shop\.serve\.func7; there is shop\.serve/);
});

test('a function that is nowhere has no lines, and those with a name like it are named, the heaviest first', () => {
  const reader = memoryReader([
    heapProfile('a', at(0), 'main.main;shop.serve 0 10\nmain.main;shop.(*Cart).serve 0 20\nmain.main;shop.price 0 1'),
  ]);
  const hintOf = (functionName: string): string => {
    const { series, other, aggregation, meta } = answer(reader, 'heap', { functionName });
    assert.deepEqual([series, other, aggregation, meta['profiles']], [[], null, 'avg', 1]);
    return meta.hint ?? '';
  };
  assert.equal(
    hintOf('Serve'),
    'no stack in this window has a function Serve; there is shop.(*Cart).serve, shop.serve; merge with format=top lists them all',
  );
  assert.match(hintOf('shop.prise'), /; there is shop.price; /);
  assert.equal(
    hintOf('net/http.(*conn).serve'),
    'no stack in this window has a function net/http.(*conn).serve; merge with format=top lists them all',
  );
  assert.match(hintOf('total'), /^no stack in this window has a function total; /, 'the root is no function');
  assert.match(answer(memoryReader([]), 'heap', { functionName: 'main' }).meta.hint ?? '', /^nothing is stored yet/);
});

test('a function by labels of samples is refused, with what can be asked instead', () => {
  const reader = memoryReader([heapProfile('a', at(0), 'main{endpoint=/cart} 0 1')]);
  const expected =
    'bad_parameter: function: cannot be answered by labels of samples as well (endpoint) (no series has a label endpoint; select and group by labels of series, or leave function out. merge with format=top selects by both)';
  const question = { functionName: 'main' };
  assert.equal(askError(reader, rangeQuestion('heap{endpoint="/cart"}', question)), expected);
  assert.equal(askError(reader, rangeQuestion('heap', { ...question, groupBy: ['pod', 'endpoint'] })), expected);
});

const stacks = ['main', 'main;a', 'main;a;b', 'main;b', 'main;b;a;b', 'main;c.func1;a'];

const profiles = fc
  .uniqueArray(
    fc.record({
      pod: fc.constantFrom('a', 'b', 'c'),
      kind: fc.constantFrom('cpu', 'heap'),
      minute: fc.integer({ min: 0, max: 8 }),
      values: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 6, maxLength: 6 }),
    }),
    { selector: ({ pod, kind, minute }) => `${pod} ${kind} ${minute}`, maxLength: 20 },
  )
  .map((drawn) =>
    drawn.map(({ pod, kind, minute, values }) => {
      const rows = stacks.map((stack, at) => `${stack} ${values[at]} ${(values[at] ?? 0) * 1e9}`).join('\n');
      return (kind === 'cpu' ? cpuProfile : heapProfile)(pod, noonMs + minute * minuteMs, rows, {
        revision: pod < 'c' ? '1' : '2',
      });
    }),
  );
const questions = fc.record({
  query: fc.constantFrom('heap', 'allocs', 'cpu', 'cpu{revision="1"}'),
  stepMs: fc.constantFrom(15, 60, 97, 600).map((seconds) => seconds * secondMs),
  groupBy: fc.constantFrom<string[]>([], ['pod'], ['revision']),
  limit: fc.integer({ min: 0, max: 3 }),
});

test('the total of the function that all stacks begin with is the whole, line by line', () => {
  fc.assert(
    fc.property(profiles, questions, (drawn, { query, ...options }) => {
      const reader = memoryReader(drawn);
      const whole = answer(reader, query, options);
      const main = answer(reader, query, { ...options, functionName: 'main' });
      const lines = (found: typeof whole) =>
        [...found.series, ...(found.other ? [found.other] : [])].map(({ points }) => points);
      const isZero = lines(whole).every((points) => points.every(([, value]) => value === 0));
      if (isZero) assert.deepEqual(lines(main), []);
      else assert.deepEqual(lines(main), lines(whole));
    }),
  );
});

test('groups of a function and other add up to the function, self and total', () => {
  const named = fc.constantFrom('a', 'b', 'c.func3', 'main');
  fc.assert(
    fc.property(profiles, questions, named, (drawn, { query, ...options }, functionName) => {
      const reader = memoryReader(drawn);
      const whole = answer(reader, query, { ...options, functionName, groupBy: [], limit: 1 });
      const groups = answer(reader, query, { ...options, functionName });
      for (const points of ['points', 'selfPoints'] as const) {
        const [expected, added] = [sums(whole, points), sums(groups, points)];
        assert.deepEqual(new Set(added.keys()), new Set(expected.keys()));
        for (const [tMs, value] of expected) near(added.get(tMs) ?? Number.NaN, value);
      }
    }),
  );
});

test('what functions take themselves adds up to the whole', () => {
  fc.assert(
    fc.property(profiles, questions, (drawn, { query, ...options }) => {
      const reader = memoryReader(drawn);
      const added = new Map<number, number>();
      for (const functionName of ['main', 'a', 'b', 'c.func']) {
        for (const [tMs, value] of sums(answer(reader, query, { ...options, functionName }), 'selfPoints')) {
          added.set(tMs, (added.get(tMs) ?? 0) + value);
        }
      }
      for (const [tMs, value] of sums(answer(reader, query, options))) near(added.get(tMs) ?? 0, value);
    }),
  );
});
