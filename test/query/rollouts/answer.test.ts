import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RolloutsQuestion } from '../../../src/query/engine.ts';
import { askJson, minuteMs, noonMs } from '../../support/query-ask.ts';
import { memoryReader } from '../../support/query-memory-reader.ts';
import { drawnPods } from '../../support/query-rollouts.ts';

const question = (more: Partial<RolloutsQuestion> = {}): RolloutsQuestion => ({
  kind: 'rollouts',
  namespace: 'shop',
  workload: 'checkout',
  workloadKind: undefined,
  window: undefined,
  ...more,
});
const at = (minutes: number) => noonMs + minutes * minuteMs;
const window = { fromMs: noonMs, toMs: at(20) };

interface Answered {
  readonly revisions: readonly { readonly revision: string; readonly workloadKind: string }[];
  readonly rollouts: readonly { readonly base: string; readonly compare: string }[];
  readonly meta: { readonly from: string; readonly warnings: readonly string[]; readonly hint?: string };
}

const oldDigest = 'ab'.repeat(32);
const rolled = [
  ...drawnPods('r1 a ##########..........', { labels: { image: 'v1', version: '1.0' }, build: oldDigest }),
  ...drawnPods('r1 b ########............', { labels: { image: 'v1', version: '1.0' } }),
  ...drawnPods('r2 c .....###############', { labels: { image: 'v2' } }),
  ...drawnPods('r2 d ........############', { labels: { image: 'v2' } }),
];

test('revisions with image, digest and processes, and the roll-out between them with its overlap', () => {
  assert.deepEqual(askJson(memoryReader(rolled), question({ window })), {
    namespace: 'shop',
    workload: 'checkout',
    revisions: [
      {
        workloadKind: 'Deployment',
        revision: 'r2',
        version: null,
        images: [{ container: 'app', image: 'v2', imageDigest: null }],
        firstSeen: '2026-03-01T12:05:00.000Z',
        firstSeenMs: at(5),
        lastSeen: '2026-03-01T12:20:00.000Z',
        lastSeenMs: at(20),
        processes: 2,
        liveProcesses: 2,
        processSeconds: 60 * (15 + 12),
        current: true,
      },
      {
        workloadKind: 'Deployment',
        revision: 'r1',
        version: '1.0',
        images: [{ container: 'app', image: 'v1', imageDigest: `sha256:${oldDigest}` }],
        firstSeen: '2026-03-01T12:00:00.000Z',
        firstSeenMs: at(0),
        lastSeen: '2026-03-01T12:10:00.000Z',
        lastSeenMs: at(10),
        processes: 2,
        liveProcesses: 0,
        processSeconds: 60 * (10 + 8),
        current: false,
      },
    ],
    rollouts: [
      {
        workloadKind: 'Deployment',
        compare: 'r2',
        base: 'r1',
        compareFirstSeen: '2026-03-01T12:05:00.000Z',
        compareFirstSeenMs: at(5),
        compareLastSeen: '2026-03-01T12:20:00.000Z',
        compareLastSeenMs: at(20),
        baseLastSeen: '2026-03-01T12:10:00.000Z',
        baseLastSeenMs: at(10),
        overlaps: [
          {
            from: '2026-03-01T12:05:00.000Z',
            fromMs: at(5),
            to: '2026-03-01T12:10:00.000Z',
            toMs: at(10),
            compareProcessSeconds: 60 * (5 + 2),
            baseProcessSeconds: 60 * (5 + 3),
          },
        ],
        overlapsLeftOut: 0,
      },
    ],
    meta: {
      from: '2026-03-01T12:00:00.000Z',
      fromMs: at(0),
      to: '2026-03-01T12:20:00.000Z',
      toMs: at(20),
      resolution: 'detail',
      warnings: [],
    },
  });
});

test('an undo is listed as a roll-out of its own, of the same revisions; newest first', () => {
  const drawing = `
    r1 a #####...............
    r2 b ....######..........
    r1 c .........###########`;
  const { revisions, rollouts } = askJson(memoryReader(drawnPods(drawing)), question({ window })) as Answered;
  assert.deepEqual(
    revisions.map(({ revision }) => revision),
    ['r1', 'r2'],
  );
  assert.deepEqual(
    rollouts.map(({ base, compare }) => `${base} → ${compare}`),
    ['r2 → r1', 'r1 → r2'],
  );
});

test('workloads of several kinds are kept apart, said to be several, and chosen by workload_kind', () => {
  const reader = memoryReader([
    ...rolled,
    ...drawnPods('s1 x ####################', { labels: { workload_kind: 'StatefulSet' } }),
  ]);
  const all = askJson(reader, question({ window })) as Answered;
  assert.deepEqual(
    all.revisions.map(({ workloadKind, revision }) => `${workloadKind} ${revision}`),
    ['Deployment r2', 'Deployment r1', 'StatefulSet s1'],
  );
  assert.equal(all.rollouts.length, 1);
  assert.deepEqual(all.meta.warnings, [
    '2 kinds of workload are named checkout: Deployment, StatefulSet; workload_kind chooses one',
  ]);
  const one = askJson(reader, question({ window, workloadKind: 'StatefulSet' })) as Answered;
  assert.deepEqual([one.revisions.length, one.meta.warnings], [1, []]);
});

test('all that is stored is asked about unless a window is given; a window begins with what is stored', () => {
  const reader = memoryReader(rolled);
  const all = askJson(reader, question()) as Answered;
  assert.deepEqual([all.revisions.length, all.meta.from], [2, '2026-03-01T00:00:00.000Z']);
  const early = askJson(reader, question({ window: { fromMs: 0, toMs: at(5) } })) as Answered;
  assert.deepEqual([early.revisions.length, early.meta.from], [1, '2026-03-01T00:00:00.000Z']);
});

test('a workload that is not there is an empty answer that says what is', () => {
  const asked = (reader: ReturnType<typeof memoryReader>): Answered =>
    askJson(reader, question({ workload: 'chekout' })) as Answered;
  const { revisions, rollouts, meta } = asked(memoryReader(rolled));
  assert.deepEqual(
    [revisions, rollouts, meta.hint],
    [[], [], 'no series meets {workload="chekout"}; workload is checkout'],
  );
  assert.match(asked(memoryReader([])).meta.hint ?? '', /^nothing is stored yet/);
});

test('revisions that are named by an image are those of one container: another one beside it was not rolled out', () => {
  const labels = { workload_kind: 'Job' };
  const drawing = `
    img-aaaaaaaa a ##########..........
    img-bbbbbbbb b ..........##########`;
  const reader = memoryReader([
    ...drawnPods(drawing, { labels: { ...labels, container: 'app' } }),
    ...drawnPods('img-cccccccc a .###################', { labels: { ...labels, container: 'proxy' } }),
  ]);
  const { revisions, rollouts } = askJson(reader, question({ window })) as {
    readonly revisions: readonly { readonly revision: string; readonly current: boolean }[];
    readonly rollouts: Answered['rollouts'];
  };
  assert.deepEqual(
    revisions.map(({ revision, current }) => `${revision} ${current ? 'current' : ''}`.trim()),
    ['img-bbbbbbbb current', 'img-aaaaaaaa', 'img-cccccccc current'],
  );
  assert.deepEqual(
    rollouts.map(({ base, compare }) => `${base} → ${compare}`),
    ['img-aaaaaaaa → img-bbbbbbbb'],
  );
});
