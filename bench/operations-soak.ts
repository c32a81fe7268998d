import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findingsOf, lostForNoReason } from './soak/findings.ts';
import { isolate } from './soak/isolation.ts';
import { runOperations } from './soak/operations.ts';
import { printTable } from './table.ts';

/**
 * Operation with mishaps, in real time: a daemon as it is shipped, pods found through an API server, questions and uploads
 * without end; then the API server goes away, the daemon is killed, the disk is full.
 *
 *     node bench/operations-soak.ts [--minutes 30] [--targets 500] [--disk-mb 3000]
 *
 * Nothing that was acknowledged may be lost, and memory must be flat. Exits with 1 where a goal is missed. Needs Linux and root:
 * it runs in a network of its own, and on a file system of its own. Pods and API server are ours, in one other process.
 */
const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    targets: { type: 'string', default: '500' },
    'disk-mb': { type: 'string', default: '3000' },
  },
});

isolate();
const folder = mkdtempSync(join(tmpdir(), 'flameherd-soak-'));
try {
  const run = await runOperations({
    minutes: Number(options.minutes),
    targets: Number(options.targets),
    diskMegabytes: Number(options['disk-mb']),
    folder,
  });
  const findings = findingsOf(run);
  printTable(
    ['what', 'figure', 'goal', ''],
    findings.map(({ what, figure, goal, isMissed }) => [what, figure, goal, isMissed ? 'MISSED' : '']),
  );
  const problems = [...run.scrapes.wrong, ...run.scrapes.unequalSums, ...lostForNoReason(run)];
  for (const problem of problems.slice(0, 40)) console.log(problem);
  if (findings.some(({ isMissed }) => isMissed)) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
