import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSelector } from '../../src/model/matcher.ts';
import { plainView } from '../../src/model/view.ts';
import type { DiffQuestion } from '../../src/query/engine.ts';
import type { ProfileReader } from '../../src/store/profile-store.ts';
import { askError, askJson, askText, cpuProfile, heapProfile, minuteMs, noonMs } from '../support/query-ask.ts';
import { afternoon, type DiffGraphAnswer, type DiffTopAnswer, diffQuestion, morning } from '../support/query-diff.ts';
import { memoryReader } from '../support/query-memory-reader.ts';

const before = (minutes: number): number => noonMs - minutes * minuteMs;
const after = (minutes: number): number => noonMs + minutes * minuteMs;

function top(reader: ProfileReader, query: string, options: Partial<DiffQuestion> = {}): DiffTopAnswer {
  return askJson(reader, diffQuestion(query, options)) as DiffTopAnswer;
}

/** `function baseSelf→self change`, and the totals in the same way. */
function draw({ rows }: DiffTopAnswer): string[] {
  return rows.map(
    (row) =>
      `${row.function} ${row.baseSelf}→${row.self} ${row.selfChange} | ${row.baseTotal}→${row.total} ${row.totalChange}`,
  );
}

const cpu = memoryReader([
  cpuProfile('a', before(20), 'main;serve;query 3 30\nmain;serve;write 1 10'),
  cpuProfile('a', after(5), 'main;serve;query 2 20\nmain;idle 6 60'),
]);

test('a diff compares shares of both totals, the largest change first', () => {
  const found = top(cpu, 'cpu{workload="checkout"}');
  assert.deepEqual(draw(found), [
    'idle 0→60 0.75 | 0→60 0.75',
    'query 30→20 -0.5 | 30→20 -0.5',
    'write 10→0 -0.25 | 10→0 -0.25',
    'serve 0→0 0 | 40→20 -0.75',
  ]);
  assert.deepEqual([found.unit, found.total, found.baseTotal, found.rows[0]?.file], ['nanoseconds', 80, 40, 'idle.go']);
  const { meta } = found;
  assert.deepEqual(
    [meta['normalize'], meta.changeUnit, meta.factor, meta.baseFactor],
    ['share', 'share', 1 / 80, 1 / 40],
  );
  assert.deepEqual([meta['profiles'], meta.base.profiles, meta['fromMs']], [1, 1, afternoon.fromMs]);
});

test('without normalising, changes are those of the raw values', () => {
  const found = top(cpu, 'cpu', { normalize: 'none', sort: 'total' });
  assert.deepEqual(draw(found), [
    'idle 0→60 60 | 0→60 60',
    'main 0→0 0 | 40→80 40',
    'serve 0→0 0 | 40→20 -20',
    'query 30→20 -10 | 30→20 -10',
    'write 10→0 -10 | 10→0 -10',
  ]);
  assert.deepEqual([found.meta.changeUnit, found.meta.factor, found.meta.baseFactor], ['nanoseconds', 1, 1]);
});

test('a diff of a window with itself is empty', () => {
  for (const normalize of ['share', 'process', 'none'] as const) {
    const { base } = diffQuestion('cpu');
    const found = top(cpu, 'cpu', { compare: base as DiffQuestion['compare'], normalize });
    assert.deepEqual(found.rows, [], normalize);
  }
});

test('the rows that a limit leaves out are the smallest changes, and their share is told', () => {
  const found = top(cpu, 'cpu', { limit: 2 });
  assert.deepEqual(
    found.rows.map((row) => row.function),
    ['idle', 'query'],
  );
  assert.equal(found.meta['foldedShare'], 0.125, 'write is a quarter of one of two sides');
});

