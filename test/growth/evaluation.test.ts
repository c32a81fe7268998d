import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { maxProcesses } from '../../src/growth/detector/options.ts';
import type { GrowthStore } from '../../src/store/growth-store.ts';
import { openSqliteGrowth } from '../../src/store/sqlite/growth/growth.ts';
import { LiveEvaluation, plain, told } from '../support/growth-evaluation.ts';
import {
  bucketMs,
  firstBucket,
  floorsOf,
  type Life,
  leaky,
  line,
  steady,
  workloadNamed,
} from '../support/growth-floors.ts';
import { storeDir } from '../support/store-dirs.ts';

/** A leak that is fixed by a roll-out, a service at rest, a leak of goroutines, and one that comes and goes. */
const lives: readonly Life[] = [
  { workload: 'leaky', from: 0, to: 150, functions: leaky },
  { workload: 'leaky', pod: 'leaky-2', revision: 'r2', from: 150, to: 260, functions: steady },
  { workload: 'quiet', from: 0, to: 260, functions: steady },
  { workload: 'waiting', from: 20, to: 260, functions: steady, goroutines: (age) => 50 + 8 * age },
  { workload: 'brief', from: 60, to: 120, functions: leaky },
  { workload: 'brief', pod: 'brief-2', from: 190, to: 260, functions: leaky },
];
const last = 260;

function storeWith(of: readonly Life[] = lives): GrowthStore {
  const store = openSqliteGrowth({ dataDir: storeDir(), synchronous: 'normal' });
  for (const life of of) store.saveFloors(bucketMs, 'live', floorsOf(life));
  return store;
}

/** What an evaluation leaves behind, whatever it went through. */
function outcome(live: LiveEvaluation): object {
  const evaluations = live.store.evaluations(bucketMs).map(({ workload, bucket, memory, verdict }) => ({
    workload: workload.workload,
    bucket,
    memory: JSON.parse(memory === '' ? '{}' : memory) as object,
    verdict,
  }));
  return plain({
    evaluations: evaluations.toSorted((a, b) => (a.workload < b.workload ? -1 : 1)),
    events: live.events(),
  });
}

async function uninterrupted(): Promise<LiveEvaluation> {
  const live = new LiveEvaluation(storeWith());
  for (let bucket = 0; bucket <= last; bucket++) await live.run(bucket);
  return live;
}
const reference = await uninterrupted();

test('a leak is suspected, likely after a day, and ends with the revision that leaks', () => {
  assert.deepEqual(
    told(reference.changes).filter((text) => text.endsWith('leaky')),
    [
      '5.833333333333333h opened heap leaky',
      '24h likely heap leaky',
      ...told(reference.changes).filter((text) => text.endsWith('resolved heap leaky')),
    ],
  );
  const [event] = reference.events().filter(({ workload }) => workload.workload === 'leaky');
  assert.equal(event?.verdict.functions[0]?.name, 'main.leak');
  assert.equal(event?.revision, 'r1');
  const resolved = ((event?.resolvedMs ?? 0) / bucketMs - firstBucket) / 6;
  assert.ok(resolved > 25 && resolved < 28, `resolved after ${resolved} h`);
});

test('goroutines are an event of their own, and a service at rest is none', () => {
  const found = reference.events().map(({ workload, signal }) => `${workload.workload} ${signal}`);
  assert.ok(found.includes('waiting goroutines'));
  assert.deepEqual(
    found.filter((text) => text.startsWith('quiet')),
    [],
  );
});

test('what ended without a word is resolved after two hours, and begins anew when it is back', () => {
  const texts = told(reference.changes).filter((text) => text.endsWith('brief'));
  assert.match(texts.join('\n'), /opened heap brief\n22\.166\d*h resolved heap brief\n.*opened heap brief/);
});

test('judged bucket by bucket, at once, or with restarts between: the same verdicts and events', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.record({ at: fc.nat(last - 1), restarts: fc.boolean() }), {
        selector: ({ at }) => at,
        maxLength: 6,
      }),
      async (stops) => {
        const live = new LiveEvaluation(storeWith());
        for (const { at, restarts } of stops.toSorted((a, b) => a.at - b.at)) {
          await live.run(at);
          if (restarts) live.restart();
        }
        await live.run(last);
        assert.deepEqual(outcome(live), outcome(reference));
        assert.deepEqual(told(live.changes).toSorted(), told(reference.changes).toSorted());
      },
    ),
    { numRuns: 12 },
  );
});

