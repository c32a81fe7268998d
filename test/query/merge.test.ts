import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MergeQuestion } from '../../src/query/engine.ts';
import type { ProfileReader } from '../../src/store/profile-store.ts';
import {
  askError,
  askJson,
  askPprof,
  askText,
  cpuProfile,
  heapProfile,
  mergeQuestion,
  minuteMs,
  noonMs,
  secondMs,
} from '../support/query-ask.ts';
import { memoryReader } from '../support/query-memory-reader.ts';

interface ViewMeta extends Record<string, unknown> {
  readonly hint?: string;
}
interface TopAnswer {
  readonly unit: string;
  readonly rows: readonly {
    readonly function: string;
    readonly file: string;
    readonly self: number;
    readonly total: number;
  }[];
  readonly total: number;
  readonly meta: ViewMeta;
}
interface FlameGraphAnswer {
  readonly unit: string;
  readonly names: readonly string[];
  readonly name: readonly number[];
  readonly parent: readonly number[];
  readonly self: readonly number[];
  readonly total: readonly number[];
  readonly meta: ViewMeta;
}

const at = (minutes: number): number => noonMs + minutes * minuteMs;
const firstMinutes = (minutes: number) => ({ fromMs: noonMs, toMs: at(minutes) });

function top(reader: ProfileReader, query: string, options: Partial<MergeQuestion> = {}): TopAnswer {
  return askJson(reader, mergeQuestion(query, options)) as TopAnswer;
}

/** `function self total`, a line for each row. */
function drawTop({ rows }: TopAnswer): string[] {
  return rows.map(({ function: name, self, total }) => `${name} ${self} ${total}`);
}

/** `total self function`, indented by depth. */
function drawGraph({ names, name, parent, self, total }: FlameGraphAnswer): string[] {
  const depth = parent.map(() => 0);
  return name.map((id, entry) => {
    depth[entry] = entry === 0 ? 0 : (depth[parent[entry] ?? 0] ?? 0) + 1;
    return `${total[entry]} ${self[entry]} ${'  '.repeat(depth[entry] ?? 0)}${names[id]}`;
  });
}

function pprof(reader: ProfileReader, query: string, options: Partial<MergeQuestion> = {}) {
  return askPprof(reader, mergeQuestion(query, { format: 'pprof', ...options }));
}

const cpuOfTwo = memoryReader(
  [
    cpuProfile(
      'a',
      at(0),
      `
      main;serve;query 3 30
      main;serve;write 1 10`,
    ),
    cpuProfile('b', at(0), 'main;serve;query 2 20'),
    cpuProfile('a', at(1), 'main;idle 1 10'),
  ],
  { type: 'cpu', unit: 'nanoseconds' },
);

test('sums add up over time and processes, and say which share of the time was profiled', () => {
  const found = top(cpuOfTwo, 'cpu{workload="checkout"}');
  assert.deepEqual(drawTop(found), ['query 50 50', 'idle 10 10', 'write 10 10', 'main 0 70', 'serve 0 60']);
  assert.deepEqual([found.unit, found.total, found.rows[0]?.file], ['nanoseconds', 70, 'query.go']);
  assert.deepEqual(found.meta, {
    profiles: 3,
    processes: 2,
    observedSeconds: 120,
    profiledSeconds: 30,
    processSeconds: 180,
    profiledShare: 0.1666667,
    from: '2026-03-01T12:00:00.000Z',
    to: '2026-03-01T13:00:00.000Z',
    fromMs: noonMs,
    toMs: at(60),
    resolution: 'detail',
    aggregation: 'sum',
    foldedShare: 0,
    trimmed: 0,
    warnings: [],
    partial: false,
  });
});

test('a top is cut after so many rows, by self or total, and says what share it leaves out', () => {
  const bySelf = top(cpuOfTwo, 'cpu', { limit: 1 });
  assert.deepEqual([drawTop(bySelf), bySelf.meta['foldedShare']], [['query 50 50'], 0.2857143]);
  assert.deepEqual(drawTop(top(cpuOfTwo, 'cpu', { limit: 2, sort: 'total' })), ['main 0 70', 'serve 0 60']);
});

const growingHeap = memoryReader([
  heapProfile(
    'a',
    at(0),
    `
    main;cache   50 100
    main;parse 1000   0`,
  ),
  heapProfile('a', at(1), 'main;cache 50 201'),
  heapProfile('b', at(1), 'main;cache 50 400'),
]);