test('per process, twice the pods that do the same have not changed, however long each was profiled', () => {
  const work = (pod: string, stampMs: number, seconds: number) => ({
    ...cpuProfile(pod, stampMs, `main;work ${50 * seconds} ${seconds * 5e8}\nmain;gc ${10 * seconds} ${seconds * 1e8}`),
    spanMs: 1000 * seconds,
  });
  const reader = memoryReader([
    work('a', before(10), 10),
    work('a', before(9), 10),
    work('a', after(1), 10),
    work('b', after(1), 30),
    work('c', after(2), 5),
  ]);
  const same = top(reader, 'cpu', { normalize: 'process' });
  assert.deepEqual([same.rows, same.meta.changeUnit], [[], 'cores']);
  const more = memoryReader([
    work('a', before(10), 10),
    work('b', after(1), 10),
    cpuProfile('c', after(1), 'main;work 1500 15e9'.replace('15e9', '15000000000')),
  ]);
  assert.deepEqual(draw(top(more, 'cpu', { normalize: 'process' })), [
    'work 5000000000→20000000000 0.5 | 5000000000→20000000000 0.5',
    'gc 1000000000→1000000000 -0.05 | 1000000000→1000000000 -0.05',
    'main 0→0 0 | 6000000000→21000000000 0.45',
  ]);
});

test('a side of which no time was profiled counts as 0 per process, and says so', () => {
  const reader = memoryReader([
    { ...cpuProfile('a', before(5), 'main;x 1 10'), spanMs: 0 },
    cpuProfile('a', after(5), 'main;x 2 20'),
  ]);
  const { rows, meta } = top(reader, 'cpu', { normalize: 'process' });
  assert.deepEqual([rows.map((row) => row.baseSelf), meta.baseFactor], [[10, 0], 0]);
  assert.equal(
    meta.warnings[0],
    'of the base no time was profiled, so per process it counts as 0: normalize=share or none compare its values',
  );
  assert.ok(!top(reader, 'cpu').meta.warnings.some((text) => text.includes('no time')));
});

test('gauges are compared by their averages: per process, a second pod of the same size changes nothing', () => {
  const heap = (pod: string, stampMs: number, inuse: number) => heapProfile(pod, stampMs, `main;cache 0 ${inuse}`);
  const reader = memoryReader([
    heap('old', before(3), 300),
    heap('old', before(2), 300),
    heap('a', after(1), 300),
    heap('b', after(1), 300),
  ]);
  assert.deepEqual(draw(top(reader, 'heap', { normalize: 'none' })), [
    'cache 300→600 300 | 300→600 300',
    'main 0→0 0 | 300→600 300',
  ]);
  for (const aggregation of ['avg', 'peak'] as const) {
    const perProcess = top(reader, 'heap', { normalize: 'process', aggregation });
    assert.deepEqual([perProcess.rows, perProcess.meta.changeUnit], [[], 'bytes'], aggregation);
  }
  const perProcess = top(reader, 'heap', { normalize: 'process' });
  assert.deepEqual([perProcess.meta.factor, perProcess.meta.baseFactor, perProcess.total], [0.5, 1, 600]);
});

test('for the last moment and the peak, only the processes of that moment count', () => {
  const heap = (pod: string, stampMs: number, inuse: number) => heapProfile(pod, stampMs, `main;cache 0 ${inuse}`);
  const reader = memoryReader([
    heap('old', before(20), 100),
    heap('a', before(1), 300),
    heap('b', before(1), 300),
    heap('c', after(1), 500),
    heap('c', after(29), 400),
  ]);
  const last = top(reader, 'heap', { normalize: 'process', aggregation: 'last' });
  assert.deepEqual(draw(last)[0], 'cache 600→400 100 | 600→400 100');
  const peak = top(reader, 'heap', { normalize: 'process', aggregation: 'peak' });
  assert.deepEqual(draw(peak)[0], 'cache 600→500 200 | 600→500 200');
});

test('raw averages are decimals, and what they are compared by is not rounded', () => {
  const reader = memoryReader([
    heapProfile('a', before(2), 'main;cache 0 100'),
    { ...heapProfile('a', after(0), 'main;cache 0 100'), intervalMs: minuteMs },
    heapProfile('a', after(1), 'main;cache 0 201'),
  ]);
  const found = top(reader, 'heap', { normalize: 'none' });
  assert.deepEqual(draw(found)[0], 'cache 100→150.5 50.5 | 100→150.5 50.5');
});

