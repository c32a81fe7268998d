import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openSqliteGrowth } from '../../../../src/store/sqlite/growth/growth.ts';
import { storeDir } from '../../../support/store-dirs.ts';

const childFile = fileURLToPath(new URL('growth-child.ts', import.meta.url));
const bucketMs = 600_000;
const workloads = 40;

function childOf(...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [childFile, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** The last round that a child said was committed; it is killed so long after its first. */
async function saveUntilKilled(dataDir: string, first: number, afterMs: number): Promise<number> {
  const child = childOf(dataDir, 'evaluations', String(first), '1000000');
  assert.ok(child.stdout);
  const exit = once(child, 'exit');
  let last = first - 1;
  for await (const line of createInterface({ input: child.stdout })) {
    if (last < first) setTimeout(() => child.kill('SIGKILL'), afterMs);
    last = Number(line);
  }
  assert.deepEqual(await exit, [null, 'SIGKILL']);
  return last;
}

test('kill -9 amid evaluations leaves all of a round, evaluations and events, or nothing of it', async () => {
  const dataDir = storeDir();
  let found = -1;
  for (let kill = 0; kill < 5; kill++) {
    const acknowledged = await saveUntilKilled(dataDir, found + 1, 10 + ((kill * 37) % 90));
    await using store = openSqliteGrowth({ dataDir, synchronous: 'normal' });
    const rounds = store.evaluations(bucketMs).map(({ bucket }) => bucket);
    assert.equal(rounds.length, workloads);
    assert.equal(new Set(rounds).size, 1, 'one round, not parts of two');
    found = rounds[0] ?? -1;
    assert.ok(found === acknowledged || found === acknowledged + 1, `acknowledged ${acknowledged}, found ${found}`);
    const events = store.events({ limit: 1e6 }).filter(({ openedMs }) => openedMs >= found);
    assert.equal(events.length, workloads, 'the events of the round are there, and none of a later one');
  }
});

test('threads that save floors, save imports, and pack what they saved lose nothing and count nothing twice', async () => {
  const dataDir = storeDir();
  const rounds = 300;
  await using store = openSqliteGrowth({ dataDir, synchronous: 'normal' });
  const children = ['floors', 'imports'].map((what) => childOf(dataDir, what, '1', String(rounds)));
  const running = new Set(children);
  const exits = children.map(async (child) => {
    child.stdout?.resume();
    const exit = await once(child, 'exit');
    running.delete(child);
    return exit;
  });
  let packed = 0;
  for (; running.size > 0; await setImmediate()) {
    store.prune(0, 0);
    packed = Math.max(packed, store.stats().floorBlocks);
    const seen = [...store.floors({ bucketMs, from: 0, to: 1000, workload: { ...checkout, workload: 'w1' } })];
    assert.deepEqual(
      seen.map(({ bucket }) => bucket),
      seen.map(({ bucket }) => bucket).sort((a, b) => a - b),
    );
  }
  assert.deepEqual(await Promise.all(exits), [
    [0, null],
    [0, null],
  ]);
  while (store.prune(0, 0));
  assert.ok(packed > 0, 'some were packed while others were saved');
  for (const [origin, times] of [
    ['live', 1],
    [undefined, 2],
  ] as const) {
    const floors = [...store.floors({ bucketMs, from: 0, to: 1000, origin })];
    const sum = (of: (floor: (typeof floors)[number]) => number) => floors.reduce((all, floor) => all + of(floor), 0);
    assert.equal(
      sum(({ heap }) => heap?.allocBytes ?? 0),
      20 * rounds * times,
    );
    assert.equal(
      sum(({ functions }) => functions.reduce((all, { allocBytes }) => all + allocBytes, 0)),
      20 * rounds * times,
    );
    for (const { bucket, heap } of floors) assert.equal(heap?.bytes, 1000 + Math.max(1, 4 * bucket));
  }
});

const checkout = { namespace: 'shop', workloadKind: 'Deployment', workload: 'checkout', container: 'app' };
