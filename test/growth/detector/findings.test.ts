import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Found, notFound } from '../../../src/growth/detector/finding.ts';
import type { GrowthTier } from '../../../src/model/growth.ts';
import { type DrawnLife, drawFindings, judged } from '../../support/growth-lives.ts';

/** A little noise that is the same each time. */
const noise = (at: number): number => 1 + 0.004 * Math.sin(at * 12.9898);
const flat =
  (mib: number) =>
  (_age: number, at: number): number =>
    mib * noise(at);
const leak =
  (mib: number, perHour: number) =>
  (age: number, at: number): number =>
    mib * noise(at) + (perHour * age) / 6;

const unknownFinding: Found = {
  since: 0,
  start: 0,
  seen: 0,
  misses: 0,
  tier: 'suspected',
  because: undefined,
  revision: '1',
  growers: ['a-1'],
  pods: ['a'],
  functions: [],
  slope: { perSecond: 1, low: 1, high: 1 },
  rise: 1,
  baseline: { kind: 'none' },
};

test('a leak is suspected when the process is old enough, says since when and how fast, and is likely after a day', () => {
  const verdicts = judged('heap', 200, [{ pod: 'a', holds: { 'app.cache': leak(50, 12), 'app.rest': flat(60) } }]);
  assert.equal(drawFindings(verdicts), '34-142 suspected, 143- likely');
  const found = verdicts.get(160);
  assert.ok(found);
  const mibPerHour = (perSecond = 0): number => Math.round((perSecond * 3600) / 2 ** 20);
  const { low = 0, perSecond = 0, high = 0 } = found;
  assert.equal(mibPerHour(perSecond), 12);
  assert.ok(low > 0 && low <= perSecond && perSecond <= high);
  assert.deepEqual(
    found.functions.map(({ name, perSecond }) => [name, mibPerHour(perSecond)]),
    [['app.cache', 12]],
  );
  assert.deepEqual([found.pods, found.judged, found.likelyBecause], [['a'], 1, 'ramp']);
  assert.ok(found.gates.every(({ passed }) => passed));
});

test('goroutines that leak at a constant rate are one finding for as long as they do, however many they became, over restarts of the collector', () => {
  const leaks = (age: number, at: number): number => 400 + 20 * Math.sin(at * 12.9898) + (100 * age) / 6;
  const life: DrawnLife = { pod: 'a', goroutines: leaks };
  assert.equal(drawFindings(judged('goroutines', 1000, [life])), '25- suspected');
  const restarted = judged('goroutines', 300, [life], { restartsAt: [60, 150, 151] });
  assert.equal(drawFindings(restarted), '25- suspected');
  // Nothing becomes a baseline by being held: what grows since its start has none before the same time yesterday.
  const baselines = [...restarted.values()].flatMap(({ baseline }) => baseline?.kind ?? []);
  assert.deepEqual([...new Set(baselines)], ['none', 'earlier', 'yesterday']);
});

test('goroutines that stop leaking end the finding within hours, and what they came to is no news when they grow little', () => {
  const stops = (age: number, at: number): number => 400 + 20 * Math.sin(at * 12.9898) + (100 * Math.min(age, 300)) / 6;
  const verdicts = judged('goroutines', 600, [{ pod: 'a', goroutines: stops }]);
  const [, end = ''] = /^25-(\d+) suspected$/.exec(drawFindings(verdicts)) ?? [];
  assert.ok(Number(end) > 300 && Number(end) <= 300 + 36, `ended at ${end}`);
  assert.ok(verdicts.get(299)?.gates.every(({ passed }) => passed));
});

test('a leak that sampling blurs is one finding, though some evaluations show less than was needed to find it', () => {
  const blurred = (age: number, at: number): number => {
    const level = 50 + (12 * age) / 6;
    // About one standard error of a heap sampled each 512 KiB, in no order.
    return level + 1.4 * Math.sqrt(0.5 * level) * Math.sin(at * at * 2.7);
  };
  const verdicts = judged('heap', 600, [{ pod: 'a', holds: { f: blurred, rest: () => 100 } }]);
  assert.match(drawFindings(verdicts), /^\d+-\d+ suspected, \d+- likely$/);
  // What is held is above what it was above when it was found.
  const early = [...verdicts].filter(([at, { tier }]) => tier && at < 56).map(([, { baseline }]) => baseline?.kind);
  assert.deepEqual([...new Set(early)], ['none']);
});

test('a finding ends after two evaluations that do not show it, a likely one after six', () => {
  const growers = { stopped: true, pending: true, gone: false };
  const misses = (tier: GrowthTier): number => {
    let found: Found | undefined = { ...unknownFinding, tier };
    let n = 0;
    for (; found; n++) found = notFound(found, growers, 1 + n);
    return n;
  };
  assert.deepEqual([misses('suspected'), misses('likely')], [2, 6]);
});