test('the heap shows its real size over time: average, last or peak; allocations their increase', () => {
  const size = (aggregation: MergeQuestion['aggregation'], minutes: number): unknown[] => {
    const { total, meta } = top(growingHeap, 'heap', { aggregation, window: firstMinutes(minutes) });
    return [total, meta['aggregation']];
  };
  assert.deepEqual(size('avg', 2), [350.5, 'avg'], '100 for a minute, 601 for a minute');
  assert.deepEqual(size('avg', 60), [350.5, 'avg'], 'time in which nothing was observed does not count');
  assert.deepEqual(size('last', 1), [100, 'last']);
  assert.deepEqual(size('last', 2), [601, 'last']);
  assert.deepEqual(size('peak', 2), [601, 'peak']);
  const allocated = top(growingHeap, 'allocs', { window: firstMinutes(2) });
  assert.deepEqual([allocated.total, allocated.meta['aggregation']], [1150, 'sum']);
});

test('a flame graph is in preorder, without the stacks that only other sample types count', () => {
  const graph = askJson(growingHeap, mergeQuestion('heap', { format: 'flamegraph', window: firstMinutes(2) }));
  assert.deepEqual(drawGraph(graph as FlameGraphAnswer), ['350.5 0 total', '350.5 0   main', '350.5 350.5     cache']);
  assert.deepEqual((graph as FlameGraphAnswer).parent, [-1, 0, 1]);
});

test('a flame graph folds its smallest nodes and says how much', () => {
  const graph = askJson(cpuOfTwo, mergeQuestion('cpu', { format: 'flamegraph', maxNodes: 4 })) as FlameGraphAnswer;
  assert.deepEqual(drawGraph(graph), ['70 0 total', '70 0   main', '60 0     serve', '50 50       query']);
  assert.equal(graph.meta['foldedShare'], 0.2857143);
});

test('folded stacks are plain text', () => {
  assert.equal(
    askText(cpuOfTwo, mergeQuestion('cpu', { format: 'collapsed' })),
    'main;idle 10\nmain;serve;query 50\nmain;serve;write 10\n',
  );
});

test('pprof has all sample types, opens on the one asked for, and lasts as long as was profiled', () => {
  const { fileName, message, text } = pprof(cpuOfTwo, 'cpu{workload="checkout"}');
  assert.equal(fileName, 'checkout-cpu-20260301T120000Z.pb.gz');
  assert.deepEqual(
    message.sampleType.map(({ type }) => text(type)),
    ['samples', 'cpu'],
  );
  assert.equal(text(message.defaultSampleType), 'cpu');
  assert.equal(message.timeNanos, BigInt(noonMs) * 1_000_000n);
  assert.equal(message.durationNanos, 30_000_000_000n);
  assert.deepEqual(message.comment.map(text), [
    'flameherd: 3 profiles of 2 processes, 2026-03-01T12:00:00.000Z to 2026-03-01T13:00:00.000Z; samples, cpu: sum',
    'profiled 30 of 180 process-seconds (17 %): values are as measured, not scaled up',
  ]);
  assert.ok(message.mapping.every(({ hasFunctions }) => hasFunctions));
});

test('pprof of a heap lasts no time, and its rounded averages add up to the rounded total', () => {
  const thirds = memoryReader([
    heapProfile(
      'a',
      at(0),
      `
      x 1 1
      y 1 1
      z 1 1`,
    ),
    { ...heapProfile('a', at(1), 'x 1 0'), endedMs: at(1) + 30 * secondMs },
  ]);
  const { message, text } = pprof(thirds, 'heap', { window: firstMinutes(2) });
  assert.equal(Number(message.durationNanos), 0);
  assert.deepEqual(
    message.sample.map(({ value }) => value.map(Number)),
    [
      [2, 1],
      [1, 1],
      [1, 0],
    ],
  );
  assert.match(text(message.comment[0] ?? 0), /; alloc_space: sum; inuse_space: avg over time$/);
});

test('a type that the kind does not have is refused with those that it has', () => {
  assert.equal(
    askError(cpuOfTwo, mergeQuestion('process_cpu:foo:count:cpu:nanoseconds')),
    'bad_query: query: the cpu profiles selected have no "process_cpu:foo:count:cpu:nanoseconds" (they have process_cpu:cpu:nanoseconds:cpu:nanoseconds (cpu), process_cpu:samples:count:cpu:nanoseconds (samples))',
  );
});

