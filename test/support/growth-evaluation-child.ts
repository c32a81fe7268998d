import { openGrowthThreads } from '../../src/growth/client.ts';
import { usual } from './growth-evaluation.ts';
import { firstBucket } from './growth-floors.ts';

/** Judges bucket after bucket of a store, as a daemon does: `node growth-evaluation-child.ts DATA_DIR BUCKETS`. */
const [dataDir = '', buckets = '0'] = process.argv.slice(2);
const threads = openGrowthThreads({
  dataDir,
  synchronous: 'normal',
  detector: usual,
  bounds: { workloads: 1000, series: 100_000 },
  onError: (error) => {
    throw error;
  },
  onJudged: ({ verdicts }) => process.stdout.write(`${verdicts[0]?.atMs}\n`),
});
for (let bucket = 0; bucket < Number(buckets); bucket++) {
  const ask = { throughBucket: firstBucket + bucket, choices: { deny: [], live: [] } };
  while ((await threads.evaluate(ask)).isUnfinished);
}
await threads[Symbol.asyncDispose]();
