import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { comparedName } from '../../src/profile/compared-name.ts';
import { openSqliteReader } from '../../src/store/sqlite/reader.ts';
import { askJson, askText, cpuProfile, heapProfile, noonMs, secondMs } from '../support/query-ask.ts';
import { type DiffGraphAnswer, type DiffTopAnswer, diffQuestion } from '../support/query-diff.ts';
import { type MemoryProfile, memoryReader } from '../support/query-memory-reader.ts';
import { storedProfiles } from '../support/query-sqlite.ts';

const stacks = [
  'main;x',
  'main;y',
  'main;y;z',
  'main;y;y;x',
  'serve.func1;x',
  'serve.func2;x;serve.func3',
  'main;y{tenant=t}',
] as const;

/** Scrapes of three pods around noon, on the minute or a little after. */
const scrapes = fc
  .uniqueArray(
    fc.record({
      pod: fc.constantFrom('a', 'b', 'c'),
      minute: fc.integer({ min: -30, max: 29 }),
      second: fc.integer({ min: 0, max: 9 }),
      rows: fc.array(fc.tuple(fc.constantFrom(...stacks), fc.nat(1000)), { minLength: 1, maxLength: 5 }),
    }),
    { selector: ({ pod, minute }) => `${pod} ${minute}`, minLength: 1, maxLength: 20 },
  )
  .map((drawn) => drawn.map((one) => ({ ...one, stampMs: noonMs + (60 * one.minute + one.second) * secondMs })));

function storeOf(
  drawn: readonly { readonly pod: string; readonly stampMs: number; readonly rows: [string, number][] }[],
) {
  return drawn.flatMap(({ pod, stampMs, rows }): MemoryProfile[] => {
    const labels = { workload_kind: 'Deployment', container: 'app' };
    const text = rows.map(([stack, value]) => `${stack} ${value} ${value * 1000}`).join('\n');
    return [cpuProfile(pod, stampMs, text, labels), heapProfile(pod, stampMs, text, labels)];
  });
}

/** What each stack of one side counts, by compared names, straight from what was stored; samples of the same stack add up. */
function sideOf(profiles: readonly MemoryProfile[], isCompared: boolean): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { kind, stampMs, rows } of profiles) {
    if (kind !== 'cpu' || stampMs >= noonMs !== isCompared) continue;
    for (const [stack, values] of rows) {
      const path = stack.replace(/\{.*/, '').split(';').map(comparedName).join(';');
      sums.set(path, (sums.get(path) ?? 0) + Number(values[1]));
    }
  }
  return sums;
}

function totalOf(sums: ReadonlyMap<string, number>, counts: (names: readonly string[]) => boolean): number {
  return [...sums].reduce((sum, [path, value]) => (counts(path.split(';')) ? sum + value : sum), 0);
}

test('the nodes of a flame graph are what is stored of both sides', () => {
  const property = fc.property(scrapes, (drawn) => {
    const profiles = storeOf(drawn);
    const [compare, base] = [sideOf(profiles, true), sideOf(profiles, false)];
    const graph = askJson(memoryReader(profiles), diffQuestion('cpu', { format: 'flamegraph' })) as DiffGraphAnswer;
    const paths: string[][] = [];
    for (const [entry, name] of graph.name.entries()) {
      const above = paths[graph.parent[entry] ?? -1];
      const path = above === undefined ? [] : [...above, graph.names[name] ?? ''];
      paths[entry] = path;
      const under = (names: readonly string[]): boolean => path.every((own, depth) => names[depth] === own);
      const expected = [
        compare.get(path.join(';')) ?? 0,
        totalOf(compare, under),
        base.get(path.join(';')) ?? 0,
        totalOf(base, under),
      ];
      const columns = [graph.self, graph.total, graph.baseSelf, graph.baseTotal];
      assert.deepEqual(
        columns.map((column) => column[entry]),
        expected,
        path.join(';'),
      );
    }
    const drawnPaths = new Set(paths.map((path) => path.join(';')));
    for (const [path, value] of [...compare, ...base]) assert.ok(value === 0 || drawnPaths.has(path), path);
  });
  fc.assert(property, { numRuns: 100 });
});

