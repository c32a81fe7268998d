import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlameherdError } from '../../../src/model/errors.ts';
import { parseSelector } from '../../../src/model/matcher.ts';
import type { DiffSide } from '../../../src/query/engine.ts';
import { latestRollout } from '../../../src/query/rollouts/latest-rollout.ts';
import { minuteMs, noonMs } from '../../support/query-ask.ts';
import { type MemoryProfile, memoryReader } from '../../support/query-memory-reader.ts';
import { type DrawnPods, drawnPods, drawnTime } from '../../support/query-rollouts.ts';

const checkout = 'cpu{namespace="shop",workload="checkout"}';

function latest(profiles: readonly MemoryProfile[], minutes: number, query = checkout) {
  const nowMs = noonMs + minutes * minuteMs;
  return latestRollout(
    memoryReader(profiles),
    { selector: parseSelector(query), window: { fromMs: nowMs - minuteMs, toMs: nowMs } },
    nowMs,
  );
}

/** `r2 of 5–9 against r1 of 1–5`. */
function latestDrawn(drawing: string, minutes: number, more?: DrawnPods): string {
  const { compare, base } = latest(drawnPods(drawing, more), minutes);
  return `${sideDrawn(compare)} against ${sideDrawn(base)}`;
}

function sideDrawn({ selector, window }: DiffSide): string {
  const revision = selector.matchers.find(({ name }) => name === 'revision')?.value;
  return `${revision} of ${drawnTime(window.fromMs)}–${drawnTime(window.toMs)}`;
}

function refusal(profiles: readonly MemoryProfile[], minutes: number, query?: string): string {
  try {
    latest(profiles, minutes, query);
  } catch (error) {
    if (error instanceof FlameherdError) return `${error.code}: ${error.message} (${error.hint})`;
    throw error;
  }
  return assert.fail('an answer');
}

test('two revisions are compared over the time both ran, without the warm-up of the new one', () => {
  const drawing = `
    r1 a ####################....
    r1 b ##################......
    r2 c ......##################
    r2 d ......##################`;
  assert.equal(latestDrawn(drawing, 24), 'r2 of 8–20 against r1 of 8–20');
});

test('the warm-up is a quarter of a short time', () => {
  const drawing = `
    r1 a ##########....
    r2 b ......########`;
  assert.equal(latestDrawn(drawing, 14, { intervalMs: minuteMs / 6 }), 'r2 of 7–10 against r1 of 7–10');
});

test('of two that ran side by side for too few scrapes, the new one is compared with the time before it', () => {
  const drawing = `
    r1 a ###########.........
    r2 b ..........##########`;
  // Alone from 11 on, a warm-up of 2 minutes; the old one for as long, until the new one came.
  assert.equal(latestDrawn(drawing, 20), 'r2 of 13–20 against r1 of 3–10');
});

test('an overlap in which new processes were started all the time is warm-up', () => {
  const drawing = `
    r1 a ################..........
    r2 b ........##................
    r2 c ..........##..............
    r2 d ............##............
    r2 e ..............############`;
  assert.equal(latestDrawn(drawing, 26), 'r2 of 18–26 against r1 of 2–8');
});

test('without an overlap, each is compared alone, an hour at most', () => {
  const drawing = `
    r1 a ${'#'.repeat(80)}..........................................................................................
    r2 b ${'.'.repeat(90)}${'#'.repeat(80)}`;
  assert.equal(latestDrawn(drawing, 170), 'r2 of 92–152 against r1 of 20–80');
});

test('an old revision that was seen for a shorter time is compared for what there is of it, without its warm-up', () => {
  const drawing = `
    r1 a ########............
    r2 b ........############`;
  assert.equal(latestDrawn(drawing, 20), 'r2 of 10–20 against r1 of 2–8');
});

test('an undo is the latest roll-out: what was brought back against what was undone', () => {
  const drawing = `
    r1 a ##############..........................
    r2 b ..........###################...........
    r1 c .........................###############`;
  assert.equal(latestDrawn(drawing, 40), 'r1 of 31–40 against r2 of 16–25');
  assert.equal(latestDrawn(drawing, 24), 'r2 of 16–24 against r1 of 2–10');
});

test('a canary is compared with the stable one for as long as both run', () => {
  const drawing = `
    r1 a ${'#'.repeat(240)}
    r1 b ${'#'.repeat(240)}
    r2 c ${'.'.repeat(30)}${'#'.repeat(210)}`;
  assert.equal(latestDrawn(drawing, 240), 'r2 of 32–240 against r1 of 32–240');
});

test('three revisions: the newest against the one that ran most before it', () => {
  const drawing = `
    r1 a ${'#'.repeat(40)}
    r1 b ${'#'.repeat(40)}
    r2 c ............###.........................
    r3 d ..............${'#'.repeat(26)}`;
  assert.equal(latestDrawn(drawing, 40), 'r3 of 16–40 against r1 of 16–40');
});

test('a revision that never got ready is compared with what there is of it', () => {
  const drawing = `
    r1 a ####################
    r2 b ..........#..#..#..#`;
  const found = latest(drawnPods(drawing), 20);
  assert.equal(`${sideDrawn(found.compare)}, ${sideDrawn(found.base)}`, 'r2 of 12–20, r1 of 2–10');
});

