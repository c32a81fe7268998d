import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseSelector } from '../src/model/matcher.ts';
import { hour, minute } from '../src/model/units.ts';
import { plainView } from '../src/model/view.ts';
import type { MergeFormat, MergeQuestion } from '../src/query/engine.ts';
import { answerQuestion } from '../src/query/engine-local.ts';
import type { ProfileReader } from '../src/store/profile-store.ts';
import { CallTrees } from '../src/store/sqlite/read/call-tree.ts';
import { openSqliteReader } from '../src/store/sqlite/reader.ts';
import { openSqliteWriter } from '../src/store/sqlite/writer.ts';
import { cpuMsOf } from './cpu.ts';
import { type Filled, fillStore } from './fill-store.ts';
import { settle } from './settle.ts';
import { median, printTable, shortNumber } from './table.ts';

/**
 * What an answer costs in CPU time and where it goes: adding up, the tree of names, and all that follows (choosing, sorting,
 * JSON). Of chunks and roll-ups, as an hour is asked about that is over. `node bench/views.ts [services] [minutes]`
 */

const [services = 25, minutes = 60] = process.argv.slice(2).map(Number);
const repeats = 21;
const dataDir = mkdtempSync(join(tmpdir(), 'flameherd-views-'));
/** Of the answer being measured. */
let treeMs = 0;

try {
  timeTrees();
  await run();
} finally {
  rmSync(dataDir, { recursive: true, force: true });
}

async function run(): Promise<void> {
  const filled = await fillStore(dataDir, services, minutes);
  const maxBytes = Number.MAX_SAFE_INTEGER;
  const endMs = filled.fromMs + minutes * minute;
  {
    const retention = { maxAgeMs: 1e13, maxBytes };
    await using writer = openSqliteWriter({
      dataDir,
      minFreeBytes: 0,
      synchronous: 'normal',
      retention,
      now: () => endMs,
    });
    await settle(writer, { dataDir, maxBytes }, endMs + 4 * hour);
  }
  await using reader = openSqliteReader({ dataDir });
  console.log(`${filled.name}: ${services} services, ${minutes} min; CPU in ms, median of ${repeats}\n`);
  const queries = ['cpu', 'heap', `cpu{workload="${filled.service}"}`, `heap{workload="${filled.service}"}`];
  const rows = queries.flatMap((query) =>
    (['flamegraph', 'top', 'pprof'] as const).map((format) => measured(reader, query, format, filled)),
  );
  printTable(['answer', 'all', 'of it tree', 'bytes'], rows);
}

function measured(reader: ProfileReader, query: string, format: MergeFormat, { fromMs }: Filled): string[] {
  const question: MergeQuestion = {
    kind: 'merge',
    selector: parseSelector(query),
    window: { fromMs, toMs: fromMs + minutes * minute },
    aggregation: 'avg',
    format,
    maxNodes: 16_384,
    limit: 100,
    sort: 'self',
    view: plainView,
  };
  const nowMs = fromMs + 5 * hour;
  let bytes = 0;
  const ask = (): void => {
    const answer = answerQuestion(reader, question, nowMs);
    if (answer.kind === 'error') throw new Error(answer.error.message);
    bytes = answer.body.length;
  };
  for (let warm = 0; warm < 5; warm++) ask();
  const runs = Array.from({ length: repeats }, () => {
    treeMs = 0;
    return { allMs: cpuMsOf(ask), treeMs };
  });
  const [all, tree] = [median(runs.map((one) => one.allMs)), median(runs.map((one) => one.treeMs))];
  return [`${query} ${format}`, shortNumber(all), tree === 0 ? '' : shortNumber(tree), String(bytes)];
}

/** The reader makes its trees out of sight: they are timed on the way. */
function timeTrees(): void {
  const made: CallTrees['ofSums'] = Reflect.get(CallTrees.prototype, 'ofSums');
  CallTrees.prototype.ofSums = function (...given) {
    const before = process.cpuUsage();
    const tree = made.apply(this, given);
    const { user, system } = process.cpuUsage(before);
    treeMs += (user + system) / 1000;
    return tree;
  };
}