test('the first finding of a workload has no baseline; a day later it has yesterday', () => {
  const verdicts = judged('heap', 200, [{ pod: 'a', holds: { f: leak(50, 12) } }]);
  assert.deepEqual(verdicts.get(40)?.baseline, { kind: 'none' });
  assert.equal(verdicts.get(180)?.baseline?.kind, 'yesterday');
});

test('a function that only the new revision has is compared by what the whole heap held before it', () => {
  const verdicts = judged('heap', 138, [
    { pod: 'a', revision: '1', to: 100, holds: { 'app.rest': flat(60) } },
    { pod: 'b', revision: '2', from: 100, holds: { 'app.rest': flat(60), 'app.new': leak(1, 30) } },
  ]);
  const found = verdicts.get(137);
  assert.deepEqual(
    found?.functions.map(({ name }) => name),
    ['app.new'],
  );
  assert.deepEqual([found?.baseline?.kind, found?.baseline?.revision], ['plateau', '1']);
  assert.ok(Math.abs((found?.baseline?.level ?? 0) / (60 * 2 ** 20) - 1) < 0.02);
});

test('why not: the conditions up to the first that fails, with numbers and words', () => {
  const verdicts = judged('heap', 60, [{ pod: 'a', holds: { f: flat(100) } }]);
  assert.deepEqual(verdicts.get(10)?.gates, [
    { name: 'age', passed: false, text: 'the process is 1.83 h old, and judged from 5.5 h on', value: 11, needed: 33 },
  ]);
  const [age, floors, rise] = verdicts.get(59)?.gates ?? [];
  assert.deepEqual([age?.passed, floors?.passed, rise?.passed], [true, true, false]);
  assert.match(
    rise?.text ?? '',
    /^from the begin to the end of the window it rises by -?[\d.]+ (B|KiB|MiB), 19\.2 MiB is needed$/,
  );
});

test('a restart carries a finding until the new process can be judged, and it is found to go on', () => {
  const lives: DrawnLife[] = [
    { pod: 'a', to: 60, holds: { f: leak(50, 30) } },
    { pod: 'a', nth: 2, from: 60, holds: { f: leak(50, 30) } },
  ];
  assert.match(drawFindings(judged('heap', 140, lives)), /^34-\d+ suspected(, \d+- likely)?$|^34- suspected$/);
  const healed: DrawnLife[] = [lives[0] as DrawnLife, { pod: 'a', nth: 2, from: 60, holds: { f: flat(50) } }];
  const [, end = ''] = /^34-(\d+) suspected$/.exec(drawFindings(judged('heap', 200, healed))) ?? [];
  assert.ok(Number(end) >= 60 + 33 && Number(end) <= 60 + 48, `ended at ${end}`);
});

test('a new pod of the same revision carries as a restart does, one that is scaled up beside it does not', () => {
  const leaking: DrawnLife = { pod: 'a', to: 60, holds: { f: leak(50, 30) } };
  const replaced = judged('heap', 110, [leaking, { pod: 'b', from: 60, holds: { f: leak(50, 30) } }]);
  assert.equal(drawFindings(replaced), '34- suspected');
  const stops = (age: number, at: number): number => leak(50, 30)(Math.min(age, 60), at);
  const scaled = judged('heap', 110, [
    { pod: 'a', holds: { f: stops } },
    { pod: 'b', from: 59, holds: { f: flat(50) } },
  ]);
  const [, end = ''] = /^34-(\d+) suspected$/.exec(drawFindings(scaled)) ?? [];
  assert.ok(Number(end) < 60 + 30, `ended at ${end}`);
});

test('a roll-out that fixes it ends a finding with the last old pod; one that leaks as before is found again', () => {
  const old: DrawnLife = { pod: 'a', revision: '1', to: 80, holds: { f: leak(50, 30) } };
  const fixed = judged('heap', 200, [old, { pod: 'b', revision: '2', from: 78, holds: { f: flat(50) } }]);
  const [, end = ''] = /^34-(\d+) suspected$/.exec(drawFindings(fixed)) ?? [];
  assert.ok(Number(end) <= 80 + 6, `ended at ${end}`);
  const again = judged('heap', 160, [old, { pod: 'b', revision: '2', from: 78, holds: { f: leak(50, 30) } }]);
  assert.match(drawFindings(again), /^34-8\d suspected, 11\d- suspected$/);
});

test('an outage of ours neither ends a finding nor begins one', () => {
  const away = (at: number): boolean => at >= 60 && at < 80;
  const lives: DrawnLife[] = [{ pod: 'a', holds: { f: leak(50, 30), g: flat(80) } }];
  const verdicts = judged('heap', 140, lives, { without: away });
  assert.equal(drawFindings(verdicts), '34- suspected');
  const flatOne = judged('heap', 140, [{ pod: 'a', holds: { f: flat(50) } }], { without: away });
  assert.equal(drawFindings(flatOne), '');
});

