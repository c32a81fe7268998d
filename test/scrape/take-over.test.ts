import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { minute } from '../../src/model/units.ts';
import { ScrapePool } from '../../src/scrape/scrape-pool.ts';
import { TransportBook } from '../../src/scrape/transport-book.ts';
import { mockClock } from '../support/scrape-clock.ts';
import { bodyOf, collectingIngest, FakeTransport, targetOf } from '../support/scrape-targets.ts';

const start = 1_700_000_000_000;
/** A killed holder of a Lease of 15 s is followed within it and two looks of the others. */
const takeOverMs = 21_000;
const standby = 'another collector scrapes this cluster';

/** Two collectors of the same pods; `lead` says whose turn it is. */
function collectors(t: TestContext, pods: readonly string[], options: { known?: boolean } = {}) {
  const clock = mockClock(t, start);
  const asked: { readonly pod: string; readonly atMs: number; readonly by: string }[] = [];
  let leader = '';
  const pools = ['first', 'second'].map((by) => {
    const transport = new FakeTransport((_, target) => {
      asked.push({ pod: target.labels['pod'] ?? '', atMs: Date.now(), by });
      return bodyOf();
    });
    const pool = new ScrapePool({
      collectorId: by,
      transports: new TransportBook({ transports: [transport] }),
      ingest: collectingIngest().ingest,
      pausedBecause: () => (leader === by ? undefined : standby),
      isKnown: () => options.known ?? false,
    });
    t.after(() => pool.close());
    pool.sync([{ key: 'g', targets: pods.map((name) => targetOf(name, ['heap'])) }]);
    return { by, pool };
  });
  const lead = (who: string) => {
    leader = who;
    pools.find(({ by }) => by === who)?.pool.catchUp();
  };
  return { clock, asked, lead };
}

test('at a take-over no process is left alone for more than an interval beyond its own, and none is asked more than once too often', async (t) => {
  const pods = Array.from({ length: 40 }, (_, i) => `pod-${i}`);
  const { clock, asked, lead } = collectors(t, pods);
  // Killed at different places of the interval, so that every place of both schedules is met.
  const turns = [7, 3, 9, 4, 8].map((tenths, index) => ({ who: index % 2 ? 'second' : 'first', minutes: tenths }));
  for (const { who, minutes } of turns) {
    lead('');
    await clock.pass(takeOverMs);
    lead(who);
    await clock.pass(minutes * minute - takeOverMs + 13_000 * minutes);
  }
  const endMs = Date.now();
  for (const pod of pods) {
    const moments = asked.filter((each) => each.pod === pod).map(({ atMs }) => atMs);
    const gaps = [...moments.slice(1), endMs].map((atMs, index) => atMs - (moments[index] ?? start));
    assert.ok(Math.max(...gaps) <= 2 * minute, `${pod} was left alone for ${Math.max(...gaps)} ms`);
    const atMost = Math.ceil((endMs - start) / minute) + turns.length;
    assert.ok(moments.length <= atMost, `${pod} was asked ${moments.length} times instead of ${atMost} at most`);
  }
});

test('a collector that comes back and has missed nothing waits for its pinned moments', async (t) => {
  const { clock, asked, lead } = collectors(t, ['a'], { known: true });
  lead('first');
  lead('first');
  assert.equal(asked.length, 0);
  await clock.pass(10 * minute);
  assert.equal(asked.length, 10);
  assert.deepEqual(new Set(asked.map(({ atMs }) => atMs % minute)).size, 1);
});

test('the wish to catch up goes through the token bucket, and a beat that comes sooner stays', async (t) => {
  const clock = mockClock(t, start);
  let leads = false;
  const transport = new FakeTransport(() => bodyOf());
  const pool = new ScrapePool({
    collectorId: 'c',
    transports: new TransportBook({ transports: [transport] }),
    ingest: collectingIngest().ingest,
    pausedBecause: () => (leads ? undefined : standby),
    limits: { firstScrapes: { perSecond: 10, burst: 1 } },
  });
  t.after(() => pool.close());
  const targets = Array.from({ length: 300 }, (_, i) => targetOf(`pod-${i}`, ['heap']));
  pool.sync([{ key: 'g', targets }]);
  await clock.pass(2 * minute);
  leads = true;
  pool.catchUp();
  await clock.pass(0);
  assert.equal(transport.asked.length, 1);
  await clock.pass(minute / 2);
  assert.equal(new Set(transport.asked.map(({ source }) => source)).size, 300);
});
