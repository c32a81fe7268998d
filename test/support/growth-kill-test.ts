import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type Daemon, eventually } from './daemon.ts';
import { type EventAnswer, growthOf } from './growth-answers.ts';
import { type KillRun, runWithKills } from './growth-kill.ts';
import { checkAllCounters, checkKnownRates, everFired } from './growth-kill-checks.ts';
import { syntheticPrograms } from './growth-targets.ts';

export interface KillTest extends Omit<KillRun, 'programs' | 'isSettled'> {
  /** Programs besides the two that leak. */
  readonly steady: number;
}

const findings = ['leaky heap', 'waiting goroutines'];
const alerts = ['FlameherdGoroutineGrowth waiting', 'FlameherdHeapGrowthSuspected leaky'];
/** Of a leak that goes on for long enough. */
const later = 'FlameherdMemoryLeakLikely leaky';

/** What must hold however often a daemon is killed: `test/e2e/alone/growth-kill.e2e.ts` draws it. */
export async function testKills(t: TestContext, { steady, ...run }: KillTest): Promise<void> {
  const programs = syntheticPrograms(steady);
  const seen = new Map<string, EventAnswer>();
  const settled = { ...run, programs, isSettled: async (daemon: Daemon) => (await eventsOf(daemon)).length >= 2 };
  const killed = await runWithKills(t, settled, async (daemon) => {
    const events = await eventsOf(daemon);
    for (const { id, openedMs } of seen.values()) {
      const now = events.find((event) => event.id === id);
      assert.deepEqual([now?.state, now?.openedMs], ['open', openedMs], `the event ${id}: ${now?.verdict.whyNot}`);
    }
    for (const event of events) seen.set(event.id, event);
  });
  assert.deepEqual([...seen.values()].map(({ workload, signal }) => `${workload} ${signal}`).sort(), findings);
  // The first kill may have come before they were merged.
  await eventually(
    async () => (await eventsOf(killed.daemon)).every(({ profiles }) => profiles?.base),
    30_000,
    'profiles of each event',
  );
  const fired = await everFired(killed);
  assert.deepEqual(
    fired.filter((name) => name !== later),
    alerts,
  );
  assert.deepEqual(await killed.prometheus.ruleErrors(), {});
  await checkKnownRates(t, settled, killed);
  await checkAllCounters(t, killed);
  const seconds = (fromMs: number, toMs: number) => Math.round((toMs - fromMs) / 1000);
  t.diagnostic(
    `first life ${seconds(killed.startedMs, killed.firstKillMs)} s, ${run.kills} kills in ${seconds(killed.firstKillMs, killed.endedMs)} s`,
  );
}

async function eventsOf(daemon: Daemon): Promise<readonly EventAnswer[]> {
  return (await growthOf(daemon, 'local')).events;
}
