import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GrowthAnswer, RolloutsAnswer } from '../../../src/ui/api/answers.ts';
import { growthMarks, jumpMarks, restartMarks, workloadsOf } from '../../../src/ui/timeline/happenings.ts';
import type { ScrapedProcess } from '../../../src/ui/timeline/provenance.ts';

const minute = 60_000;
const shown = { fromMs: 0, toMs: 60 * minute };

function process(pod: string, startedMs: number | null, revision = '1'): ScrapedProcess {
  const labels = { namespace: 'shop', workload: 'checkout', workload_kind: 'Deployment', pod, revision };
  return { process: `${pod}/${startedMs}`, labels, startedMs } as unknown as ScrapedProcess;
}

const rollout = {
  workload: 'checkout',
  rollouts: [{ compare: '2', compareFirstSeenMs: 30 * minute, overlaps: [{ toMs: 33 * minute }] }],
} as unknown as RolloutsAnswer;

test('a pod that starts again is a restart, another one a new process', () => {
  const marks = restartMarks([process('a', -minute), process('a', 10 * minute), process('b', 20 * minute)], [], shown);
  assert.deepEqual(
    marks.map(({ atMs, label }) => [atMs / minute, label]),
    [
      [10, 'restart of a'],
      [20, 'new process b'],
    ],
  );
});

test('what a roll-out started is no restart, what starts later of its revision is one', () => {
  const processes = [process('c', 30 * minute, '2'), process('d', 34 * minute, '2'), process('e', 50 * minute, '2')];
  assert.deepEqual(
    restartMarks(processes, [rollout], shown).map(({ label }) => label),
    ['new process e'],
  );
});

test('what is known to have started before, or not known to have started, has no mark', () => {
  assert.deepEqual(restartMarks([process('a', -5), process('b', null), process('c', 61 * minute)], [], shown), []);
});

test('the workloads of a selection are told once', () => {
  assert.deepEqual(workloadsOf([process('a', 0), process('b', 0)]), [
    { namespace: 'shop', workload: 'checkout', workloadKind: 'Deployment' },
  ]);
});

test('growth is marked where it begins and where it was found', () => {
  const event = {
    signal: 'heap',
    tier: 'likely',
    openedMs: 20,
    container: 'app',
    verdict: { startMs: 10 },
    links: { page: '/a/1', workload: '/growth' },
  };
  const marks = growthMarks({ events: [event] } as unknown as GrowthAnswer);
  assert.deepEqual(
    marks.map(({ atMs, label, href }) => [atMs, label, href]),
    [
      [10, 'heap of app begins to grow', '/a/1'],
      [20, 'heap of app found to grow: likely', '/a/1'],
    ],
  );
});

test('a jump leads to the time before it compared with the time after, up to the next jump', () => {
  const jumps = [
    { atMs: 30 * minute, before: 0, after: 2 },
    { atMs: 35 * minute, before: 2, after: 0 },
  ];
  const [mark] = jumpMarks(jumps, { query: 'cpu', functionName: 'example.com/shop/pricing.Total', shown });
  assert.equal(mark?.label, 'pricing.Total started here');
  assert.deepEqual(Object.fromEntries(new URL(mark?.href ?? '', 'http://localhost').searchParams), {
    query: 'cpu',
    from: '1970-01-01T00:30:00Z',
    to: '1970-01-01T00:35:00Z',
    base_from: '1970-01-01T00:20:00Z',
    base_to: '1970-01-01T00:30:00Z',
    function: 'example.com/shop/pricing.Total',
  });
});