test('stopped between any two commits and begun anew, nothing is lost and nothing is twice', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 4 })), { maxLength: 8 }),
      async (turns) => {
        const live = new LiveEvaluation(storeWith());
        let through = 0;
        for (const [step, commits] of turns) {
          through = Math.min(last, through + step);
          await live.run(through, { commits });
          live.restart();
        }
        await live.run(last);
        assert.deepEqual(outcome(live), outcome(reference));
        const texts = told(live.changes);
        assert.equal(new Set(texts).size, texts.length);
      },
    ),
    { numRuns: 10 },
  );
});

test('a run that is stopped says so, and the next one goes on', async () => {
  const live = new LiveEvaluation(storeWith());
  const first = await live.run(last, { commits: 1 });
  assert.equal(first.isUnfinished, true);
  for (let turn = 0; (await live.run(last, { commits: 1 })).isUnfinished; turn++) assert.ok(turn < 10);
  assert.deepEqual(outcome(live), outcome(reference));
});

test('a store that fails loses nothing: what was found is found again', async () => {
  const store = storeWith();
  let fails = 3;
  const faulty: GrowthStore = new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (name === 'saveEvaluations' && fails-- > 0) return () => assert.fail('the disk is full');
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const live = new LiveEvaluation(faulty);
  for (const through of [10, 100, 200]) await assert.rejects(live.run(through), /the disk is full/);
  assert.deepEqual(live.changes, []);
  await live.run(last);
  assert.deepEqual(outcome(live), outcome(reference));
});

test('live verdicts do not see imports', async () => {
  const live = new LiveEvaluation(storeWith());
  const imported = floorsOf({ workload: 'quiet', from: 0, to: 260, functions: { 'main.cache': line(1) } });
  live.store.saveFloors(bucketMs, 'import', imported);
  live.store.saveFloors(bucketMs, 'import', floorsOf({ workload: 'other', from: 0, to: 260, functions: leaky }));
  for (let bucket = 0; bucket <= last; bucket += 20) await live.run(bucket);
  assert.deepEqual(outcome(live), outcome(reference));
});

test('a workload that was imported only is not among those that are judged', async () => {
  const live = new LiveEvaluation(storeWith([]));
  live.store.saveFloors(bucketMs, 'import', floorsOf({ workload: 'other', from: 0, to: 260, functions: leaky }));
  assert.equal((await live.run(100)).workloads, 0);
  assert.equal((await live.run(last)).workloads, 0);
});

test('a back-test finds what the live evaluation found, at every moment', async () => {
  for (const through of [40, 130, 145, 160, 200, last]) {
    const live = new LiveEvaluation(storeWith());
    await live.run(through);
    const { verdicts, events } = await live.replay(0, through + 1);
    const byName = new Map(plain(verdicts).map((verdict) => [verdict.workload.workload, verdict]));
    for (const [name, verdict] of live.verdicts)
      assert.deepEqual(byName.get(name), plain(verdict), `${name} at ${through}`);
    assert.equal(byName.size, live.verdicts.size);
    assert.deepEqual(plain(events), live.events());
  }
});

test('a back-test of a window tells what was open in it, and of imports too', async () => {
  const live = new LiveEvaluation(storeWith());
  live.store.saveFloors(bucketMs, 'import', floorsOf({ workload: 'other', from: 0, to: 100, functions: leaky }));
  const { events, evaluations } = await live.replay(60, 80);
  assert.deepEqual(events.map(({ workload, resolvedMs }) => `${workload.workload} ${resolvedMs}`).toSorted(), [
    'leaky undefined',
    'other undefined',
    'waiting undefined',
  ]);
  assert.ok(evaluations >= 4 * 60);
  assert.deepEqual((await live.replay(5, 20)).events, []);
});

test('who is switched off, denied or a Job is not judged, and what was found ends', async () => {
  const job: Life = { workload: 'import', kind: 'Job', from: 0, to: 260, functions: leaky };
  const live = new LiveEvaluation(storeWith([...lives, job]));
  await live.run(100);
  assert.equal(live.tierOf('leaky'), 'suspected');
  assert.equal(live.verdicts.get('import')?.skipped, 'a Job ends by itself');
  const choices = [{ workload: workloadNamed({ workload: 'leaky' }), isOff: true, minAgeMs: undefined }];
  await live.run(101, { choices, deny: ['{workload="waiting"}'] });
  assert.equal(live.verdicts.get('leaky')?.skipped, 'its annotation growth says off');
  assert.equal(live.verdicts.get('waiting')?.skipped, 'growth.deny has {workload="waiting"}');
  const open = live.events().filter(({ resolvedMs }) => resolvedMs === undefined);
  assert.deepEqual(
    open.map(({ workload }) => workload.workload),
    ['brief'],
  );
  // A restart does not forget it, and the back-test says the same.
  live.restart();
  await live.run(110, { choices });
  assert.equal(live.verdicts.get('leaky')?.skipped, 'its annotation growth says off');
  const again = await live.replay(0, 111, { choices });
  assert.equal(
    again.verdicts.find(({ workload }) => workload.workload === 'leaky')?.skipped,
    'its annotation growth says off',
  );
});