test('other matchers go to both sides, and the notes and revisions say what is compared', () => {
  const drawing = `
    r1 a ####################
    r2 b ......##############`;
  const build = 'ab'.repeat(32);
  const profiles = drawnPods(drawing, { labels: { image: 'v1', version: '1.0' }, build });
  const { compare, base, revisions, notes } = latest(profiles, 20, 'cpu{workload="checkout",container="app",pod!="x"}');
  assert.deepEqual(
    [compare, base].map(({ selector }) =>
      selector.matchers.map(({ name, operator, value }) => name + operator + value),
    ),
    [
      ['workload=checkout', 'container=app', 'pod!=x', 'namespace=shop', 'workload_kind=Deployment', 'revision=r2'],
      ['workload=checkout', 'container=app', 'pod!=x', 'namespace=shop', 'workload_kind=Deployment', 'revision=r1'],
    ],
  );
  const common = { image: 'v1', imageDigest: `sha256:${build}`, version: '1.0', lastSeenMs: noonMs + 20 * minuteMs };
  assert.deepEqual(revisions, {
    compare: { revision: 'r2', ...common, firstSeenMs: noonMs + 6 * minuteMs },
    base: { revision: 'r1', ...common, firstSeenMs: noonMs },
  });
  assert.deepEqual(notes, ['compared over the time both ran, without the first 2m of the first new processes']);
});

test('of a selection of several workloads, the one that was profiled in the last hour is meant, and it alone', () => {
  const gone = drawnPods('r2 z ##########', { labels: { workload: 'cart' } });
  const drawing = `
    r1 a ${'.'.repeat(20)}${'#'.repeat(100)}
    r2 b ${'.'.repeat(60)}${'#'.repeat(60)}`;
  const { compare } = latest([...gone, ...drawnPods(drawing)], 120, 'cpu{namespace="shop"}');
  assert.equal(sideDrawn(compare), 'r2 of 62–120');
  assert.ok(compare.selector.matchers.some(({ name, value }) => name === 'workload' && value === 'checkout'));
});

test('notes say why the time before is taken, and what there is little of', () => {
  const drawing = `
    r1 a ##########...
    r2 b ..........###`;
  assert.deepEqual(latest(drawnPods(drawing), 13).notes, [
    'the two did not run side by side for long enough: the new one after a warm-up of 45s, the old one before the roll-out began',
    'of the new one there are 2 profiles only',
    'of the old one there are 2 profiles only',
  ]);
});

test('what names no roll-out is refused with what to do', () => {
  const oneRevision = drawnPods('r1 a ########');
  const cart = drawnPods('r1 a ########', { labels: { workload: 'cart' } });
  assert.equal(
    refusal(oneRevision, 8, 'cpu{workload="checkout",revision="r1"}'),
    'bad_query: query: a matcher on revision cannot be given with rollout=latest (rollout=latest finds both revisions; to choose them give revision in query and in base_query, without rollout)',
  );
  assert.equal(
    refusal([...oneRevision, ...cart], 8, 'cpu{namespace="shop"}'),
    'bad_query: query: rollout=latest needs one workload, these are 2 (add namespace, workload and workload_kind until it is one of {namespace="shop",workload="cart",workload_kind="Deployment"}, {namespace="shop",workload="checkout",workload_kind="Deployment"})',
  );
  assert.equal(
    refusal(oneRevision, 8),
    'not_found: rollout: {namespace="shop",workload="checkout",workload_kind="Deployment"} has one revision only, r1, observed since 2026-03-01T12:00:00.000Z (a roll-out before that is not known; compare two times with base_from and base_to)',
  );
  assert.equal(
    refusal(oneRevision, 8, 'cpu{workload="chekout"}'),
    'not_found: rollout: no cpu profile of this query is stored (no series meets {workload="chekout"}; workload is checkout)',
  );
  assert.match(refusal(drawnPods('- a ####', { labels: { revision: '' } }), 8), /carry no revision \(uploads may/);
});

test('where revisions are named by images, those of the selected container are compared', () => {
  const app = `
    img-aaaaaaaa a ####################....................
    img-bbbbbbbb b ....................####################`;
  const profiles = [
    ...drawnPods(app, { labels: { workload_kind: 'Job', container: 'app' } }),
    ...drawnPods('img-cccccccc a .......................#################', {
      labels: { workload_kind: 'Job', container: 'proxy' },
    }),
  ];
  const { compare, base } = latest(profiles, 40, 'cpu{workload="checkout",container="app"}');
  assert.deepEqual([compare, base].map(sideDrawn), ['img-bbbbbbbb of 22–40', 'img-aaaaaaaa of 2–20']);
  assert.equal(
    refusal(profiles, 40),
    'bad_query: query: rollout=latest needs one container here, as each has revisions of its own (add container, one of app, proxy)',
  );
});

test('a side without a profile of the kind is refused: a new revision of a moment ago, an old one of another container', () => {
  const drawing = `
    r1 a ##########.
    r2 b ..........#`;
  assert.equal(
    refusal(drawnPods(drawing), 10.5),
    'empty_window: rollout: revision r2 has 1 cpu profiles, revision r1 10: too few to compare after a warm-up (the new one was first seen 30s ago; ask again after some scrapes, or give query and base_query with a revision each)',
  );
  const before = drawnPods('r1 a ##########..........');
  const after = drawnPods('r2 b ..........##########');
  const added = drawnPods('r2 b ..........##########', { labels: { container: 'proxy' } });
  assert.match(
    refusal([...before, ...after, ...added], 20, 'cpu{workload="checkout",container="proxy"}'),
    /^empty_window: rollout: revision r2 has 10 cpu profiles, revision r1 0: too few/,
  );
});
