import type { DurationMs, TimeWindow, UnixMs } from '../../src/model/units.ts';
import { minute, second } from '../../src/model/units.ts';
import { type Asker, formatTimed } from './ask.ts';
import type { BudgetName, BudgetRow } from './reference-figures.ts';

type Question = [path: string, parameters: Readonly<Record<string, string | number>>];

interface TimedQuestion {
  readonly name: BudgetName;
  readonly what: string;
  readonly questions: Question[];
}

/** A service whose load is in the middle of all. */
export const oneService = 'svc-3';

export const unaligned: TimeWindow = { fromMs: 17 * minute + 13 * second, toMs: 42 * minute + 13 * second };

/** What the budgets ask of one hour of `services` services. */
export function hourQuestions(hourMs: UnixMs, services: number): TimedQuestion[] {
  const one = `{workload="${oneService}"}`;
  const hour = within(hourMs, 0, 60 * minute);
  const part = within(hourMs, unaligned.fromMs, unaligned.toMs);
  const halves = [within(hourMs, 0, 30 * minute), within(hourMs, 30 * minute, 60 * minute)];
  const all = `all ${services} services`;
  return [
    single('oneServiceCpu', 'flame graph, 1 service, 1 h, cpu', flame(`cpu${one}`, hour)),
    single('oneServiceHeap', 'flame graph, 1 service, 1 h, heap', flame(`heap${one}`, hour)),
    single('allCpu', `flame graph, ${all}, 1 h, cpu`, flame('cpu', hour)),
    single('allHeap', `flame graph, ${all}, 1 h, heap`, flame('heap', hour)),
    single('pprofCpu', 'pprof, 1 service, 1 h, cpu', pprof(`cpu${one}`, hour)),
    single('pprofHeap', 'pprof, 1 service, 1 h, heap', pprof(`heap${one}`, hour)),
    single('series', `cpu by service, ${all}, 1 h by minute`, [
      '/api/v1/query_range',
      { query: 'cpu', ...hour, step: '60s', group_by: 'workload' },
    ]),
    single('halves', 'diff of two half-hours, 1 service, cpu', diff(`cpu${one}`, halves)),
    single('halvesAll', `diff of two half-hours, ${all}, cpu`, diff('cpu', halves)),
    single('unalignedCpu', 'flame graph, 1 service, 25 min, cpu', flame(`cpu${one}`, part)),
    single('unalignedHeap', 'flame graph, 1 service, 25 min, heap', flame(`heap${one}`, part)),
  ];
}

/** One service over a whole day, and all of them over a UTC day and over 24 hours that begin within an hour. */
export function dayQuestions(name: BudgetName, what: string, query: string, window: TimeWindow): TimedQuestion[] {
  const parameters = { from: window.fromMs, to: window.toMs };
  return ['cpu', 'heap'].map((type) =>
    single(name, `flame graph, ${what}, ${type}`, flame(`${type}${query}`, parameters)),
  );
}

/** One service over a whole day as `go tool pprof` fetches it. */
export function exportQuestions(what: string, query: string, window: TimeWindow): TimedQuestion[] {
  const parameters = { from: window.fromMs, to: window.toMs };
  return ['cpu', 'heap'].map((type) =>
    single('pprofDay', `pprof, ${what}, ${type}`, pprof(`${type}${query}`, parameters)),
  );
}

export async function timed(asker: Asker, questions: readonly TimedQuestion[]): Promise<BudgetRow[]> {
  const rows: BudgetRow[] = [];
  for (const { name, what, questions: asked } of questions) {
    rows.push({ name, what, ours: formatTimed(await asker.time(asked)) });
  }
  return rows;
}

function single(name: BudgetName, what: string, question: Question): TimedQuestion {
  return { name, what, questions: [question] };
}

function within(hourMs: UnixMs, fromMs: DurationMs, toMs: DurationMs): { readonly from: number; readonly to: number } {
  return { from: hourMs + fromMs, to: hourMs + toMs };
}

function flame(query: string, window: { readonly from: number; readonly to: number }): Question {
  return ['/api/v1/merge', { query, ...window, format: 'flamegraph' }];
}

function pprof(query: string, window: { readonly from: number; readonly to: number }): Question {
  return ['/api/v1/merge', { query, ...window, format: 'pprof' }];
}

function diff(query: string, [before, after]: readonly { readonly from: number; readonly to: number }[]): Question {
  const base = { base_from: before?.from ?? 0, base_to: before?.to ?? 0 };
  return ['/api/v1/diff', { query, from: after?.from ?? 0, to: after?.to ?? 0, ...base, format: 'flamegraph' }];
}
