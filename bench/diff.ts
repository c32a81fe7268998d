import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseSelector } from '../src/model/matcher.ts';
import { minute, type TimeWindow, type UnixMs } from '../src/model/units.ts';
import { plainView, type View } from '../src/model/view.ts';
import type { DiffQuestion, MergeQuestion, Question, RangeQuestion } from '../src/query/engine.ts';
import { answerQuestion } from '../src/query/engine-local.ts';
import type { ProfileReader } from '../src/store/profile-store.ts';
import { openSqliteReader } from '../src/store/sqlite/reader.ts';
import { fillStore, moveToRecent } from './budgets/fill.ts';
import { cpuMsOf } from './cpu.ts';
import { median, printTable, shortNumber } from './table.ts';
import { hasGenerator } from './workload/reference.ts';

/**
 * What diffs, filters and one function over time cost in CPU, as multiples of the merge that shows as much: of an hour of chunks and
 * roll-ups. `node bench/diff.ts [services] [minutes]`
 */

const [services = 25, minutes = 60] = process.argv.slice(2).map(Number);
const repeats = 15;

interface Measured {
  readonly what: string;
  readonly question: Question;
  /** The name of the row that it is a multiple of. */
  readonly per?: string;
  /** The most it may be. */
  readonly goal?: string;
}

async function run(dataDir: string): Promise<void> {
  const part = { fromService: 0, toService: services, pods: 4, minutes, rolloutsPerDay: 2 };
  const { fromMs } = await fillStore(dataDir, [part], moveToRecent(Date.now()));
  await using reader = openSqliteReader({ dataDir });
  const workload = hasGenerator ? 'reference' : 'made';
  console.log(`${workload} workload: ${services} services, ${minutes} min; CPU in ms, median of ${repeats}\n`);
  const cpuOf = new Map<string, number>();
  const rows = questions(fromMs).map(({ what, question, per, goal = '' }) => {
    const { cpuMs, bytes } = measured(reader, question, Date.now());
    cpuOf.set(what, cpuMs);
    const ratio = per === undefined ? '' : `${(cpuMs / (cpuOf.get(per) ?? Number.NaN)).toFixed(2)} ×`;
    return [what, shortNumber(cpuMs), ratio, per === undefined ? '' : `of ${per}`, goal, shortNumber(bytes / 1000)];
  });
  printTable(['answer', 'CPU', 'ratio', '', 'goal', 'KB'], rows);
}

function measured(reader: ProfileReader, question: Question, nowMs: number): { cpuMs: number; bytes: number } {
  let bytes = 0;
  const ask = (): void => {
    const answer = answerQuestion(reader, question, nowMs);
    if (answer.kind === 'error') throw new Error(answer.error.message);
    bytes = answer.body.length;
  };
  for (let warm = 0; warm < 4; warm++) ask();
  return { cpuMs: median(Array.from({ length: repeats }, () => cpuMsOf(ask))), bytes };
}

function questions(fromMs: UnixMs): Measured[] {
  const whole = { fromMs, toMs: fromMs + minutes * minute };
  const middleMs = fromMs + (minutes * minute) / 2;
  const before = { fromMs, toMs: middleMs };
  const after = { fromMs: middleMs, toMs: whole.toMs };
  const one = `cpu{workload="svc-${services > 3 ? 3 : 0}"}`;
  const hidden: View = { ...plainView, presets: ['runtime'] };
  const focused: View = { ...plainView, filters: { focus: 'http' } };
  const withFilters = (query: string): Measured[] => [
    { what: `${query}, focus=http`, question: merge(query, whole, { view: focused }), per: query },
    { what: `${query}, hide runtime`, question: merge(query, whole, { view: hidden }), per: query },
  ];
  return [
    ...['cpu', 'heap', one].flatMap((query): Measured[] => {
      const half = `half of ${query}`;
      const goal = '2.5 ×';
      return [
        { what: half, question: merge(query, after) },
        { what: `diff of ${query}`, question: diff(query, after, before), per: half, goal },
        { what: `diff of ${query}, top`, question: diff(query, after, before, { format: 'top' }), per: half },
        { what: `diff of ${query}, pprof`, question: diff(query, after, before, { format: 'pprof' }), per: half },
        { what: query, question: merge(query, whole) },
        { what: `${query}, pprof`, question: merge(query, whole, { format: 'pprof' }), per: query },
      ];
    }),
    ...withFilters('cpu'),
    ...withFilters(one),
    { what: `totals of ${one}`, question: range(one, whole) },
    {
      what: `a function of ${one}`,
      question: { ...range(one, whole), functionName: 'runtime.mallocgc' },
      per: `totals of ${one}`,
    },
  ];
}

const shared = { aggregation: 'avg', maxNodes: 16_384, limit: 100, sort: 'self', view: plainView } as const;

function merge(query: string, window: TimeWindow, more: Partial<MergeQuestion> = {}): MergeQuestion {
  return { kind: 'merge', selector: parseSelector(query), window, format: 'flamegraph', ...shared, ...more };
}

function diff(query: string, compare: TimeWindow, base: TimeWindow, more: Partial<DiffQuestion> = {}): DiffQuestion {
  const selector = parseSelector(query);
  return {
    kind: 'diff',
    compare: { selector, window: compare },
    base: { selector, window: base },
    normalize: 'share',
    format: 'flamegraph',
    ...shared,
    ...more,
  };
}

function range(query: string, window: TimeWindow): RangeQuestion {
  return { kind: 'range', selector: parseSelector(query), window, stepMs: minute, groupBy: [], limit: 50 };
}

const folder = mkdtempSync(join(tmpdir(), 'flameherd-diff-'));
try {
  await run(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
