import type { Scenario, Simulator } from './growth-runs.ts';

/** Shapes besides the corpus', in the simulator's form: what real services do that is no leak, and leaks that hide in it. */

const MiB = 2 ** 20;
const hour = 3600;
const day = 24 * hour;

type Drawn = Readonly<Record<string, number>>;
interface Random {
  between(low: number, high: number): number;
  int(low: number, high: number): number;
}

export interface Shape {
  readonly draw: (r: Random, hours: number) => Drawn;
  /** Bytes the suspected function wants, by age and time in seconds. */
  readonly level: (q: Drawn, age: number, t: number, pod: number, revision: number) => number;
  readonly churn?: (q: Drawn, age: number, t: number) => number;
  readonly revisions?: (q: Drawn) => readonly number[];
  readonly restarts?: (q: Drawn, pod: number) => { readonly every: number };
  readonly truth: (q: Drawn) => object;
  readonly hours: number;
  readonly pods?: number;
}

const at = (q: Drawn, name: string): number => q[name] ?? 0;
const cycle = (t: number, phase: number): number => 0.5 - 0.5 * Math.cos((2 * Math.PI * (t - phase)) / day);
const swing = (q: Drawn, t: number): number => at(q, 'base') * at(q, 'swing') * cycle(t, at(q, 'phase'));

const none = (tolerated: number) => () => ({
  leak: null,
  expect: { signal: 'inuse', verdict: 'none', tolerated_until_hours: tolerated },
});
const leak =
  (by: number | null, quiet = 0) =>
  (q: Drawn) => ({
    leak: { functions: ['app.suspect'] },
    expect: {
      signal: 'inuse',
      verdict: by === null ? 'optional' : 'leak',
      fire_by_hours: by,
      quiet_until_hours: at(q, 'quiet') || quiet,
    },
  });
/** A fill that ends teaches nothing before: it is told from a leak only when it is over. */
const fillTruth = (name: string) => (q: Drawn) => none(at(q, name) / hour + 6)();

const base = (r: Random): number => r.between(80, 300) * MiB;
const diurnal = (r: Random): Drawn => ({ base: base(r), swing: r.between(0.3, 1), phase: r.between(0, 24) * hour });

