import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { comparedName } from '../../src/profile/compared-name.ts';
import type { ProfileReader } from '../../src/store/profile-store.ts';
import { openSqliteReader } from '../../src/store/sqlite/reader.ts';
import { askJson, askText, cpuProfile, heapProfile, mergeQuestion, minuteMs, noonMs } from '../support/query-ask.ts';
import { diffQuestion } from '../support/query-diff.ts';
import { type MemoryProfile, memoryReader } from '../support/query-memory-reader.ts';
import { storedProfiles } from '../support/query-sqlite.ts';

interface Graph {
  readonly names: readonly string[];
  readonly name: readonly number[];
  readonly parent: readonly number[];
  readonly self: readonly number[];
  readonly total: readonly number[];
  readonly baseSelf?: readonly number[];
  readonly baseTotal?: readonly number[];
  readonly meta: {
    readonly rootTotal?: number;
    readonly rootBaseTotal?: number;
    readonly foldedShare: number;
    readonly factor?: number;
    readonly hint?: string;
  };
}

const everything = 1_000_000;

function merged(reader: ProfileReader, root?: readonly string[], maxNodes = everything, query = 'cpu'): Graph {
  return askJson(reader, mergeQuestion(query, { format: 'flamegraph', maxNodes, ...(root ? { root } : {}) })) as Graph;
}

function diffed(reader: ProfileReader, root?: readonly string[], maxNodes = everything): Graph {
  return askJson(reader, diffQuestion('cpu', { format: 'flamegraph', maxNodes, ...(root ? { root } : {}) })) as Graph;
}

function pathOf({ name, names, parent }: Graph, node: number): string[] {
  const path: string[] = [];
  for (let at = node; at > 0; at = parent[at] ?? -1) path.unshift(names[name[at] ?? 0] ?? '');
  return path;
}

/** `path self total` of each node under `top`, by the path below it; the order is the graph's. */
function drawn(graph: Graph, top = 0): string[] {
  const depth = pathOf(graph, top).length;
  const lines: string[] = [];
  const inside = new Set([top]);
  for (let node = top; node < graph.name.length; node++) {
    if (node !== top && !inside.has(graph.parent[node] ?? -1)) continue;
    inside.add(node);
    const own = graph.names[graph.name[top] ?? 0];
    const path = [own, ...pathOf(graph, node).slice(depth)].join(';');
    const columns = [graph.self, graph.total, graph.baseSelf, graph.baseTotal];
    lines.push(`${path} ${columns.flatMap((column) => column?.[node] ?? []).join(' ')}`);
  }
  return lines;
}

const shop = memoryReader([
  cpuProfile('a', noonMs, 'main;serve;query 1 10\nmain;serve;query;parse 2 20\nmain;gc 1 5'),
  cpuProfile('b', noonMs + minuteMs, 'main;serve;query;scan 3 30\nmain;serve 1 1'),
]);

test('a root is a stack: the answer is what is under it, its node 0 the frame, and the whole is told', () => {
  const part = merged(shop, ['main', 'serve', 'query']);
  assert.deepEqual(drawn(part), ['query 10 60', 'query;scan 30 30', 'query;parse 20 20']);
  assert.deepEqual([part.parent[0], part.meta.rootTotal, part.meta.foldedShare], [-1, 66, 0]);
});

test('max_nodes is for the part alone', () => {
  const part = merged(shop, ['main', 'serve', 'query'], 2);
  assert.deepEqual(drawn(part), ['query 10 60', 'query;scan 30 30']);
  assert.equal(part.meta.foldedShare, 0.3333333);
});

test('a stack that is not there is an empty graph with a hint, and the whole is told still', () => {
  for (const root of [['main', 'query'], ['nowhere'], ['main', 'serve', 'query', 'query']]) {
    const part = merged(shop, root);
    assert.deepEqual([part.name, part.total, part.meta.rootTotal], [[], [], 66]);
    assert.equal(part.meta.hint, `no stack begins with ${root.join(';')}; without root the answer is of all stacks`);
  }
});

test('an empty window says what exists nearby, whatever the root', () => {
  assert.match(merged(shop, ['main'], 10, 'cpu{pod="z"}').meta.hint ?? '', /no series meets \{pod="z"\}/);
});

test('a part of a view is a part of what the view shows', () => {
  const view = { ...mergeQuestion('cpu').view, filters: { hide: 'serve' } };
  const question = mergeQuestion('cpu', { format: 'flamegraph', view, root: ['main', 'query'] });
  const part = askJson(shop, question) as Graph;
  assert.deepEqual([drawn(part)[0], part.meta.rootTotal], ['query 10 60', 66]);
});

