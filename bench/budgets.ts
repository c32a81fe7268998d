import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Asker } from './budgets/ask.ts';
import { measureDays } from './budgets/days.ts';
import { cpuPerProfile, diskPerProfile, fillStore, moveToRecent } from './budgets/fill.ts';
import { killLoss } from './budgets/kill.ts';
import { measureLong } from './budgets/long.ts';
import { measureMemory } from './budgets/memory.ts';
import { hourQuestions, timed } from './budgets/questions.ts';
import { type BudgetName, type BudgetRow, reference } from './budgets/reference-figures.ts';
import { measureRows } from './budgets/rows.ts';
import { openDaemon, readyAfterMs } from './daemon.ts';
import { printTable } from './table.ts';
import { hasGenerator, wideParts } from './workload/reference.ts';
import { scrapesOf } from './workload/scrapes.ts';

/**
 * The budgets of the storage design, one by one, on the reference workload:
 *
 *     node bench/budgets.ts [--services 25|50|N] [--minutes 60] [--only wide,days,long,rows,memory,kill]
 */
const { values: options } = parseArgs({
  options: {
    services: { type: 'string', default: '25' },
    minutes: { type: 'string', default: '60' },
    only: { type: 'string', default: 'wide,rows,days,kill' },
  },
});
const services = Number(options.services);
const minutes = Number(options.minutes);
const wanted = new Set(options.only.split(','));
const parts = wideParts
  .filter(({ fromService }) => fromService < services)
  .map((part) => ({ ...part, toService: Math.min(part.toService, services), minutes }));

const folder = mkdtempSync(join(tmpdir(), 'flameherd-budgets-'));
const rows: BudgetRow[] = [];
let rowsLayout: Partial<Record<BudgetName, string>> = {};
try {
  console.log(
    `${hasGenerator ? 'reference' : 'made'} workload, ${services} services × 4 pods × 5 kinds × ${minutes} min\n`,
  );
  if (wanted.has('wide') || wanted.has('days')) await wide();
  if (wanted.has('long')) rows.push(...(await measureLong(join(folder, 'long'))));
  if (wanted.has('memory')) await memory();
  if (wanted.has('kill')) rows.push({ name: 'kill', what: 'acknowledged profiles lost by kill -9', ours: killLoss(5) });
  print();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function wide(): Promise<void> {
  const dataDir = join(folder, 'wide');
  const moveMs = moveToRecent(Date.now());
  if (wanted.has('wide')) {
    const ms = await readyAfterMs(join(folder, 'empty'), 5);
    rows.push({ name: 'readyEmpty', what: 'ready on an empty store', ours: `${(ms / 1000).toFixed(2)} s` });
  }
  const filled = await fillStore(dataDir, parts, moveMs, join(folder, 'heads'));
  rows.push(
    {
      name: 'cpu',
      what: 'CPU per profile, all in',
      ours: cpuPerProfile(filled),
    },
    { name: 'disk', what: 'disk per profile', ours: diskPerProfile(dataDir, filled.profiles) },
  );
  if (wanted.has('wide')) {
    const daemon = await openDaemon(dataDir);
    const asker = new Asker(daemon);
    rows.push(...(await timed(asker, hourQuestions(filled.fromMs, services))));
    asker.close();
    await daemon.stop();
  }
  if (wanted.has('rows')) {
    // A part of the services is enough: what it takes for one does not depend on how many there are.
    const [part] = parts;
    console.log(`row per sample: ${part?.toService} services; its merges are SQL alone, without a tree and HTTP`);
    if (part) rowsLayout = await measureRows(join(folder, 'rows'), scrapesOf(part, moveMs), filled.fromMs);
  }
  if (wanted.has('days')) rows.push(...(await measureDays(dataDir, join(folder, 'heads'), filled.fromMs, services)));
}

async function memory(): Promise<void> {
  for (const [name, copies, copiesAre] of [
    ['memory1000', 1, 'pods'],
    ['memory10000', 10, 'pods'],
    ['memory10000', 10, 'services'],
  ] as const) {
    const measured = await measureMemory({ services: 50, pods: 4, copies, copiesAre }, 6);
    const workloads = copiesAre === 'services' ? 50 * copies : 50;
    rows.push({
      name,
      what: `RSS scraping ${measured.series} series of ${workloads} services, 6 min`,
      ours: `${(measured.resident / 1e6).toFixed(0)} MB (peak ${(measured.peak / 1e6).toFixed(0)}), ${(100 * measured.cpuShare).toFixed(0)} % of a core`,
    });
  }
}

function print(): void {
  console.log(
    `load average of the last minute: ${loadavg()[0]?.toFixed(1)}; answers: median of 15 [least–most], CPU of the daemon\n`,
  );
  printTable(
    ['what', 'ours', 'budget', 'stretch', 'row per sample', 'Pyroscope 2.2', 'Parca 0.28'],
    rows.map(({ name, what, ours }) => {
      const { budget, stretch, pyroscope, parca } = reference[name];
      return [what, ours, budget, stretch, rowsLayout[name] ?? '–', pyroscope, parca];
    }),
  );
}
