import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadSimulator, recordedRuns, simulatedRun } from '../test/support/growth-runs.ts';
import { type Score, scoreOf, usualSettings } from '../test/support/growth-score.ts';
import { withOwnShapes } from '../test/support/growth-shapes.ts';
import { misses, scoreHead, scoreRows, totalsText } from '../test/support/growth-table.ts';
import { printTable } from './table.ts';

/**
 * How well growth is told from what only looks like it, beside the rules people write today, over hundreds of simulated programs:
 * `node bench/growth.ts [--seeds 1-200] [--scenarios a,b] [--interval 60] [--min-periods 64] [--jobs 2]`. Scenarios that begin with x- are our own.
 */

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1-20' },
    scenarios: { type: 'string' },
    interval: { type: 'string', default: '60' },
    'min-periods': { type: 'string', default: '64' },
    jobs: { type: 'string', default: '2' },
  },
});

interface Task {
  readonly scenario: string;
  readonly seed: number;
}

const simulator = withOwnShapes(await loadSimulator());

function score({ scenario, seed }: Task): Score {
  const settings = { ...usualSettings, minPeriods: Number(values['min-periods']) };
  const recorded = seed === 0 ? recordedRuns().find(({ name }) => name === scenario) : undefined;
  return scoreOf(
    recorded ?? simulatedRun(simulator, { scenario, seed, intervalSeconds: Number(values.interval) }),
    settings,
  );
}

function tasks(): Task[] {
  const wanted = values.scenarios?.split(',');
  const [from = 1, to = from] = values.seeds.split('-').map(Number);
  const names = Object.keys(simulator.scenarios).filter((name) => !wanted || wanted.includes(name));
  const recorded = wanted ? [] : recordedRuns().map(({ name }) => ({ scenario: name, seed: 0 }));
  const seeds = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  return [...recorded, ...names.flatMap((scenario) => seeds.map((seed) => ({ scenario, seed })))];
}

/** Runs the tasks in processes of their own and gives the scores in the order of the tasks. */
async function scores(all: readonly Task[]): Promise<Score[]> {
  const done: Score[] = [];
  let next = 0;
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = fork(fileURLToPath(import.meta.url), process.argv.slice(2));
      let index = 0;
      const give = (): void => {
        index = next++;
        const task = all[index];
        if (task) child.send(task);
        else child.disconnect();
      };
      child.on('message', (one) => {
        done[index] = one as Score;
        give();
      });
      child.on('error', reject);
      child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))));
      give();
    });
  await Promise.all(Array.from({ length: Number(values.jobs) }, work));
  return done;
}

if (process.send) {
  process.on('message', (task) => process.send?.(score(task as Task)));
} else {
  const all = await scores(tasks());
  const kinds = Map.groupBy(all, ({ name }) =>
    name.startsWith('recorded/') ? 'recorded' : name.startsWith('x-') ? 'our own shapes' : 'the corpus',
  );
  for (const [kind, some] of kinds) {
    console.log(`\n## ${kind}: ${some.length} runs, a profile each ${values.interval} s\n`);
    printTable(scoreHead, scoreRows(some));
    console.log(`\n${totalsText(some)}`);
  }
  for (const miss of misses(all)) console.log(`miss ${miss}`);
}