test('of a gauge, the whole is divided as all else is', () => {
  const reader = memoryReader([heapProfile('a', noonMs, 'main;keep 1 10\nmain 1 2')]);
  const [whole, part] = [merged(reader, undefined, 10, 'heap'), merged(reader, ['main', 'keep'], 10, 'heap')];
  assert.deepEqual(drawn(part), drawn(whole, 2));
  assert.equal(part.meta.rootTotal, whole.total[0]);
});

const stacks = fc.array(
  fc.tuple(
    fc.array(fc.constantFrom('main', 'a.func1', 'a.func2', 'b', 'c'), { minLength: 1, maxLength: 4 }),
    fc.nat(9),
  ),
  { minLength: 1, maxLength: 8 },
);
const stored = fc
  .array(fc.record({ pod: fc.constantFrom('a', 'b', 'c'), at: fc.integer({ min: -25, max: 25 }), stacks }), {
    minLength: 1,
    maxLength: 6,
  })
  .map((drawnProfiles) =>
    drawnProfiles.map(({ pod, at, stacks: own }, index): MemoryProfile => {
      const sums = new Map<string, number>();
      for (const [frames, value] of own) sums.set(frames.join(';'), (sums.get(frames.join(';')) ?? 0) + value);
      const rows = [...sums].map(([stack, value]) => `${stack} ${value} ${value * 100}`).join('\n');
      // Each pod has a container of its own, and so a tree of its own in the store.
      return cpuProfile(pod, noonMs + at * minuteMs + index, rows, { container: pod, workload_kind: 'Deployment' });
    }),
  );

test('the part under any frame is the same part of the whole, in memory and on disk, merged and compared', async () => {
  const property = fc.asyncProperty(stored, fc.nat(), async (profiles, chosen) => {
    using store = await storedProfiles(profiles);
    await using onDisk = openSqliteReader({ dataDir: store.dataDir });
    for (const reader of [onDisk, memoryReader(profiles)]) {
      for (const ask of [merged, diffed]) {
        const whole = ask(reader);
        if (whole.name.length === 0) continue;
        const node = chosen % whole.name.length;
        if (node === 0) continue;
        const part = ask(reader, pathOf(whole, node));
        assert.deepEqual(drawn(part), drawn(whole, node));
        assert.deepEqual(drawn(ask(reader, pathOf(whole, node), 1)), drawn(whole, node).slice(0, 1));
        assert.equal(part.meta.rootTotal, whole.total[0]);
        assert.equal(part.meta.rootBaseTotal, whole.baseTotal?.[0]);
        assert.equal(part.meta.factor, whole.meta.factor, 'shares are of the whole');
      }
    }
  });
  await fc.assert(property, { numRuns: 40 });
});

test('numbers beyond doubles stay exact', async () => {
  using store = await storedProfiles([
    cpuProfile('a', noonMs, 'main;serve 1 4611686018427387905\nmain;other 1 1'),
    cpuProfile('b', noonMs + 1, 'main;serve 1 4611686018427387905'),
  ]);
  await using onDisk = openSqliteReader({ dataDir: store.dataDir });
  const text = askText(onDisk, mergeQuestion('cpu', { format: 'flamegraph', root: ['main', 'serve'] }));
  assert.match(text, /"total":\[9223372036854775810\]/);
  assert.match(text, /"rootTotal":9223372036854775811,/);
});

test('a diff takes names as either build has them', () => {
  const reader = memoryReader([
    cpuProfile('a', noonMs - minuteMs, 'main;serve.func1;query 1 10'),
    cpuProfile('a', noonMs + minuteMs, 'main;serve.func2;query 1 30'),
  ]);
  for (const name of ['serve.func1', 'serve.func2', comparedName('serve.func1')]) {
    const part = diffed(reader, ['main', name]);
    assert.deepEqual(drawn(part), ['serve.func 0 30 0 10', 'serve.func;query 30 30 10 10']);
    assert.deepEqual([part.meta.rootTotal, part.meta.rootBaseTotal], [30, 10]);
  }
  const nowhere = diffed(reader, ['nowhere']);
  assert.deepEqual([nowhere.name, nowhere.meta.rootTotal], [[], 30]);
  assert.match(nowhere.meta.hint ?? '', /^no stack begins with nowhere/);
});
