import type { Workload } from '../../../../src/model/growth.ts';
import type { FloorOrigin } from '../../../../src/store/growth-store.ts';
import { openSqliteGrowth } from '../../../../src/store/sqlite/growth/growth.ts';

/**
 * Writes to a growth store until it is done or killed, and says what is committed. Arguments: the data directory, what to
 * write (`evaluations` without end, or `floors`), the number of the first round, and of the last.
 */

const [dataDir = '', what = '', first = '0', last = '0'] = process.argv.slice(2);
const store = openSqliteGrowth({ dataDir, synchronous: 'normal' });
const bucketMs = 600_000;

for (let round = Number(first); round <= Number(last); round++) {
  if (what === 'evaluations') saveEvaluations(round);
  else saveFloors(round, what === 'imports' ? 'import' : 'live');
  process.stdout.write(`${round}\n`);
}

function workloadOf(name: string): Workload {
  return { namespace: 'shop', workloadKind: 'Deployment', workload: name, container: 'app' };
}

/** Forty workloads are judged in a round, and an event of each is opened, which every part of the round says the number of. */
function saveEvaluations(round: number): void {
  const names = Array.from({ length: 40 }, (_, at) => `w${at}`);
  const verdict = { signal: 'heap', tier: 'suspected', functions: [], pods: [], judged: 1, gates: [] } as const;
  store.saveEvaluations(
    names.map((name) => ({
      workload: workloadOf(name),
      bucketMs,
      bucket: round,
      memory: 'x'.repeat(5000),
      verdict: { workload: workloadOf(name), atMs: round, signals: [verdict], processes: 1 },
    })),
    names.map((name) => ({
      id: `${name}-${round}`,
      workload: workloadOf(name),
      signal: 'heap',
      tier: 'suspected',
      openedMs: round,
      verdict,
      revision: 'v1',
    })),
  );
}

/** One byte is allocated in each of twenty processes, in a bucket that others write, too. */
function saveFloors(round: number, origin: FloorOrigin): void {
  const bucket = Math.floor(round / 4);
  store.saveFloors(
    bucketMs,
    origin,
    Array.from({ length: 20 }, (_, at) => ({
      workload: workloadOf(`w${at % 5}`),
      process: { id: `p${at}`, slot: `s${at}`, pod: `p${at}`, revision: 'v1', startedMs: undefined },
      bucket,
      heap: { bytes: 1000 + round, objects: 1, period: 524_288, weight: 1, allocBytes: 1, allocMs: 1 },
      functions: [{ id: `f${round % 7}`, name: `main.f${round % 7}`, bytes: round, objects: 1, allocBytes: 1 }],
    })),
  );
}
