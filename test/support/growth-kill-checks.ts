import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { otherFunction } from '../../src/model/growth.ts';
import { type CounterWatch, seriesKey } from './counter-watch.ts';
import { type KilledRun, type KillRun, rateMs } from './growth-kill.ts';
import { objectBytes, type SyntheticFunction } from './growth-targets.ts';

/** A counter may be read this many times as fast as it really rose. */
const mostOfTruth = 1.5;
/** Without a kill what is known must come out as near as this: a window of 30 s holds one interval more or less. */
const nearTruth = 0.15;
/** Prometheus and the watch read at moments of their own. */
const slackMs = 1500;

/** What a counter must rise by in a second, known from what the programs do and from the schedule. */
export interface KnownRate {
  /** Selects one series. */
  readonly selector: string;
  readonly perSecond: number;
}

/** Functions told of by name; the rest is one series. */
const namedFunctions = 10;

export function knownRates({ programs, intervalSeconds, profiles }: KillRun): readonly KnownRate[] {
  return programs.flatMap(({ name: workload, functions }) => {
    const of = (name: string, perSecond: number, more: Readonly<Record<string, string>> = {}): KnownRate => ({
      selector: seriesKey(name, { workload, ...more }),
      perSecond,
    });
    const byFunction = (name: string, rateOf: (each: SyntheticFunction) => number): readonly KnownRate[] => {
      const largest = functions.toSorted((a, b) => rateOf(b) - rateOf(a));
      const rest = largest.slice(namedFunctions);
      return [
        ...largest.slice(0, namedFunctions).map((each) => of(name, rateOf(each), { function: each.name })),
        ...(rest.length === 0 ? [] : [of(name, sum(rest.map(rateOf)), { function: otherFunction })]),
      ];
    };
    const allocated = sum(functions.map(({ allocates }) => allocates));
    return [
      of('flameherd_heap_alloc_bytes_total', allocated),
      of('flameherd_heap_alloc_objects_total', allocated / objectBytes),
      ...byFunction('flameherd_function_heap_alloc_bytes_total', ({ allocates }) => allocates),
      ...(profiles.includes('cpu') ? byFunction('flameherd_function_cpu_seconds_total', ({ cores }) => cores) : []),
      of('flameherd_scrapes_total', profiles.length / intervalSeconds),
    ];
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The counters whose truth is known: right as long as nobody is killed, and never far above it. */
export async function checkKnownRates(t: TestContext, run: KillRun, killed: KilledRun): Promise<void> {
  const worst = new Map<string, number>();
  for (const { selector, perSecond } of knownRates(run)) {
    const series = await ratesOf(killed, selector);
    assert.equal(series.length, 1, `${selector} selects ${series.length} series`);
    const points = series[0]?.points ?? [];
    const calm = points.filter(({ timeMs }) => timeMs < killed.firstKillMs).map(({ value }) => value);
    const median = calm.toSorted((a, b) => a - b)[Math.floor(calm.length / 2)] ?? 0;
    assert.ok(
      Math.abs(median / perSecond - 1) < nearTruth,
      `${selector}: ${median} before the kills, not ${perSecond}`,
    );
    const most = Math.max(...points.map(({ value }) => value / perSecond));
    assert.ok(most <= mostOfTruth, `${selector}: ${most} times its true rate`);
    const [name = ''] = selector.split('{');
    worst.set(name, Math.max(most, worst.get(name) ?? 0));
  }
  for (const [name, most] of worst) t.diagnostic(`${name}: at most ${most.toFixed(2)} times its true rate`);
}

/** All counters there are: Prometheus never makes more of them than the daemons counted, for each of them began at 0. */
export async function checkAllCounters(t: TestContext, killed: KilledRun): Promise<void> {
  const { watch } = killed;
  let checked = 0;
  const wrong: string[] = [];
  for (const name of watch.names) {
    for (const rates of await ratesOf(killed, name)) {
      checked++;
      assertBeginsAnew(watch, rates.series);
      const text = overcounted(watch, rates);
      if (text !== undefined) wrong.push(text);
    }
  }
  assert.deepEqual(wrong, []);
  t.diagnostic(`${checked} series of ${watch.names.length} counters`);
}

export interface SeriesRates {
  readonly series: string;
  readonly points: readonly { readonly timeMs: number; readonly value: number }[];
}

/** What `rate()` gave in each second from the first whole window on. */
async function ratesOf({ prometheus, startedMs, endedMs }: KilledRun, selector: string): Promise<SeriesRates[]> {
  const expression = `rate(${selector}[${rateMs / 1000}s])`;
  const found = await prometheus.queryRange(expression, startedMs + 1.5 * rateMs, endedMs, 1000);
  const [name = ''] = selector.split('{');
  return found.map(({ labels, points }) => ({ series: seriesKey(name, labels), points }));
}

/** Where Prometheus read more than the daemons counted, at its worst. */
export function overcounted(watch: CounterWatch, { series, points }: SeriesRates): string | undefined {
  let worst = { times: mostOfTruth, text: '' };
  for (const { timeMs, value } of points) {
    if (value === 0) continue;
    const counted = watch.increase(series, timeMs - rateMs - slackMs, timeMs + slackMs);
    const read = (value * rateMs) / 1000;
    // Of what happens once in a while: Prometheus extrapolates to the edges of the window, and makes two of one.
    const once = Number.isInteger(counted) ? 1 : 0;
    const text = `${series}: ${read} read, ${counted} counted in ${rateMs / 1000} s`;
    const times = (read - once) / counted;
    if (times > worst.times + 1e-9) worst = { times, text };
  }
  return worst.text === '' ? undefined : worst.text;
}

/** A counter that goes on from an older value is the mistake that this is about: after a long first life it is plain to see. */
export function assertBeginsAnew(watch: CounterWatch, series: string): void {
  const { before, after } = watch.acrossKill(0, series) ?? { before: 0, after: 0 };
  if (before > 0) assert.ok(after <= before / 2, `${series} was ${before} before the kill and ${after} after it`);
}

/** What fired at any time, as `ALERT WORKLOAD`: once, though its severity may rise. */
export async function everFired({ prometheus, startedMs, endedMs }: KilledRun): Promise<readonly string[]> {
  const seconds = Math.ceil((endedMs - startedMs) / 1000);
  const fired = await prometheus.query(`count_over_time(ALERTS{alertstate="firing"}[${seconds}s])`, endedMs);
  return [...new Set(fired.map(({ labels }) => `${labels['alertname']} ${labels['workload'] ?? ''}`.trim()))].sort();
}
