import { parseSelector } from '../../src/model/matcher.ts';
import type { TimeWindow } from '../../src/model/units.ts';
import { plainView } from '../../src/model/view.ts';
import type { DiffQuestion } from '../../src/query/engine.ts';
import { cpuProfile, minuteMs, noonMs } from './query-ask.ts';
import { type MemoryProfile } from './query-memory-reader.ts';

/** Half an hour before noon, and the one after it. */
export const morning: TimeWindow = { fromMs: noonMs - 30 * minuteMs, toMs: noonMs };
export const afternoon: TimeWindow = { fromMs: noonMs, toMs: noonMs + 30 * minuteMs };

/** The afternoon compared with the morning, unless told otherwise. */
export function diffQuestion(query: string, options: Partial<DiffQuestion> = {}): DiffQuestion {
  const selector = parseSelector(query);
  return {
    kind: 'diff',
    compare: { selector, window: afternoon },
    base: { selector, window: morning },
    normalize: 'share',
    aggregation: 'avg',
    format: 'top',
    maxNodes: 1000,
    limit: 1000,
    sort: 'self',
    view: plainView,
    ...options,
  };
}

export interface DiffMeta extends Record<string, unknown> {
  readonly hint?: string;
  readonly warnings: readonly string[];
  readonly base: { readonly warnings: readonly string[]; readonly profiles: number };
  readonly factor: number;
  readonly baseFactor: number;
  readonly changeUnit: string;
}

export interface DiffTopAnswer {
  readonly unit: string;
  readonly rows: readonly DiffAnswerRow[];
  readonly total: number;
  readonly baseTotal: number;
  readonly meta: DiffMeta;
}

export interface DiffAnswerRow {
  readonly function: string;
  readonly file: string;
  readonly self: number;
  readonly total: number;
  readonly baseSelf: number;
  readonly baseTotal: number;
  readonly selfChange: number;
  readonly totalChange: number;
  readonly selfSpread: number | null;
  readonly totalSpread: number | null;
  readonly unsure: boolean;
}

export interface DiffGraphAnswer {
  readonly unit: string;
  readonly names: readonly string[];
  readonly name: readonly number[];
  readonly parent: readonly number[];
  readonly self: readonly number[];
  readonly total: readonly number[];
  readonly baseSelf: readonly number[];
  readonly baseTotal: readonly number[];
  readonly meta: DiffMeta;
}

/** Generated scrapes of one process: a profile of 10 s each minute, of so many samples of 10 ms of each function. */
export function scrapesOf(
  pod: string,
  window: TimeWindow,
  samplesAt: (minute: number) => Readonly<Record<string, number>>,
): MemoryProfile[] {
  const minutes = (window.toMs - window.fromMs) / minuteMs;
  return Array.from({ length: minutes }, (_, minute) => {
    const rows = Object.entries(samplesAt(minute)).map(
      ([name, samples]) => `main;${name} ${samples} ${samples}0000000`,
    );
    return cpuProfile(pod, window.fromMs + minute * minuteMs, rows.join('\n'));
  });
}

/** Chance that is the same in every run: numbers in [0, 1) of a seed (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A count of what comes by chance, so many of them on average (Knuth's way; a normal one where there are many). */
export function poisson(mean: number, random: () => number): number {
  if (mean > 100) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
  }
  let [count, left] = [0, Math.exp(-mean)];
  for (let product = random(); product > left; product *= random()) count++;
  return count;
}
