import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChangeRate, changeRates } from './partitions/deploys.ts';
import { deploys, fillWithDeploys, type PartitionChoice } from './partitions/fill.ts';
import { type Measured, measure } from './partitions/measure.ts';
import { hasRealProfiles } from './partitions/program.ts';
import { printTable } from './table.ts';

/**
 * A tree of stacks for each workload against one for each build (docs/decisions/0008), over 30 deploys of a service at three
 * rates of change: `node bench/partitions.ts [rate]`
 */

const choices: readonly PartitionChoice[] = [
  { name: 'workload', perBuild: false, buildInFrames: true },
  { name: 'build', perBuild: true, buildInFrames: true },
  { name: 'workload, no build ids', perBuild: false, buildInFrames: false },
];

const only = process.argv[2];
console.log(`${deploys} deploys, ${hasRealProfiles ? 'stacks of real profiles' : 'made stacks'}; times are CPU\n`);
for (const rate of changeRates) {
  if (only !== undefined && rate.name !== only) continue;
  console.log(`### ${rate.name}\n`);
  const columns: [PartitionChoice, Measured][] = [];
  for (const choice of choices) columns.push([choice, await measureChoice(rate, choice)]);
  print(columns);
}

async function measureChoice(rate: ChangeRate, choice: PartitionChoice): Promise<Measured> {
  const dataDir = mkdtempSync(join(tmpdir(), 'flameherd-partitions-'));
  try {
    await fillWithDeploys(dataDir, rate, choice);
    return measure(dataDir);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function print(columns: readonly [PartitionChoice, Measured][]): void {
  const row = (name: string, of: (measured: Measured) => number, digits = 0): string[] => [
    name,
    ...columns.map(([, measured]) => of(measured).toFixed(digits)),
  ];
  const merges = columns[0]?.[1].merges ?? [];
  printTable(
    ['', ...columns.map(([{ name }]) => name)],
    [
      row('trees (epochs included)', ({ partitions }) => partitions),
      row('nodes', ({ nodes }) => nodes),
      row('stacks', ({ stacks }) => stacks),
      row('dictionary on disk, KB', ({ dictionaryBytes }) => dictionaryBytes / 1000),
      row('all trees in arrays, MB', ({ arrayBytes }) => arrayBytes / 1e6, 1),
      row('all trees to read, RSS, MB', ({ readBytes }) => readBytes / 1e6, 1),
      row('newest tree to write, RSS, MB', ({ writeBytes }) => writeBytes / 1e6, 1),
      row('newest tree to write, load, ms', ({ writeMs }) => writeMs),
      row('newest tree, load, ms', ({ loadNewestMs }) => loadNewestMs, 1),
      row('all trees, load, ms', ({ loadAllMs }) => loadAllMs, 1),
      row('empty sums over newest tree, ms', ({ sumsMs }) => sumsMs, 2),
      ...merges.flatMap(({ name }, at) => [
        row(`${name}, first, ms`, ({ merges: all }) => all[at]?.coldMs ?? 0, 1),
        row(`${name}, again, ms`, ({ merges: all }) => all[at]?.warmMs ?? 0, 1),
      ]),
    ],
  );
  console.log('');
}