test('sums beyond 2^53 keep all their digits', () => {
  const large = 2n ** 60n;
  const reader = memoryReader([
    cpuProfile('a', before(2), `main;x 1 ${large}`),
    cpuProfile('a', after(2), `main;x 1 ${large + 1n}\nmain;y 1 3`),
  ]);
  const text = askText(reader, diffQuestion('cpu', { normalize: 'none' }));
  assert.match(
    text,
    new RegExp(`"self":${large + 1n},"total":${large + 1n},"baseSelf":${large},"baseTotal":${large},"selfChange":1`),
  );
  assert.match(text, /"function":"y".*"selfChange":3/);
  assert.match(text, /"function":"main".*"totalChange":4/);
});

test('closures are compared by names without numbers', () => {
  const reader = memoryReader([
    cpuProfile('a', before(2), 'main;serve.func1 1 10\nmain;serve.func2;read 1 10'),
    cpuProfile('a', after(2), 'main;serve.func7.1 1 10\nmain;serve.func3;read 1 10'),
  ]);
  assert.deepEqual(top(reader, 'cpu').rows, []);
  assert.equal(
    askText(reader, diffQuestion('cpu', { format: 'collapsed' })),
    'main;serve.func 10 10\nmain;serve.func;read 10 10\n',
  );
});

test('a flame graph shows both sides in one preorder, and folds what is small on both', () => {
  const graph = askJson(cpu, diffQuestion('cpu', { format: 'flamegraph' })) as DiffGraphAnswer;
  assert.deepEqual(drawGraph(graph), [
    'total 40→80',
    '  main 40→80',
    '    serve 40→20',
    '      query 30→20 (self 30→20)',
    '      write 10→0 (self 10→0)',
    '    idle 0→60 (self 0→60)',
  ]);
  assert.deepEqual([graph.unit, graph.parent, graph.meta['foldedShare']], ['nanoseconds', [-1, 0, 1, 2, 2, 1], 0]);
  const small = askJson(cpu, diffQuestion('cpu', { format: 'flamegraph', maxNodes: 5 })) as DiffGraphAnswer;
  assert.ok(!small.names.includes('write'));
  assert.equal(small.meta['foldedShare'], 0.125);
});

/** Indented by depth; self where there is any. */
function drawGraph({ names, name, parent, self, total, baseSelf, baseTotal }: DiffGraphAnswer): string[] {
  const depth: number[] = [];
  return name.map((id, at) => {
    depth[at] = at === 0 ? 0 : (depth[parent[at] ?? 0] ?? 0) + 1;
    const own = self[at] === 0 && baseSelf[at] === 0 ? '' : ` (self ${baseSelf[at]}→${self[at]})`;
    return `${'  '.repeat(depth[at] ?? 0)}${names[id]} ${baseTotal[at]}→${total[at]}${own}`;
  });
}

test('an empty side counts as 0, with a warning and a hint; pprof and folded stacks say which side it is', () => {
  const window = { fromMs: before(600), toMs: before(540) };
  const { selector } = diffQuestion('cpu').compare;
  const options = { base: { selector, window } };
  const found = top(cpu, 'cpu', options);
  assert.deepEqual(draw(found)[0], 'idle 0→60 0.75 | 0→60 0.75');
  assert.deepEqual([found.meta.baseFactor, found.rows[0]?.unsure, found.rows[0]?.selfSpread], [0, true, null]);
  const hint = 'the first cpu profile is of 2026-03-01T11:40:00.000Z';
  assert.equal(found.meta.hint, hint);
  assert.deepEqual(found.meta.warnings, [
    `there is nothing on the base, it counts as 0: ${hint}`,
    'too few scrapes to tell how sure a change is: each side needs at least 3',
  ]);
  for (const format of ['pprof', 'collapsed'] as const) {
    const error = askError(cpu, diffQuestion('cpu', { ...options, format }));
    assert.match(error, /^empty_window: nothing to compare .*on the base: the first cpu profile/, format);
  }
  assert.match(askText(cpu, diffQuestion('cpu', { ...options, format: 'markdown' })), /there is nothing on the base/);
});

