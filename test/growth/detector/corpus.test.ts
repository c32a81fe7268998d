import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printTable } from '../../../bench/table.ts';
import { noCorpus } from '../../support/corpus.ts';
import { loadSimulator, recordedRuns, type Simulator, simulatedRun } from '../../support/growth-runs.ts';
import { type Score, scoreOf } from '../../support/growth-score.ts';
import { ownShapes, withOwnShapes } from '../../support/growth-shapes.ts';
import { misses, scoreHead, scoreRows, totalsOf, totalsText } from '../../support/growth-table.ts';

/**
 * Programs with a known truth: what must be found is, by its deadline and by name, and nothing else is said. A few seeds here;
 * `bench/growth.ts` runs hundreds.
 */

const seeds = [41, 42];

function simulated(simulator: Simulator, names: readonly string[], some: readonly number[]): Score[] {
  return names.flatMap((scenario) => some.map((seed) => scoreOf(simulatedRun(simulator, { scenario, seed }))));
}

function assertGoals(scores: readonly Score[]): void {
  const { required, found, healthy, suspected, likely, early, others } = totalsOf(scores);
  const wrong = misses(scores).join('\n');
  assert.ok(found >= 0.99 * required, `${found} of ${required} found\n${wrong}`);
  assert.equal(likely, 0, wrong);
  assert.ok(suspected <= 0.01 * healthy, `${suspected} of ${healthy} suspected\n${wrong}`);
  assert.equal(early, 0, wrong);
  assert.equal(others, 0, wrong);
}

test('recorded programs: leaks are found in time and by name, and nothing else is', { skip: noCorpus }, () => {
  const scores = recordedRuns().map((run) => scoreOf(run));
  assertGoals(scores);
  assert.equal(totalsOf(scores).required, 6);
});

test('simulated programs: as found, and what rules of today would have said', { skip: noCorpus }, async () => {
  const simulator = await loadSimulator();
  const scores = simulated(simulator, Object.keys(simulator.scenarios), seeds);
  printTable(scoreHead, scoreRows(scores));
  console.log(totalsText(scores));
  assertGoals(scores);
  const healthy = totalsOf(scores).healthy;
  const naive = scores.filter((score) => score.verdict === 'none' && score.naive.deriv.isFalse).length;
  assert.ok(naive > healthy / 2, 'the table compares with rules that do cry wolf');
});

test('services that deploy, refill caches, work at night or in saws are no leak, and leaks that hide in it are', {
  skip: noCorpus,
}, async () => {
  const simulator = withOwnShapes(await loadSimulator());
  const names = Object.keys(ownShapes).filter((name) => (ownShapes[name]?.hours ?? 0) <= 72);
  assertGoals(
    simulated(
      simulator,
      names.map((name) => `x-${name}`),
      [41],
    ),
  );
});
