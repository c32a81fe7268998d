import { loadavg } from 'node:os';
import { gzipSync } from 'node:zlib';
import { launchBrowser } from '../test/ui/browser/support/browser.ts';
import { serveStand } from '../test/ui/flame/stand/serve.ts';
import { median, printTable, shortNumber } from './table.ts';
import { type Visit, visit } from './ui/measure.ts';
import { type DataSet, dataSets } from './ui/sets.ts';

/**
 * What flame graphs cost in a browser: opening, zooming, searching, pointing, memory. The graph is alone on a page, built and
 * served as the product's pages are, in a headless Chromium without a GPU. `node bench/ui.ts [repeats]`
 */

const [repeats = 5] = process.argv.slice(2).map(Number);
const columns: readonly { readonly key: keyof Visit; readonly title: string; readonly goal: string }[] = [
  { key: 'open', title: 'open', goal: '≤ 400' },
  { key: 'parse', title: 'parse', goal: '' },
  { key: 'paint', title: 'paint', goal: '' },
  { key: 'openCpu', title: 'open CPU', goal: '' },
  { key: 'zoom', title: 'zoom', goal: '≤ 100' },
  { key: 'zoomCpu', title: 'zoom CPU', goal: '' },
  { key: 'search', title: 'search', goal: '' },
  { key: 'hover', title: 'hover p95', goal: '' },
  { key: 'top', title: 'table', goal: '' },
  { key: 'sandwich', title: 'sandwich', goal: '' },
  { key: 'frozen', title: 'frozen', goal: '≤ 200' },
  { key: 'heap', title: 'heap MB', goal: '≤ 60' },
];

const sets = dataSets();
const stand = await serveStand(Object.fromEntries(sets.map(({ name, answer }) => [fileOf(name), answer])));
const browser = await launchBrowser();
try {
  console.log(`Chromium ${browser.version()}, load ${loadavg()[0]?.toFixed(1)}; ms, medians of ${repeats}\n`);
  printTable(['set', 'nodes', 'deep', 'names', 'at 1 px', 'JSON MB', 'gz MB'], sets.map(sizeRow));
  console.log('');
  const rows: string[][] = [];
  for (const set of sets) rows.push([set.name, ...(await measured(set))]);
  printTable(['set', ...columns.map(({ title }) => title)], [...rows, ['goal', ...columns.map(({ goal }) => goal)]]);
} finally {
  await browser.close();
  await stand[Symbol.asyncDispose]();
}

async function measured({ name, colours }: DataSet): Promise<string[]> {
  const url = `${stand.url}/?data=${fileOf(name)}&colours=${colours}`;
  // The first visit compiles what all others reuse.
  await visit(browser, url);
  const visits: Visit[] = [];
  for (let round = 0; round < repeats; round++) visits.push(await visit(browser, url));
  return columns.map(({ key }) => shortNumber(median(visits.map((one) => one[key]))));
}

function sizeRow({ name, answer }: DataSet): string[] {
  const level: number[] = [];
  for (const [node, parent] of answer.parent.entries()) level[node] = parent < 0 ? 0 : (level[parent] ?? 0) + 1;
  const json = JSON.stringify(answer);
  const seen = answer.total.filter((total) => total / (answer.total[0] ?? 1) >= 1 / 1500).length;
  const sizes = [json.length / 1e6, gzipSync(json).length / 1e6].map((size) => size.toFixed(2));
  const depth = level.reduce((deepest, own) => Math.max(deepest, own), 0);
  return [
    name,
    ...[answer.name.length, depth, answer.names.length, seen].map((count) => count.toLocaleString('en-US')),
    ...sizes,
  ];
}

function fileOf(name: string): string {
  return name.replaceAll(' ', '-');
}