test('the rows of a top are what is stored of both sides, and by shares their changes add up to 0', () => {
  const property = fc.property(scrapes, (drawn) => {
    const profiles = storeOf(drawn);
    const [compare, base] = [sideOf(profiles, true), sideOf(profiles, false)];
    const { rows } = askJson(memoryReader(profiles), diffQuestion('cpu')) as DiffTopAnswer;
    for (const row of rows) {
      const isSelf = (names: readonly string[]): boolean => names.at(-1) === row.function;
      const isOn = (names: readonly string[]): boolean => names.includes(row.function);
      const expected = [totalOf(compare, isSelf), totalOf(compare, isOn), totalOf(base, isSelf), totalOf(base, isOn)];
      assert.deepEqual([row.self, row.total, row.baseSelf, row.baseTotal], expected, row.function);
    }
    const sizes = rows.map((row) => Math.abs(row.selfChange));
    assert.deepEqual(
      sizes,
      sizes.toSorted((a, b) => b - a),
    );
    const [of, ofBase] = [compare, base].map((side) => totalOf(side, () => true));
    const sum = rows.reduce((all, row) => all + row.selfChange, 0);
    if (of !== 0 && ofBase !== 0) assert.ok(Math.abs(sum) < 1e-9, `${sum}`);
  });
  fc.assert(property, { numRuns: 100 });
});

test('turned round, every change is the opposite', () => {
  const property = fc.property(scrapes, fc.constantFrom('cpu', 'heap', 'allocs'), (drawn, query) => {
    const reader = memoryReader(storeOf(drawn));
    const question = diffQuestion(query, { normalize: 'process' });
    const turned = { ...question, compare: question.base as typeof question.compare, base: question.compare };
    const changes = (asked: typeof question, sign: 1 | -1): unknown[] =>
      (askJson(reader, asked) as DiffTopAnswer).rows.map(({ function: name, ...row }) => [
        name,
        0 + sign * row.selfChange,
        0 + sign * row.totalChange,
        row.selfSpread,
        row.unsure,
      ]);
    assert.deepEqual(changes(turned, -1), changes(question, 1));
  });
  fc.assert(property, { numRuns: 50 });
});

test('the store on disk compares as one that walks all profiles does', async () => {
  const property = fc.asyncProperty(scrapes, async (drawn) => {
    const profiles = storeOf(drawn);
    using stored = await storedProfiles(profiles);
    await using onDisk = openSqliteReader({ dataDir: stored.dataDir });
    const inMemory = memoryReader(profiles);
    for (const question of [
      ...(['share', 'process', 'none'] as const).map((normalize) => diffQuestion('cpu', { normalize, limit: 3 })),
      ...(['avg', 'last', 'peak'] as const).map((aggregation) =>
        diffQuestion('heap', { aggregation, normalize: 'process' }),
      ),
      diffQuestion('allocs', { sort: 'total' }),
      diffQuestion('cpu', { format: 'flamegraph' }),
    ]) {
      assert.deepEqual(withoutFiles(askJson(onDisk, question)), withoutFiles(askJson(inMemory, question)));
    }
    // What labels there are is told of all that is stored, on disk of other windows, too: hints may differ.
    const ofTenant = [onDisk, inMemory].map(
      (reader) => askJson(reader, diffQuestion('cpu{tenant="t"}')) as DiffTopAnswer,
    );
    assert.deepEqual(ofTenant[0]?.rows, ofTenant[1]?.rows);
    const [compare, base] = [sideOf(profiles, true), sideOf(profiles, false)];
    if (compare.size === 0 || base.size === 0) return;
    for (const format of ['markdown', 'collapsed'] as const) {
      const question = diffQuestion('cpu', { format });
      assert.equal(askText(onDisk, question), askText(inMemory, question));
    }
  });
  await fc.assert(property, { numRuns: 25 });
});

/** Closures that are compared as one may come from several files: which of them is told is left open. */
function withoutFiles(answer: unknown): unknown {
  const { rows, ...rest } = answer as DiffTopAnswer;
  return { ...rest, rows: rows?.map((row) => ({ ...row, file: '' })) };
}
