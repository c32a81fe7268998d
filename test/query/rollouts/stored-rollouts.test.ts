import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { FlameherdError } from '../../../src/model/errors.ts';
import { parseSelector } from '../../../src/model/matcher.ts';
import type { RolloutsQuestion } from '../../../src/query/engine.ts';
import { latestRollout } from '../../../src/query/rollouts/latest-rollout.ts';
import type { ProfileReader } from '../../../src/store/profile-store.ts';
import { openSqliteReader } from '../../../src/store/sqlite/reader.ts';
import { askJson, minuteMs, noonMs } from '../../support/query-ask.ts';
import { memoryReader } from '../../support/query-memory-reader.ts';
import { drawnPods } from '../../support/query-rollouts.ts';
import { storedProfiles } from '../../support/query-sqlite.ts';
import { compactAll } from '../../support/store-compaction.ts';
import { storeDir, writerOn } from '../../support/store-dirs.ts';
import { cpuTypes, defaultLabels, recordOf } from '../../support/store-records.ts';

const question: RolloutsQuestion = {
  kind: 'rollouts',
  namespace: 'shop',
  workload: 'checkout',
  workloadKind: undefined,
  window: undefined,
};
const selector = parseSelector('cpu{workload="checkout"}');

/** The latest roll-out, or why there is none. */
function latestOf(reader: ProfileReader, nowMs: number): unknown {
  try {
    return latestRollout(reader, { selector, window: { fromMs: nowMs - minuteMs, toMs: nowMs } }, nowMs);
  } catch (error) {
    if (error instanceof FlameherdError) return error.toPlain();
    throw error;
  }
}

const drawings = fc
  .array(
    fc.tuple(
      fc.constantFrom('r1', 'r2', 'r3'),
      fc.array(fc.tuple(fc.constantFrom('#', '.', '?'), fc.integer({ min: 1, max: 12 })), {
        minLength: 1,
        maxLength: 6,
      }),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((lines) =>
    lines.map(([revision, runs], at) => {
      const minutes = runs.map(([drawn, length]) => drawn.repeat(length)).join('');
      return `${revision} ${at} ${minutes.padEnd(90, '.').slice(0, 90)}`;
    }),
  );

test('the store on disk tells the same revisions and roll-outs as one that walks all profiles', async () => {
  const property = fc.asyncProperty(drawings, fc.boolean(), async (lines, started) => {
    const profiles = lines.flatMap((line, at) =>
      drawnPods(line, { started, ...(at % 2 === 0 ? { build: `build-${at}` } : {}) }),
    );
    const nowMs = noonMs + 90 * minuteMs;
    const window = { fromMs: noonMs, toMs: nowMs };
    using stored = await storedProfiles(profiles);
    await using onDisk = openSqliteReader({ dataDir: stored.dataDir });
    const inMemory = memoryReader(profiles);
    if (profiles.length === 0) return;
    assert.deepEqual(askJson(onDisk, { ...question, window }), askJson(inMemory, { ...question, window }));
    assert.deepEqual(latestOf(onDisk, nowMs), latestOf(inMemory, nowMs));
  });
  await fc.assert(property, { numRuns: 25 });
});

const hour = 60 * minuteMs;
const day = 24 * hour;
const start = Date.UTC(2026, 0, 28);
const end = start + 7 * day;

/**
 * A profile every three hours of two pods, over seven days and the end of a month; an undo, and times of both:
 *
 *     r1  ├────────────┤            ├────────┤
 *     r2           ├─────────────────┤
 *         0        2   3            5¼ 5½     7
 */
function records(): ReturnType<typeof recordOf>[] {
  const runs = [
    { revision: 'r1', id: 'a', from: 0, to: 3 },
    { revision: 'r2', id: 'b', from: 2, to: 5.5 },
    { revision: 'r1', id: 'c', from: 5.25, to: 7 },
  ];
  return runs
    .flatMap(({ revision, id, from, to }) =>
      ['0', '1'].flatMap((pod) =>
        Array.from({ length: (to - from) * 8 }, (_, at) =>
          recordOf({
            process: id + pod,
            slot: '',
            labels: { ...defaultLabels, revision, image: revision, pod: id + pod },
            kind: 'cpu',
            types: cpuTypes,
            stampMs: start + from * day + 3 * at * hour,
            intervalMs: 3 * hour,
            spanMs: 10_000,
            samples: { main: [1, 10_000_000] },
            build: `build-${revision}`,
          }),
        ),
      ),
    )
    .sort((a, b) => a.stampMs - b.stampMs);
}

interface Answered {
  readonly revisions: readonly {
    readonly revision: string;
    readonly images: readonly { readonly imageDigest: string | null }[];
  }[];
  readonly rollouts: readonly object[];
  readonly meta: { readonly resolution: string };
}

test('roll-outs are known for as long as roll-ups are, to the second; digests go with single profiles', async () => {
  const dataDir = storeDir();
  const retention = { maxAgeMs: day, rollup1hMaxAgeMs: 2.5 * day, maxBytes: 1e13 };
  await using writer = writerOn(dataDir, { retention, monotonicMs: () => 0, now: () => end });
  const all = records();
  for (let from = 0; from < all.length; from += 50) {
    for (const outcome of writer.append(all.slice(from, from + 50))) assert.equal(outcome.kind, 'stored');
  }
  await using reader = openSqliteReader({ dataDir });
  const asked = (): Answered => askJson(reader, { ...question, window: { fromMs: start, toMs: end } }) as Answered;
  const digests = ({ revisions }: Answered) => revisions.map((one) => [one.revision, one.images[0]?.imageDigest]);
  const detailed = asked();
  const latest = latestOf(reader, end);
  assert.deepEqual(digests(detailed), [
    ['r1', 'build-r1'],
    ['r2', 'build-r2'],
  ]);

  await compactAll(writer, dataDir, end + hour);
  assert.deepEqual(asked(), detailed);
  writer.retain(end);
  const rolled = asked();
  assert.equal(rolled.meta.resolution, '1d');
  assert.deepEqual(digests(rolled), [
    ['r1', 'build-r1'],
    ['r2', null],
  ]);
  const withoutDigests = ({ revisions, rollouts }: Answered) => ({
    rollouts,
    revisions: revisions.map((revision) => ({ ...revision, images: [] })),
  });
  assert.deepEqual(withoutDigests(rolled), withoutDigests(detailed));
  assert.deepEqual(rolled.rollouts.map(spanOf), ['r2 → r1 from 5.25, both until 5.5', 'r1 → r2 from 2, both until 3']);
  const { compare, base, revisions } = latest as ReturnType<typeof latestRollout>;
  const again = latestOf(reader, end) as ReturnType<typeof latestRollout>;
  assert.deepEqual([again.compare, again.base], [compare, base]);
  assert.deepEqual([revisions.base.imageDigest, again.revisions.base.imageDigest], ['build-r2', '']);
});

function spanOf(rollout: object): string {
  const { base, compare, compareFirstSeenMs, overlaps } = rollout as {
    base: string;
    compare: string;
    compareFirstSeenMs: number;
    overlaps: readonly { toMs: number }[];
  };
  const days = (ms: number) => (ms - start) / day;
  return `${base} → ${compare} from ${days(compareFirstSeenMs)}, both until ${days(overlaps.at(-1)?.toMs ?? 0)}`;
}
