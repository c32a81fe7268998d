import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseByteSize } from '../src/model/byte-size.ts';
import { day } from '../src/model/units.ts';
import { type SoakMoment, soakScraped } from './soak/scraped.ts';
import { type SoakDay, soak } from './soak/simulated.ts';
import { shortNumber } from './table.ts';

/**
 * Whether anything grows that should not:
 *
 *     node bench/soak.ts [--days 30] [--services 5] [--cap 300MB]      50 series, simulated days, a byte cap that bites
 *     node bench/soak.ts --scraped 120 [--services 50] [--every 10]    1,000 series scraped in real time for two hours
 */
const { values: options } = parseArgs({
  options: {
    days: { type: 'string', default: '30' },
    services: { type: 'string' },
    cap: { type: 'string', default: '300MB' },
    scraped: { type: 'string' },
    every: { type: 'string', default: '10' },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'flameherd-soak-'));
try {
  if (options.scraped === undefined) await simulated();
  else await scraped(Number(options.scraped));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function simulated(): Promise<void> {
  const services = Number(options.services ?? 5);
  const maxBytes = parseByteSize(options.cap) ?? 300e6;
  console.log(`${10 * services} series, a scrape a minute, a deploy a day, cap ${options.cap}\n`);
  const seen: SoakDay[] = [];
  const onDay = (now: SoakDay): void => {
    const columns = columnsOf(now);
    if (seen.length === 0) line(['day', ...columns.map(([name]) => name)]);
    line([String(now.day), ...columns.map(([, value]) => shortNumber(value))]);
    seen.push(now);
  };
  await soak({
    dataDir: join(folder, 'data'),
    services,
    days: Number(options.days),
    maxBytes,
    maxAgeMs: 7 * day,
    onDay,
  });
  verdicts(seen, maxBytes);
}

function columnsOf({ byKind, questions, ...now }: SoakDay): [name: string, value: number][] {
  const files = Object.values(byKind).reduce((sum, kind) => sum + kind.files, 0);
  return [
    ['RSS MB', now.residentBytes / 1e6],
    ['live MB', now.liveBytes / 1e6],
    ['trees MB', now.treeBytes / 1e6],
    ['disk MB', now.diskBytes / 1e6],
    ...(['meta', 'detail', 'roll1h', 'roll1d'] as const).map((kind): [string, number] => [
      `${kind} MB`,
      byKind[kind].bytes / 1e6,
    ]),
    ['files', files],
    ['held h', now.heldHours],
    ['append us', now.appendCpuUs],
    ...questions.map(({ name, ms }): [string, number] => [`${name} ms`, ms]),
  ];
}

/** The last days beside day 2, and what the last removal freed. */
function verdicts(seen: readonly SoakDay[], maxBytes: number): void {
  const [, second] = seen;
  const last = seen.at(-1);
  if (!second || !last) return;
  const mostDisk = Math.max(...seen.map(({ diskBytes }) => diskBytes));
  console.log(`\ndisk at most ${shortNumber((100 * mostDisk) / maxBytes)} % of the cap`);
  console.log(`RSS ${shortNumber(last.residentBytes / second.residentBytes)} × that of day 2`);
  console.log(`heap and arrays ${shortNumber(last.liveBytes / second.liveBytes)} × those of day 2`);
  console.log(`trees of the writer ${shortNumber(last.treeBytes / second.treeBytes)} × those of day 2`);
  for (const [at, { name, ms }] of second.questions.entries()) {
    const lastMs = last.questions[at]?.ms ?? Number.NaN;
    console.log(`${name}: ${shortNumber(lastMs)} ms, ${shortNumber(lastMs / ms)} × day 2`);
  }
  const { retention } = last;
  if (!retention) return;
  const [before, after, removed] = [retention.before, retention.after, retention.removed].map((bytes) =>
    shortNumber(bytes / 1e6),
  );
  console.log(`the last run of retention: du ${before} MB before, ${after} MB after; ${removed} MB said to be removed`);
}

async function scraped(minutes: number): Promise<void> {
  const services = Number(options.services ?? 50);
  const targets = { services, pods: 4, copies: 1, copiesAre: 'pods' } as const;
  line(['minute', 'RSS MB', 'disk MB', 'profiles', 'cpu %', '1 service ms', 'all ms']);
  await soakScraped(folder, targets, minutes, Number(options.every), (now: SoakMoment) => {
    const { residentBytes, diskBytes, stored, cpuShare, oneServiceMs, allMs } = now;
    const numbers = [residentBytes / 1e6, diskBytes / 1e6, stored, 100 * cpuShare, oneServiceMs, allMs];
    line([String(now.minute), ...numbers.map(shortNumber)]);
  });
}

function line(cells: readonly string[]): void {
  console.log(cells.map((cell) => cell.padStart(12)).join(' '));
}
