import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { GrowthStore } from '../../src/store/growth-store.ts';
import { openSqliteGrowth } from '../../src/store/sqlite/growth/growth.ts';
import { LiveEvaluation, plain } from '../support/growth-evaluation.ts';
import { bucketMs, floorsOf, type Life, leaky, steady } from '../support/growth-floors.ts';
import { storeDir } from '../support/store-dirs.ts';

const child = new URL('../support/growth-evaluation-child.ts', import.meta.url).pathname;
const buckets = 200;
const kills = 8;

/** Forty workloads: leaks that begin at various times and are gone again, and others at rest. */
const lives: readonly Life[] = Array.from({ length: 40 }, (_, index) => ({
  workload: `w${index}`,
  from: index,
  to: index % 3 === 0 ? 120 + index : buckets,
  functions: index % 2 === 0 ? leaky : steady,
}));

function filled(dataDir: string): GrowthStore {
  const store = openSqliteGrowth({ dataDir, synchronous: 'normal' });
  for (const life of lives) store.saveFloors(bucketMs, 'live', floorsOf(life));
  return store;
}

/** One life of a collector; true when it came to its end before it was killed. */
async function live(dataDir: string, killAfterMs: number): Promise<boolean> {
  const running = spawn(process.execPath, [child, dataDir, String(buckets)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(running, 'exit') as Promise<[number | null]>;
  // It has begun to judge.
  await Promise.race([once(running.stdout, 'data'), exited]);
  await Promise.race([delay(killAfterMs, undefined, { ref: false }), exited]);
  running.kill('SIGKILL');
  return (await exited)[0] === 0;
}

const outcome = (store: GrowthStore) =>
  plain({
    verdicts: store.evaluations(bucketMs).map(({ workload, bucket, verdict }) => [workload.workload, bucket, verdict]),
    events: store.events({ limit: 1000 }),
  });

test('killed at any moment, it ends with the same verdicts and the same events', { timeout: 180_000 }, async (t) => {
  const reference = new LiveEvaluation(filled(storeDir()));
  for (let bucket = 0; bucket < buckets; bucket++) await reference.run(bucket);
  assert.ok(reference.events().length >= 20);

  const dataDir = storeDir();
  const store = filled(dataDir);
  let killed = 0;
  while (!(await live(dataDir, killed < kills ? 20 + Math.random() * 250 : 120_000))) {
    assert.ok(++killed <= kills, 'it was not killed, and did not end either');
  }
  t.diagnostic(`killed ${killed} times`);
  assert.ok(killed >= 2);
  const [is, should] = [outcome(store), outcome(reference.store)];
  const byName = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  assert.deepEqual(is.verdicts.toSorted(byName), should.verdicts.toSorted(byName));
  assert.deepEqual(is.events, should.events);
});
