import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Question } from '../../src/query/engine.ts';
import { startQueryPool } from '../../src/query/pool.ts';
import type { ProfileReader } from '../../src/store/profile-store.ts';
import { openSqliteReader } from '../../src/store/sqlite/reader.ts';
import {
  ask,
  askJson,
  askText,
  cpuProfile,
  heapProfile,
  mergeQuestion,
  minuteMs,
  noonMs,
  rangeQuestion,
  secondMs,
} from '../support/query-ask.ts';
import { type MemoryProfile, memoryReader } from '../support/query-memory-reader.ts';
import { storedProfiles } from '../support/query-sqlite.ts';

const scrapes = fc
  .uniqueArray(
    fc.record({
      kind: fc.constantFrom('cpu', 'heap'),
      pod: fc.constantFrom('a', 'b', 'c'),
      stampMs: fc.integer({ min: 0, max: 7200 * secondMs }),
      self: fc.array(
        fc.tuple(fc.constantFrom('main;x', 'main;y', 'main;y;z{tenant=t}'), fc.integer({ min: 0, max: 9 })),
        {
          maxLength: 3,
        },
      ),
    }),
    { selector: ({ kind, pod, stampMs }) => `${kind} ${pod} ${stampMs}`, maxLength: 15 },
  )
  .map((drawn) =>
    drawn.map(({ kind, pod, stampMs, self }): MemoryProfile => {
      const rows = self.map(([stack, value]) => `${stack} ${value} ${value * 1000}`).join('\n');
      // Pod c of an older revision has ended, and what it had stands no longer.
      const labels = { revision: pod < 'c' ? '1' : '2', workload_kind: 'Deployment', container: 'app' };
      const profile = (kind === 'cpu' ? cpuProfile : heapProfile)(pod, noonMs + stampMs, rows, labels);
      return pod === 'c' ? { ...profile, endedMs: noonMs + 7000 * secondMs } : profile;
    }),
  );

const windows = fc
  .record({ from: fc.integer({ min: -60, max: 7000 }), length: fc.integer({ min: 60, max: 7200 }) })
  .map(({ from, length }) => ({ fromMs: noonMs + from * secondMs, toMs: noonMs + (from + length) * secondMs }));

test('the store on disk answers every question as one that walks all profiles does', async () => {
  const property = fc.asyncProperty(scrapes, windows, async (profiles, window) => {
    using stored = await storedProfiles(profiles);
    await using onDisk = openSqliteReader({ dataDir: stored.dataDir });
    const inMemory = memoryReader(profiles);
    const page = { matchers: [], window, limit: 100, cursor: undefined };
    const sameJson: Question[] = [
      ...(['avg', 'last', 'peak'] as const).map((aggregation) => mergeQuestion('heap', { window, aggregation })),
      mergeQuestion('allocs', { window, sort: 'total' }),
      mergeQuestion('cpu{tenant="t"}', { window, format: 'flamegraph' }),
      rangeQuestion('heap', { window, groupBy: ['revision'], limit: 1, stepMs: 97 * secondMs }),
      rangeQuestion('allocs{pod=~"a|c"}', { window, groupBy: ['pod'] }),
      rangeQuestion('cpu', { window, stepMs: 10 * minuteMs }),
      rangeQuestion('cpu', { window, functionName: 'y', groupBy: ['revision'], limit: 1 }),
      rangeQuestion('heap', { window, functionName: 'main', stepMs: 97 * secondMs }),
      rangeQuestion('allocs{pod=~"a|b"}', { window, functionName: 'nowhere' }),
      { kind: 'series', ...page },
      { kind: 'label-values', name: 'pod', ...page },
    ];
    for (const question of sameJson) assert.deepEqual(askJson(onDisk, question), askJson(inMemory, question));
    for (const question of [
      rangeQuestion('cpu', { window, groupBy: ['tenant', 'pod'], stepMs: 10 * minuteMs }),
      rangeQuestion('heap{tenant="t",pod!="b"}', { window, groupBy: ['revision'] }),
      rangeQuestion('allocs{tenant=""}', { window, groupBy: ['tenant'] }),
    ]) {
      assert.deepEqual(withoutLabelNotes(askJson(onDisk, question)), withoutLabelNotes(askJson(inMemory, question)));
    }
    for (const [list, question] of [
      ['labels', { kind: 'labels', ...page }],
      ['values', { kind: 'label-values', name: 'tenant', ...page }],
    ] as const) {
      const namesIn = (reader: ProfileReader) => (askJson(reader, question) as Record<string, string[]>)[list] ?? [];
      const found = namesIn(onDisk);
      assert.deepEqual(
        namesIn(inMemory).filter((name) => !found.includes(name)),
        [],
      );
    }
    const folded = mergeQuestion('cpu', { window, format: 'collapsed' });
    if (ask(inMemory, folded).kind === 'answer') assert.equal(askText(onDisk, folded), askText(inMemory, folded));
    else assert.deepEqual(ask(onDisk, folded), ask(inMemory, folded));
  });
  await fc.assert(property, { numRuns: 25 });
});

/** A store may know labels of samples from another time or kind, and then says so. */
function withoutLabelNotes(answer: unknown): unknown {
  const { meta, ...rest } = answer as { readonly meta: Readonly<Record<string, unknown>> };
  const { hint: _, warnings: __, ...other } = meta;
  return { ...rest, meta: other };
}

test('query threads read a store that another thread writes', async () => {
  using stored = await storedProfiles([cpuProfile('a', noonMs, 'main;work 1 10')]);
  await using pool = startQueryPool({ dataDir: stored.dataDir, onFault: (error) => assert.fail(error) });
  const answer = await pool.ask(mergeQuestion('cpu', { format: 'collapsed' }));
  assert.equal(
    answer.kind === 'answer' ? new TextDecoder().decode(answer.body) : answer.error.message,
    'main;work 10\n',
  );
});

test('a data directory without a store is not ready, and that is an answer', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'flameherd-query-'));
  try {
    await using pool = startQueryPool({ dataDir, onFault: (error) => assert.fail(error) });
    const answer = await pool.ask({ kind: 'store-stats' });
    assert.equal(answer.kind === 'error' ? answer.error.code : 'an answer', 'not_ready');
  } finally {
    rmSync(dataDir, { recursive: true });
  }
});