test('an empty window: JSON is empty and hints, pprof and text are errors with the same sentence', () => {
  const window = { fromMs: at(30), toMs: at(40) };
  const hint = 'the last cpu profile of {workload="checkout"} is of 2026-03-01T12:01:00.000Z';
  const question = mergeQuestion('cpu{workload="checkout"}', { window });
  const empty = top(cpuOfTwo, 'cpu{workload="checkout"}', { window });
  assert.deepEqual([empty.unit, empty.rows, empty.total, empty.meta.hint], ['nanoseconds', [], 0, hint]);
  const graph = askJson(cpuOfTwo, { ...question, format: 'flamegraph' }) as FlameGraphAnswer;
  const { meta, ...arrays } = graph;
  assert.deepEqual(arrays, { unit: 'nanoseconds', names: [], name: [], parent: [], self: [], total: [] });
  assert.equal(meta.hint, hint);
  for (const format of ['pprof', 'collapsed'] as const) {
    assert.equal(
      askError(cpuOfTwo, { ...question, format }),
      `empty_window: nothing to merge for cpu: ${hint} (${hint})`,
    );
  }
});

test('increases are empty where nothing was scraped, though the level still stands', () => {
  const window = { fromMs: at(0) + 10 * secondMs, toMs: at(0) + 20 * secondMs };
  assert.equal(top(growingHeap, 'heap', { window }).total, 100);
  assert.match(top(growingHeap, 'allocs', { window }).meta.hint ?? '', /^there is no heap profile in this window/);
});

const tagged = memoryReader([
  cpuProfile(
    'a',
    at(0),
    `
    main;query{tenant=acme} 1 10
    main;query{tenant=zeta,pod=z} 1 5
    main;query{bytes=1024} 1 2
    main;query 1 1`,
  ),
]);

test('matchers select by the labels of samples too, where no series has the name', () => {
  const total = (query: string): number => top(tagged, query).total;
  assert.equal(total('cpu{tenant="acme"}'), 10);
  assert.equal(total('cpu{tenant=~"a.*|z.*"}'), 15);
  assert.equal(total('cpu{tenant!="acme"}'), 8);
  assert.equal(total('cpu{pod="a"}'), 18, 'a series label wins');
  assert.equal(total('cpu{tag_pod="z"}'), 5, 'and the sample label has a prefix then');
  assert.equal(total('cpu{bytes="1024"}'), 2);
});

test('matchers that select no sample say which label nothing has', () => {
  assert.equal(
    top(tagged, 'cpu{teem="x"}').meta.hint,
    'no series and no sample has a label teem; samples have bytes, pod, tenant',
  );
  assert.equal(top(tagged, 'cpu{tenant="x"}').meta.hint, 'samples have these labels, but none meets {tenant="x"}');
  assert.equal(
    top(cpuOfTwo, 'cpu{teem="x"}').meta.hint,
    'no series and no sample has a label teem; samples have no labels',
  );
});

test('integers keep all their digits, and any name gives valid JSON', () => {
  const name = '"a\\b"\n\u2028</script>\ud800\u0000';
  const reader = memoryReader([{ ...cpuProfile('a', at(0), ''), rows: new Map([[name, [1n, 2n ** 53n + 1n]]]) }]);
  for (const format of ['top', 'flamegraph'] as const) {
    const text = askText(reader, mergeQuestion('cpu', { format }));
    assert.ok(text.includes('9007199254740993'), text);
    assert.ok(!text.includes('<'), text);
    const parsed = JSON.parse(text) as TopAnswer & FlameGraphAnswer;
    assert.equal(format === 'top' ? parsed.rows[0]?.function : parsed.names[1], name);
  }
});

test('a single profile is answered as it is stored', () => {
  const { fileName, message } = askPprof(growingHeap, { kind: 'profile', id: '2' });
  assert.deepEqual(
    message.sample.map(({ value }) => value.map(Number)),
    [[50, 201]],
  );
  assert.equal(fileName, 'checkout-heap-20260301T120100Z.pb.gz');
  assert.match(askError(growingHeap, { kind: 'profile', id: 'x' }), /^not_found: id: there is no profile "x"/);
});
