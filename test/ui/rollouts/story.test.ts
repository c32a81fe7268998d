import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RevisionEntry, RolloutEntry, RolloutsAnswer, SeriesEntry } from '../../../src/ui/api/answers.ts';
import { rolloutsUrl } from '../../../src/ui/rollouts/links.ts';
import { rolloutMarks } from '../../../src/ui/rollouts/marks.ts';
import { rolloutsOf, stintsOf } from '../../../src/ui/rollouts/story.ts';
import { workloadRows } from '../../../src/ui/rollouts/workload-rows.ts';

const noon = Date.parse('2026-11-22T12:00:00Z');
const minute = 60_000;

/** r1 ━━━━━━━━┓  10  ┏━━━━ 60;  r2 from 8 to 22, in minutes after noon: rolled out, and taken back. */
const undone = answer(
  [revision('r1', 0, 60), revision('r2', 8, 22)],
  [rollout('r1', 'r2', { from: 20, to: 60, baseTo: 22 }), rollout('r2', 'r1', { from: 8, to: 22, baseTo: 10 })],
);

test('a revision that had run before is an undo, the first roll-out of it is none', () => {
  assert.deepEqual(
    rolloutsOf(undone).map(({ entry, isUndo }) => [entry.compare, isUndo]),
    [
      ['r1', true],
      ['r2', false],
    ],
  );
});

test('the newest roll-out is compared as the latest, one before it as the latest at the time of the next', () => {
  const [newest, older] = rolloutsOf(undone).map(({ diffHref }) => new URL(diffHref('cpu'), 'http://x'));
  assert.deepEqual(Object.fromEntries(newest?.searchParams ?? []), {
    query: 'cpu{namespace="shop",workload="checkout"}',
    rollout: 'latest',
  });
  assert.equal(older?.searchParams.get('to'), '2026-11-22T12:20:00Z');
});

test('of workloads of one name and several kinds, each roll-out is compared in its own kind', () => {
  const both = answer(
    [revision('r2', 8, 60), { ...revision('s2', 9, 60), workloadKind: 'StatefulSet' }],
    [
      rollout('r2', 'r1', { from: 8, to: 60, baseTo: 9 }),
      { ...rollout('s2', 's1', { from: 9, to: 60, baseTo: 9 }), workloadKind: 'StatefulSet' },
    ],
  );
  const hrefs = rolloutsOf(both).map(({ diffHref }) => new URL(diffHref('heap'), 'http://x').searchParams);
  assert.equal(hrefs[1]?.get('query'), 'heap{namespace="shop",workload="checkout",workload_kind="StatefulSet"}');
  assert.equal(hrefs[1]?.get('to'), null, 'the newest of its kind');
});

test('where revisions are images, the container is named', () => {
  const images = answer(
    [{ ...revision('img-2', 8, 60), images: [{ container: 'proxy', image: 'b', imageDigest: null }] }],
    [rollout('img-2', 'img-1', { from: 8, to: 60, baseTo: 9 })],
  );
  const [one] = rolloutsOf(images);
  assert.match(one?.diffHref('cpu') ?? '', /container%3D%22proxy%22/);
});

test('a revision that was brought back ran twice', () => {
  const [back, bad] = undone.revisions.map((one) =>
    stintsOf(undone, one).map(({ fromMs, toMs }) => [(fromMs - noon) / minute, (toMs - noon) / minute]),
  );
  assert.deepEqual(back, [
    [0, 10],
    [20, 60],
  ]);
  assert.deepEqual(bad, [[8, 22]]);
});

test('the time in which both ran is added up', () => {
  assert.deepEqual(
    rolloutsOf(undone).map(({ togetherMs }) => togetherMs / minute),
    [2, 2],
  );
});

test('marks of a timeline say what came, and lead to what it changed in the type that is looked at', () => {
  const [back, first] = rolloutMarks(undone, 'heap{workload="checkout"}');
  assert.equal(back?.label, 'rolled back to r1');
  assert.equal(first?.label, 'roll-out of r2');
  assert.match(back?.href ?? '', /^\/diff\?query=heap/);
});

test('roll-outs are asked for where a query selects one workload', () => {
  assert.equal(
    rolloutsUrl('cpu{namespace="shop",workload="checkout"}'),
    '/api/v1/rollouts?namespace=shop&workload=checkout',
  );
  assert.equal(rolloutsUrl('cpu{namespace="shop",workload=~"c.*"}'), undefined);
  assert.equal(rolloutsUrl('cpu{nam'), undefined);
});

test('workloads are listed with what was rolled out last at the top', () => {
  const rows = workloadRows([
    series('cart', 'c1', 0),
    series('search', 's1', 0),
    series('search', 's2', 30),
    series('checkout', 'r1', 0),
    series('checkout', 'r2', 40),
    series('', 'none', 50),
  ]);
  assert.deepEqual(
    rows.map(({ workload, revisions, newest }) => `${workload} ${revisions} ${newest}`),
    ['checkout 2 r2', 'search 2 s2', 'cart 1 c1'],
  );
});

function answer(revisions: RevisionEntry[], rollouts: RolloutEntry[]): RolloutsAnswer {
  const [from, to] = ['2026-11-22T00:00:00Z', '2026-11-22T13:00:00Z'];
  const meta = { from, fromMs: Date.parse(from), to, toMs: Date.parse(to), resolution: 'detail', warnings: [] };
  return { namespace: 'shop', workload: 'checkout', revisions, rollouts, meta };
}

function revision(name: string, from: number, to: number): RevisionEntry {
  return {
    workloadKind: 'Deployment',
    revision: name,
    version: null,
    images: [{ container: 'app', image: name, imageDigest: null }],
    ...moments({ firstSeen: from, lastSeen: to }),
    processes: 3,
    liveProcesses: 3,
    processSeconds: 60,
    current: false,
  };
}

function rollout(
  compare: string,
  base: string,
  { from, to, baseTo }: { readonly from: number; readonly to: number; readonly baseTo: number },
): RolloutEntry {
  const both = moments({ from, to: baseTo });
  return {
    workloadKind: 'Deployment',
    compare,
    base,
    ...moments({ compareFirstSeen: from, compareLastSeen: to, baseLastSeen: baseTo }),
    overlaps: [{ ...both, compareProcessSeconds: 120, baseProcessSeconds: 120 }],
    overlapsLeftOut: 0,
  };
}

type Moments<Name extends string> = Record<Name, string> & Record<`${Name}Ms`, number>;

/** Minutes after noon, as the API has moments. */
function moments<Name extends string>(minutes: Record<Name, number>): Moments<Name> {
  const members = Object.entries<number>(minutes).flatMap(([name, at]): [string, string | number][] => [
    [name, new Date(noon + at * minute).toISOString()],
    [`${name}Ms`, noon + at * minute],
  ]);
  return Object.fromEntries(members) as Moments<Name>;
}

function series(workload: string, name: string, from: number): SeriesEntry {
  return {
    labels: { namespace: 'shop', workload, revision: name },
    kind: 'cpu',
    process: `${workload}/${name}`,
    sampleTypes: [],
    ...moments({ first: from, last: 60 }),
  };
}
