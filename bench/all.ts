import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** All benches, one after the other, with sizes that take about three minutes in all: `npm run bench`. */
const runs = [
  ['decode.ts'],
  ['ingest.ts', '16', '4', '16'],
  ['merge.ts', '4', '30'],
  ['diff.ts', '4', '10'],
  ['memory-bound.ts', '4', '20000'],
] as const;

for (const [script, ...sizes] of runs) {
  console.log(`\n## ${[script, ...sizes].join(' ')}\n`);
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { status } = spawnSync(process.execPath, [path, ...sizes], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