export const ownShapes: Readonly<Record<string, Shape>> = {
  'rollout-cachefill': {
    draw: (r) => ({ base: base(r), fill: r.between(60, 300) * MiB, full: r.between(3, 9) * hour }),
    revisions: () => [30 * hour],
    level: (q, age) => at(q, 'fill') * Math.min(1, age / at(q, 'full')),
    truth: none(0.01),
    hours: 60,
  },
  'rollout-every-12h': {
    draw: (r) => ({ base: base(r), fill: r.between(60, 300) * MiB, full: r.between(3, 9) * hour }),
    revisions: () => [12 * hour, 24 * hour, 36 * hour, 48 * hour],
    level: (q, age) => at(q, 'fill') * Math.min(1, age / at(q, 'full')),
    truth: none(0.01),
    hours: 60,
  },
  'rollout-daily-diurnal': {
    draw: (r) => diurnal(r),
    revisions: () => [24 * hour, 48 * hour, 72 * hour],
    level: (q, _age, t) => swing(q, t),
    truth: () => ({ leak: null, expect: { signal: 'inuse', verdict: 'none', tolerated_until_hours: 0.01 } }),
    hours: 96,
  },
  'saw-long': {
    draw: (r) => ({ base: base(r), height: r.between(60, 300) * MiB, period: r.between(6, 20) * hour }),
    level: (q, age) => at(q, 'height') * ((age % at(q, 'period')) / at(q, 'period')),
    truth: (q) => none(at(q, 'period') / hour + 1)(),
    hours: 96,
  },
  'saw-gc': {
    draw: (r) => ({ base: base(r), height: r.between(100, 400) * MiB, period: r.between(0.05, 0.6) * hour }),
    level: (q, age) => at(q, 'height') * ((age % at(q, 'period')) / at(q, 'period')),
    truth: none(0),
    hours: 48,
  },
  'diurnal-step': {
    draw: (r) => ({ ...diurnal(r), step: r.between(40, 150) * MiB, at: r.between(30, 60) * hour }),
    level: (q, age, t) => swing(q, t) + (age > at(q, 'at') ? at(q, 'step') : 0),
    truth: none(26),
    hours: 96,
  },
  'diurnal-busier': {
    draw: (r) => ({ ...diurnal(r), more: r.between(1.1, 1.4) }),
    level: (q, _age, t) => swing(q, t) * (Math.floor((t - at(q, 'phase')) / day) >= 2 ? at(q, 'more') : 1),
    truth: none(26),
    hours: 96,
  },
  'diurnal-week': { draw: diurnal, level: (q, _age, t) => swing(q, t), truth: none(26), hours: 192 },
  'steady-week': {
    draw: (r) => ({ base: r.between(80, 400) * MiB, wobble: r.between(0.01, 0.04) }),
    level: (q) => at(q, 'base') * 0.3,
    truth: none(0),
    hours: 192,
  },
  'batch-at-night': {
    draw: (r) => ({
      base: base(r),
      height: r.between(80, 400) * MiB,
      phase: r.between(0, 24) * hour,
      length: r.between(1, 5) * hour,
    }),
    level: (q, _age, t) => {
      const into = (t + day - at(q, 'phase')) % day;
      return into < at(q, 'length') ? at(q, 'height') * (into / at(q, 'length')) : 0;
    },
    truth: none(26),
    hours: 96,
  },
  'fill-slowly': {
    draw: (r) => ({ base: base(r), fill: r.between(60, 200) * MiB, full: r.between(10, 20) * hour }),
    level: (q, age) => at(q, 'fill') * Math.min(1, age / at(q, 'full')),
    truth: fillTruth('full'),
    hours: 60,
  },
  'restart-fill': {
    draw: (r) => ({
      base: base(r),
      fill: r.between(60, 200) * MiB,
      full: r.between(3, 7) * hour,
      life: r.between(13, 18) * hour,
    }),
    restarts: (q, pod) => ({ every: at(q, 'life') + pod * 1800 }),
    level: (q, age) => at(q, 'fill') * Math.min(1, age / at(q, 'full')),
    truth: fillTruth('full'),
    hours: 72,
  },
  'small-steady': {
    draw: (r) => ({ base: r.between(10, 40) * MiB, wobble: r.between(0.02, 0.06) }),
    level: (q) => at(q, 'base') * 0.5,
    truth: none(0),
    hours: 72,
  },
  'small-diurnal': {
    draw: (r) => ({ base: r.between(15, 50) * MiB, swing: r.between(0.3, 1), phase: r.between(0, 24) * hour }),
    level: (q, _age, t) => swing(q, t),
    truth: none(26),
    hours: 96,
  },
  'small-leak': {
    draw: (r) => ({ base: r.between(10, 40) * MiB, rate: (r.between(2, 5) * MiB) / hour }),
    level: (q, age) => at(q, 'rate') * age,
    truth: (q) => leak(Math.max(10, (48 * MiB) / at(q, 'rate') / hour + 6))(q),
    hours: 60,
  },
  'leak-by-traffic': {
    draw: (r) => ({
      base: r.between(80, 200) * MiB,
      rate: (r.between(8, 30) * MiB) / hour,
      phase: r.between(0, 24) * hour,
    }),
    level: (q, age, t) => {
      const turn = (x: number): number => Math.sin((2 * Math.PI * (x - at(q, 'phase'))) / day);
      return at(q, 'rate') * (age - ((12 * hour) / Math.PI) * (turn(t) - turn(0)));
    },
    truth: leak(26),
    hours: 72,
  },
  'leak-behind-saw': {
    draw: (r) => ({
      base: r.between(80, 200) * MiB,
      height: r.between(40, 150) * MiB,
      period: r.between(1, 5) * hour,
      rate: (r.between(6, 20) * MiB) / hour,
    }),
    level: (q, age) => at(q, 'rate') * age + at(q, 'height') * ((age % at(q, 'period')) / at(q, 'period')),
    truth: leak(26),
    hours: 60,
  },
  'leak-in-stairs': {
    draw: (r) => ({ base: r.between(80, 200) * MiB, every: r.between(0.5, 2) * hour, stair: r.between(8, 20) * MiB }),
    level: (q, age) => at(q, 'stair') * Math.floor(age / at(q, 'every')),
    truth: leak(26),
    hours: 60,
  },
  'deploy-during-leak': {
    draw: (r) => ({ base: r.between(80, 200) * MiB, rate: (r.between(12, 40) * MiB) / hour }),
    revisions: () => [20 * hour],
    level: (q, age) => at(q, 'rate') * age,
    truth: leak(8),
    hours: 48,
  },
  'leak-rollouts-daily': {
    draw: (r) => ({ base: r.between(80, 200) * MiB, rate: (r.between(10, 30) * MiB) / hour }),
    revisions: () => [18 * hour, 36 * hour, 54 * hour],
    level: (q, age) => at(q, 'rate') * age,
    truth: leak(8),
    hours: 72,
  },
  'slow-week': {
    draw: (r) => ({ base: r.between(100, 300) * MiB, rate: (r.between(0.5, 1.5) * MiB) / hour }),
    level: (q, age) => at(q, 'rate') * age,
    truth: leak(120),
    hours: 192,
  },
  'traffic-doubles': {
    draw: (r) => ({ base: base(r), churn: r.between(2, 8) * MiB, at: r.between(20, 30) * hour }),
    level: (q, age) => at(q, 'base') * (age > at(q, 'at') ? 0.6 : 0.3),
    churn: (q, age) => at(q, 'churn') * (age > at(q, 'at') ? 1.35 : 1),
    truth: none(0),
    hours: 60,
  },
};

/** The simulator with these shapes besides its own. */
export function withOwnShapes(simulator: Simulator): Simulator {
  for (const [name, shape] of Object.entries(ownShapes))
    simulator.scenarios[`x-${name}`] = shape as unknown as Scenario;
  return simulator;
}