test('memory that moves between functions is no growth', () => {
  const moving: DrawnLife = { pod: 'a', holds: { f: leak(50, 60), g: (age, at) => 1400 * noise(at) - 10 * age } };
  assert.equal(drawFindings(judged('heap', 120, [moving])), '');
});

test('a function that comes late among the floors was as large before', () => {
  const late = (age: number, at: number): number | undefined => (age < 100 ? undefined : 80 * noise(at));
  const life: DrawnLife = { pod: 'a', holds: { large: flat(300), f: late, other: flat(100) } };
  assert.equal(drawFindings(judged('heap', 180, [life])), '');
});

test('several leaks are ranked by slope over all pods, five at most', () => {
  const speeds = [8, 10, 12, 14, 16, 18, 20];
  const holds = Object.fromEntries(speeds.map((speed) => [`f${speed}`, leak(20, speed)]));
  const found = judged('heap', 60, [
    { pod: 'a', holds },
    { pod: 'b', holds },
  ]).get(59);
  assert.deepEqual(
    found?.functions.map(({ name }) => name),
    ['f20', 'f18', 'f16', 'f14', 'f12'],
  );
  assert.deepEqual(found?.pods, ['a', 'b']);
});

test('a new revision that allocates more is found over the overlap, against the old one', () => {
  const old = (pod: string): DrawnLife => ({
    pod,
    revision: '1',
    to: 100,
    allocates: { parse: () => 4, serve: () => 6 },
  });
  const fresh: DrawnLife = { pod: 'c', revision: '2', from: 80, allocates: { parse: () => 9, serve: () => 6 } };
  const verdicts = judged('allocations', 98, [old('a'), old('b'), fresh]);
  assert.match(drawFindings(verdicts), /^9\d- suspected$/);
  const found = verdicts.get(97);
  assert.deepEqual(found?.baseline, { kind: 'revision', level: 4 * 2 ** 20, revision: '1' });
  assert.deepEqual(
    [found?.functions.map(({ name }) => name), found?.pods, found?.rise],
    [['parse'], ['c'], 5 * 2 ** 20],
  );
});

test('without an overlap a new revision is compared with the last hours of the old one; traffic that doubles is no regression', () => {
  const old: DrawnLife = { pod: 'a', revision: '1', to: 80, allocates: { parse: () => 4, serve: () => 6 } };
  const next = (parse: number, serve: number): DrawnLife => {
    return { pod: 'b', revision: '2', from: 80, allocates: { parse: () => parse, serve: () => serve } };
  };
  assert.match(drawFindings(judged('allocations', 110, [old, next(9, 6)])), /^9\d- suspected$/);
  assert.equal(drawFindings(judged('allocations', 110, [old, next(8, 12)])), '');
});

test('a rate that creeps up is found against the same hours of yesterday, and one that follows the day is not', () => {
  const creeping: DrawnLife = {
    pod: 'a',
    allocates: { parse: (age) => 4 + (age > 144 ? (age - 144) * 0.06 : 0), serve: () => 6 },
  };
  const found = judged('allocations', 260, [creeping]);
  assert.match(drawFindings(found), /^2\d\d- suspected$/);
  assert.equal(found.get(259)?.baseline?.kind, 'yesterday');
  const day = (at: number): number => 1.5 - Math.cos((2 * Math.PI * at) / 144);
  const daily: DrawnLife = {
    pod: 'a',
    allocates: { parse: (_age, at) => 4 * day(at), serve: (_age, at) => 6 * day(at) },
  };
  assert.equal(drawFindings(judged('allocations', 432, [daily])), '');
});

test('a regression goes on over an outage of ours and a restart of its pod, and ends with what allocates more', () => {
  const life: DrawnLife = { pod: 'a', allocates: { parse: (_age, at) => (at > 80 ? 12 : 3), serve: () => 6 } };
  const away = (at: number): boolean => at >= 95 && at < 101;
  assert.equal(drawFindings(judged('allocations', 200, [life], { without: away })), '86- suspected');
  const restarted = (one: DrawnLife): DrawnLife[] => [
    { ...one, to: 95 },
    { ...one, nth: 2, from: 95 },
  ];
  assert.equal(drawFindings(judged('allocations', 200, restarted(life))), '86- suspected');
  const healed: DrawnLife = {
    pod: 'a',
    allocates: { parse: (_age, at) => (at > 80 && at < 95 ? 12 : 3), serve: () => 6 },
  };
  assert.match(drawFindings(judged('allocations', 200, restarted(healed))), /^86-1(0\d|10) suspected$/);
});

test('what allocates more holds no more: in-use stays silent', () => {
  const life: DrawnLife = { pod: 'a', holds: { parse: flat(60) }, allocates: { parse: (age) => (age > 80 ? 12 : 3) } };
  assert.equal(drawFindings(judged('heap', 140, [life])), '');
  assert.match(drawFindings(judged('allocations', 140, [life])), /^8\d- suspected$/);
});