test('a side is not empty because a filter matches nothing of it', () => {
  const reader = memoryReader([
    heapProfile('a', before(1), 'main;cache 0 300'),
    heapProfile('a', after(29.5), 'main;cache{tag=t} 0 300'),
  ]);
  const view = { ...plainView, filters: { focus: 'nowhere' } };
  for (const [query, base] of [
    ['heap', 'heap'],
    ['heap{tag="t"}', 'heap'],
  ] as const) {
    const ofBase = { selector: parseSelector(base), window: morning };
    const { rows, meta } = top(reader, query, { view, aggregation: 'last', base: ofBase });
    assert.deepEqual([rows, meta.hint, meta['aggregation']], [[], undefined, 'last']);
    assert.deepEqual(meta.warnings, ['focus: "nowhere" matched no samples']);
  }
});

test('two empty sides are empty arrays and a hint, or an error where there is no place for one', () => {
  const ask = (format: DiffQuestion['format']) => diffQuestion('cpu{workload="cart"}', { format });
  const found = askJson(cpu, ask('top')) as DiffTopAnswer;
  assert.deepEqual([found.rows, found.total, found.baseTotal, found.unit], [[], 0, 0, 'nanoseconds']);
  assert.match(found.meta.hint ?? '', /workload is checkout/);
  const graph = askJson(cpu, ask('flamegraph')) as DiffGraphAnswer;
  assert.deepEqual([graph.name, graph.baseSelf, graph.meta.hint], [[], [], found.meta.hint]);
  for (const format of ['markdown', 'collapsed', 'pprof'] as const) {
    assert.match(askError(cpu, ask(format)), /^empty_window: nothing to compare/, format);
  }
});

test('sides of two types, a type that is not there and a window that is none are refused', () => {
  const base = { selector: parseSelector('heap'), window: morning };
  assert.match(
    askError(cpu, diffQuestion('cpu', { base })),
    /^bad_query: base_query: heap cannot be compared with cpu/,
  );
  assert.match(askError(cpu, diffQuestion('process_cpu:wall:nanoseconds:cpu:nanoseconds')), /^bad_query: .* have no/);
  const { selector } = diffQuestion('cpu').compare;
  const turned = { selector, window: { fromMs: noonMs, toMs: noonMs - 1 } };
  assert.match(askError(cpu, diffQuestion('cpu', { base: turned })), /^bad_time: base: from \(/);
});

const labelled = memoryReader([
  cpuProfile('a', before(3), 'main;x{tenant=t} 1 10\nmain;x{tenant=u} 1 90'),
  cpuProfile('a', after(3), 'main;x{tenant=t} 1 30\nmain;y{tenant=t} 1 10\nmain;x{tenant=u} 1 50'),
]);

test('matchers on labels of samples and filters of views go over the rows', () => {
  const ofTenant = top(labelled, 'cpu{tenant="t"}', { normalize: 'none' });
  assert.deepEqual(draw(ofTenant)[0], 'x 10→30 20 | 10→30 20');
  const { view } = diffQuestion('cpu');
  const focused = top(labelled, 'cpu', { normalize: 'none', view: { ...view, filters: { ignore: '^y$' } } });
  assert.deepEqual(draw(focused), ['x 100→80 -20 | 100→80 -20', 'main 0→0 0 | 100→80 -20']);
  const none = top(labelled, 'cpu{tenant="none"}');
  assert.match(none.meta.hint ?? '', /^samples have these labels, but none meets/);
});

test('shares are of what filters leave, so they still add up to 0', () => {
  const view = { ...plainView, filters: { focus: 'x|y', ignore: '^query$' } };
  const whole = top(labelled, 'cpu', { view });
  assert.deepEqual(draw(whole), [
    'x 100→80 -0.111111111111 | 100→80 -0.111111111111',
    'y 0→10 0.111111111111 | 0→10 0.111111111111',
  ]);
  const onlyX = top(labelled, 'cpu', { view: { ...view, filters: { ignore: '^y$' } } });
  assert.deepEqual([draw(onlyX), onlyX.total, onlyX.baseTotal], [[], 80, 100]);
});
