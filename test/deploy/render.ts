import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  chartFolder,
  derivedFiles,
  goldenFolder,
  madeFromFile,
  plainHash,
  root,
  sourcesHash,
  valueSets,
} from '../support/chart.ts';
import { goldenOf } from '../support/chart-golden.ts';
import { plainFiles } from '../support/chart-plain.ts';
import { installedHelm, rendered } from '../support/helm.ts';

/**
 * Writes what is made from the chart and what the chart holds of others: its copies of rules and dashboard, its schema, plain YAML,
 * and `test/deploy/golden`, which `npm test` compares without Helm.
 */

const write = (file: string, text: string): void => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
};

for (const [path, text] of Object.entries(derivedFiles())) write(join(chartFolder, path), text);
const helm = await installedHelm();
for (const [path, text] of Object.entries(await plainFiles(helm))) write(join(root, 'deploy', path), text);
const goldens = new Map<string, string>();
for (const set of valueSets) goldens.set(`${set.name}.yaml`, goldenOf(await rendered(helm, set)));
for (const entry of readdirSync(goldenFolder)) rmSync(join(goldenFolder, entry));
for (const [name, text] of goldens) write(join(goldenFolder, name), text);
write(madeFromFile, `${JSON.stringify({ sources: sourcesHash(), plain: plainHash() }, null, 2)}\n`);