test('switched on again, a workload is judged from all that came meanwhile', async () => {
  const live = new LiveEvaluation(storeWith());
  const choices = [{ workload: workloadNamed({ workload: 'leaky' }), isOff: true, minAgeMs: undefined }];
  for (let bucket = 0; bucket < 100; bucket += 10) await live.run(bucket, { choices });
  assert.equal(
    live.events().some(({ workload }) => workload.workload === 'leaky'),
    false,
  );
  await live.run(100);
  assert.equal(live.tierOf('leaky'), 'suspected');
  const [event] = live.events().filter(({ workload }) => workload.workload === 'leaky');
  assert.equal(event?.openedMs, (firstBucket + 101) * bucketMs);
});

test('an annotation makes a workload wait longer', async () => {
  const live = new LiveEvaluation(storeWith());
  const choices = [{ workload: workloadNamed({ workload: 'leaky' }), isOff: false, minAgeMs: 60 * bucketMs }];
  for (let bucket = 0; bucket <= 100; bucket++) await live.run(bucket, { choices });
  const [event] = live.events().filter(({ workload }) => workload.workload === 'leaky');
  assert.ok((event?.openedMs ?? 0) >= (firstBucket + 60) * bucketMs);
});

test('beyond the bound further workloads are not judged, and are counted', async () => {
  const live = new LiveEvaluation(storeWith(), { workloads: 2, series: 100_000 });
  const report = await live.run(40);
  assert.deepEqual([report.workloads, report.droppedWorkloads], [2, 1]);
  const skipped = [...live.verdicts.values()].filter((verdict) => verdict.skipped !== undefined);
  assert.match(skipped[0]?.skipped ?? '', /^as many as may be are judged already: 2 workloads/);
});

test('beyond the bound of a workload further processes are not judged, and are counted while they are there', async () => {
  const crowd = Array.from({ length: maxProcesses + 3 }, (_, i): Life => {
    return { workload: 'crowd', pod: `crowd-${i}`, from: 0, to: i < 10 ? 3 : 2, functions: steady };
  });
  const live = new LiveEvaluation(storeWith(crowd));
  assert.equal((await live.run(1)).droppedProcesses, 3);
  assert.equal(live.verdicts.get('crowd')?.processes, maxProcesses + 3);
  assert.equal((await live.run(2)).droppedProcesses, 0);
});

test('events of another bucket length end', async () => {
  const live = new LiveEvaluation(storeWith());
  await live.run(100);
  const other = openSqliteGrowth({ dataDir: storeDir(), synchronous: 'normal' });
  // As they are left behind when the bucket is changed: events without an evaluation of this length.
  other.saveEvaluations([], live.store.events({ isOpen: true, limit: 10 }));
  const after = new LiveEvaluation(other);
  await after.run(120);
  assert.ok(after.events().length > 0 && after.events().every(({ resolvedMs }) => resolvedMs !== undefined));
});

test('a workload that cannot be judged does not stop the others, and is tried again', async () => {
  const store = storeWith();
  let isBroken = true;
  const faulty: GrowthStore = new Proxy(store, {
    get(target, name) {
      if (name === 'floors') {
        return (query: Parameters<GrowthStore['floors']>[0]) => {
          if (isBroken && query.workload?.workload === 'leaky') throw new Error('damaged floors');
          return target.floors(query);
        };
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const live = new LiveEvaluation(faulty);
  const { failures } = await live.run(100);
  assert.deepEqual(failures, ['shop/Deployment/leaky/app: damaged floors']);
  assert.equal(live.tierOf('waiting', 'goroutines'), 'suspected');
  isBroken = false;
  await live.run(last);
  assert.deepEqual(outcome(live), outcome(reference));
});

test('a clock that went back and is right again: nobody is judged twice, and nothing is missed for long', async () => {
  const live = new LiveEvaluation(storeWith(lives.filter(({ workload }) => workload !== 'brief')));
  await live.run(100);
  const before = outcome(live);
  await live.run(90);
  assert.deepEqual(outcome(live), before);
  // Somebody new, while the clock is behind.
  live.store.saveFloors(bucketMs, 'live', floorsOf({ workload: 'late', from: 60, to: 96, functions: leaky }));
  await live.run(95);
  assert.equal(live.tierOf('late'), 'suspected');
});
