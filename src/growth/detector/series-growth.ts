import type { Baseline, Gate } from '../../model/growth.ts';
import { type Level, newness, type Past } from './baselines.ts';
import {
  bucketsPerHalf,
  bucketsPerHour,
  bucketsPerWatch,
  envelopeOptions,
  heldOptions,
  heldShare,
  shortFloors,
  steadyHold,
  steadyOptions,
  weekOptions,
} from './options.ts';
import { GateCounter, type GateRecorder, type Probe } from './probe.ts';
import type { FollowedProcess, Series } from './process.ts';
import { Window } from './rings.ts';
import { envelope, type Needs, type Shape, steady } from './shapes.ts';

/** Does one series grow, and is it news? */

/** Growth in buckets. */
export interface Growth {
  readonly rise: number;
  /** Per bucket. */
  readonly slope: number;
  readonly low: number;
  readonly high: number;
  /** The bucket at the left edge of the window that shows it. */
  readonly from: number;
  readonly isSteady: boolean;
  readonly baseline: Baseline;
}

const window = new Window();

/** How far back of the newest half-hour the windows of a shape reach; a week's knows the days itself. */
const steadyHalves = 12;
const envelopeHalves = 16;

/** Conditions of a shape that has been met, so that a shape that is met is always further than one that is not. */
const shapeMet = 20;

interface Way {
  readonly shape: Shape | undefined;
  readonly probe: Probe;
  /** Buckets of a place of its window. */
  readonly buckets: number;
}

interface Ways {
  readonly steady: Way;
  readonly envelope: Way;
  readonly week: Way;
}

function waysOf(
  { rings }: FollowedProcess,
  { row }: Series,
  needs: Needs,
  probes: readonly [Probe, Probe, Probe],
): Ways {
  const [s, e, w] = probes;
  const halves = rings.long(row, envelopeOptions.window, window);
  const envelopeShape = envelope(withoutFirst(halves, envelopeOptions.window), needs, envelopeOptions, e);
  const watches = rings.week(row, weekOptions.window, window);
  const weekShape = envelope(withoutFirst(watches, weekOptions.window), needs, weekOptions, w);
  return {
    steady: { shape: steady(rings.short(row, shortFloors, window), needs, steadyOptions, s), probe: s, buckets: 1 },
    envelope: { shape: envelopeShape, probe: e, buckets: bucketsPerHalf },
    week: { shape: weekShape, probe: w, buckets: bucketsPerWatch },
  };
}

/** The first floor of a young process is left out: it may be of its very start. */
function withoutFirst(w: Window, length: number): Window {
  if (w.n === 0 || w.n === length) return w;
  w.v.copyWithin(0, 1, w.n);
  w.k.copyWithin(0, 1, w.n);
  w.n--;
  return w;
}

const counters: readonly [GateCounter, GateCounter, GateCounter] = [
  new GateCounter(),
  new GateCounter(),
  new GateCounter(),
];

/** Tests a series at the end of a bucket, once per bucket: it remembers for how long it has grown. */
export function judgeSeries(process: FollowedProcess, series: Series, needs: Needs, past: Past): Growth | undefined {
  for (const counter of counters) counter.passed = 0;
  const ways = waysOf(process, series, needs, counters);
  series.steady = ways.steady.shape ? series.steady + 1 : 0;
  series.envelope = ways.envelope.shape ? series.envelope + 1 : 0;
  series.week = ways.week.shape ? series.week + 1 : 0;
  if (ways.steady.shape || ways.envelope.shape) series.lastHit = process.rings.bucket;
  const probe = new GateCounter();
  const growth = newGrowth(process, series, ways, needs, past, probe);
  series.stage = furthest(ways).probe.passed + (isMet(ways) ? shapeMet : 0) + probe.passed;
  if (growth) series.grew = true;
  return growth ?? heldGrowth(process, series, new GateCounter());
}

/**
 * Growth that was found, and goes on: of a series by half of what it needed then, since a share of what the heap came to would let
 * a leak of constant rate end, and one evaluation that sampling blurs would end and begin it again.
 */
function heldGrowth({ rings }: FollowedProcess, series: Series, probe: Probe): Growth | undefined {
  const { found } = series;
  if (!found) return undefined;
  const needs: Needs = { need: heldShare * found.need, weight: series.weight };
  const shape = steady(rings.short(series.row, shortFloors, window), needs, heldOptions, probe);
  return shape && { ...shape, isSteady: true, baseline: found.baseline };
}

/** The conditions of a series that was judged in this bucket, up to the first that fails. Changes nothing. */
export function gatesOf(
  process: FollowedProcess,
  series: Series,
  needs: Needs,
  past: Past,
  recorder: () => GateRecorder,
): { gates: readonly Gate[]; growth: Growth | undefined } {
  const ways = waysOf(process, series, needs, [recorder(), recorder(), recorder()]);
  const after = recorder();
  const growth = newGrowth(process, series, ways, needs, past, after);
  const { probe } = chosen(series, ways).way;
  return { gates: [...(probe as GateRecorder).gates, ...after.gates], growth };
}

const waysIn = ({ steady: s, envelope: e, week: w }: Ways): readonly [Way, Way, Way] => [s, e, w];
const isMet = (ways: Ways): boolean => waysIn(ways).some(({ shape }) => shape);

/** The way that shows growth, else the one on which the series came furthest. */
function furthest(ways: Ways): Way {
  const all = waysIn(ways);
  const met = all.find(({ shape }) => shape);
  return met ?? all.reduce((best, way) => (way.probe.passed > best.probe.passed ? way : best));
}

/** The first shape that is met and was held for long enough, else the first that is met. */
function chosen({ steady: s, envelope: e, week: w }: Series, ways: Ways): { way: Way; streak: number; hold: number } {
  const all = [
    { way: ways.steady, streak: s, hold: steadyHold },
    { way: ways.envelope, streak: e, hold: envelopeOptions.hold },
    { way: ways.week, streak: w, hold: weekOptions.hold },
  ];
  const met = all.filter(({ way }) => way.shape);
  return met.find(({ streak, hold }) => streak >= hold) ?? met[0] ?? { way: furthest(ways), streak: 0, hold: 1 };
}

function newGrowth(
  process: FollowedProcess,
  series: Series,
  ways: Ways,
  needs: Needs,
  past: Past,
  probe: Probe,
): Growth | undefined {
  const { way, streak, hold } = chosen(series, ways);
  const { shape, buckets } = way;
  if (!shape || !probe.atLeast('held', streak, hold, 'count')) return undefined;
  const isSteady = way === ways.steady;
  const now = process.rings.recent(series.row, bucketsPerHour);
  const level: Level = { ...needs, rings: process.rings, row: series.row, now };
  const baseline: Baseline | undefined =
    way === ways.week
      ? { kind: 'earlier', level: now - shape.rise }
      : newness(level, shape, isSteady ? steadyHalves : envelopeHalves, past, probe);
  if (!baseline) return undefined;
  return {
    rise: shape.rise,
    slope: shape.slope / buckets,
    low: shape.low / buckets,
    high: shape.high / buckets,
    from: shape.from * buckets,
    isSteady,
    baseline,
  };
}
