import type { Baseline, Gate, GrowingFunction } from '../../model/growth.ts';
import type { ProcessFloors } from '../../store/growth-store.ts';
import type { Found, Shown } from './finding.ts';
import {
  allocHold,
  allocHoldRatio,
  allocWarmup,
  bucketsPerDay,
  bucketsPerHour,
  maxRevisions,
  minAllocRate,
  rateBuckets,
} from './options.ts';
import { GateCounter, GateRecorder, type Probe } from './probe.ts';
import type { FollowedProcess } from './process.ts';
import { RateBook } from './rate-book.ts';
import { dayChange, hourlyMedian, type RateChange, revisionChange, stepOf } from './rate-change.ts';
import { Window } from './rings.ts';

/** Rates of allocation of a workload: which function began to allocate more, in a process, with a revision, or since yesterday. */

interface Regression extends RateChange {
  readonly id: string;
  readonly name: string;
  readonly baseline: Baseline['kind'];
  /** The revision that allocates more, and the one it is compared with. */
  readonly revision: string;
  readonly than?: string | undefined;
  readonly pods: readonly string[];
  readonly growers: readonly string[];
  /** Processes that it is summed over. */
  readonly processes: number;
  readonly start: number;
}

const window = new Window();

/** A revision is new for a day. */
const newFor = bucketsPerDay;

export class Allocations {
  readonly #all = new RateBook();
  readonly #byRevision = new Map<string, RateBook>();

  /** Takes the floors of a bucket. Processes in their first hour are left out of what revisions are compared by. */
  take(bucket: number, floors: readonly ProcessFloors[], ageOf: (floors: ProcessFloors) => number): void {
    this.#all.take(bucket, floors);
    const byRevision = Map.groupBy(
      floors.filter((one) => ageOf(one) > allocWarmup),
      ({ process }) => process.revision,
    );
    for (const revision of byRevision.keys()) {
      if (!this.#byRevision.has(revision)) this.#byRevision.set(revision, new RateBook());
    }
    for (const [revision, book] of this.#byRevision) {
      book.take(bucket, byRevision.get(revision) ?? []);
      if (bucket - book.seen >= rateBuckets) this.#byRevision.delete(revision);
    }
    if (this.#byRevision.size <= maxRevisions) return;
    const oldestFirst = [...this.#byRevision].sort(
      ([a, x], [b, y]) => x.seen - y.seen || x.first - y.first || (a < b ? -1 : 1),
    );
    for (const [revision] of oldestFirst.slice(0, -maxRevisions)) this.#byRevision.delete(revision);
  }

  /** What is shown by this bucket: the largest rise, and the others of the same kind. */
  judge(bucket: number, processes: readonly FollowedProcess[]): Shown | undefined {
    const found = this.#steps(bucket, processes);
    if (found.length === 0) found.push(...this.#ofRevisions(bucket, processes));
    if (found.length === 0) found.push(...this.#sinceYesterday(bucket, processes));
    return found.length === 0 ? undefined : shownOf(found);
  }

  #steps(bucket: number, processes: readonly FollowedProcess[]): Regression[] {
    const found = new Map<string, Regression>();
    for (const process of processes) {
      if (process.heapSeen !== bucket) continue;
      const whole = rateAt(process, process.whole.row);
      for (const series of process.functions.values()) {
        if (!((whole(0) ?? 0) >= minAllocRate)) break;
        const change = stepOf(rateAt(process, series.row), whole, new GateCounter());
        if (!change) continue;
        const { id, name } = series;
        const { revision, pod } = process;
        const one = {
          ...change,
          id,
          name,
          baseline: 'earlier',
          revision,
          processes: 1,
          start: bucket - bucketsPerHour,
        } as const;
        found.set(id, together(found.get(id), { ...one, pods: [pod], growers: [process.id] }));
      }
    }
    return [...found.values()];
  }

  #ofRevisions(bucket: number, processes: readonly FollowedProcess[]): Regression[] {
    const [fresh, old] = this.#newestTwo(bucket);
    if (!fresh || !old) return [];
    const [revision, book] = fresh;
    const mine = processes.filter((process) => process.revision === revision && process.heapSeen === bucket);
    const ofChange = (id: string, name: string): Regression[] => {
      const change = revisionChange(id, book, old[1], new GateCounter());
      if (!change || mine.length === 0) return [];
      return [{ ...change, id, name, baseline: 'revision', revision, than: old[0], ...those(mine), start: book.first }];
    };
    const functions = [...book.functions].flatMap(([id, { name }]) => ofChange(id, name));
    return functions.length > 0 ? functions : ofChange('', '');
  }

  /** The revision that is new and runs, and the one of the others that ran last. */
  #newestTwo(bucket: number): (readonly [string, RateBook] | undefined)[] {
    const firstOf = ({ first }: RateBook): number => Math.max(first, bucket - newFor);
    const books = [...this.#byRevision].sort(([a], [b]) => (a < b ? -1 : 1));
    const [fresh] = books.filter(([, { seen }]) => seen === bucket).sort(([, a], [, b]) => firstOf(b) - firstOf(a));
    if (!fresh || fresh[1].first <= bucket - newFor) return [];
    const before = books.filter(([, book]) => book.first < fresh[1].first);
    return [fresh, before.sort(([, a], [, b]) => b.seen - a.seen || firstOf(b) - firstOf(a))[0]];
  }

  #sinceYesterday(bucket: number, processes: readonly FollowedProcess[]): Regression[] {
    const mine = processes.filter((process) => process.heapSeen === bucket);
    const newest = mine.toSorted((a, b) => b.first - a.first || (a.id < b.id ? -1 : 1))[0];
    if (!newest) return [];
    return [...this.#all.functions].flatMap(([id, { name }]) => {
      const change = dayChange(id, this.#all, new GateCounter());
      if (!change) return [];
      return [
        {
          ...change,
          id,
          name,
          baseline: 'yesterday',
          revision: newest.revision,
          ...those(mine),
          start: bucket - 24,
        } as const,
      ];
    });
  }

  /**
   * Whether what was found still allocates more than before it: for a day at most, then it is how things are. While that is not
   * known, after a gap or in the first hour of its processes, it does.
   */
  holds(found: Found, bucket: number): boolean {
    if (bucket - found.since >= allocHold) return false;
    const [first] = found.functions;
    const book = this.#byRevision.get(found.revision) ?? this.#all;
    const ring = first === undefined || first.id === '' ? book.whole : book.functions.get(first.id);
    if (!ring) return false;
    const now = hourlyMedian((back) => ring.rate(back), 0);
    return !(now < allocHoldRatio * (found.baseline.level ?? 0));
  }

  /** How much the rate of a process of the workload changed in the newest hour; undefined until it is known. */
  get change(): number | undefined {
    const { whole } = this.#all;
    const before = hourlyMedian((back) => whole.rate(back), bucketsPerHour);
    const change = hourlyMedian((back) => whole.rate(back), 0) - before;
    return Number.isFinite(change) ? change : undefined;
  }

  /** The conditions of the function that rose most in a process. */
  gates(processes: readonly FollowedProcess[], bucketMs: number): readonly Gate[] {
    const none = new GateRecorder('bytes', bucketMs);
    const best = mostRisen(processes);
    if (!best) {
      none.atLeast('profiles', 0, 1, 'count');
      return none.gates;
    }
    const recorder = new GateRecorder('bytes', bucketMs);
    stepGates(best.process, best.row, recorder);
    return recorder.gates;
  }
}

function stepGates(process: FollowedProcess, row: number, probe: Probe): void {
  const { n } = process.rings.rates(row, 42, window);
  if (probe.atLeast('floors', n, 30, 'count')) stepOfAny(process, row, probe);
}

/** As `stepOf`, but what is too small for it is told too. */
function stepOfAny(process: FollowedProcess, row: number, probe: Probe): void {
  const { now, before } = latest(process, row);
  if (now >= minAllocRate) stepOf(rateAt(process, row), rateAt(process, process.whole.row), probe);
  else probe.atLeast('increase', now - before, minAllocRate, 'rate');
}

function latest(process: FollowedProcess, row: number): { now: number; before: number } {
  const rate = rateAt(process, row);
  return { now: hourlyMedian(rate, 0), before: hourlyMedian(rate, bucketsPerHour) };
}

/** Of rows that rose equally: the one that allocates most, the process by its id, the whole before its functions. */
function mostRisen(processes: readonly FollowedProcess[]): Risen | undefined {
  let best: Risen | undefined;
  for (const process of processes) {
    for (const { row, id } of [{ row: process.whole.row, id: '' }, ...process.functions.values()]) {
      const { now, before } = latest(process, row);
      const risen = { process, row, id, now, rise: now - before };
      if (risen.rise > -Infinity && (!best || isBefore(risen, best))) best = risen;
    }
  }
  return best;
}

interface Risen {
  readonly process: FollowedProcess;
  readonly row: number;
  /** Of the function, '' of the whole. */
  readonly id: string;
  readonly now: number;
  readonly rise: number;
}

function isBefore(a: Risen, b: Risen): boolean {
  if (a.rise !== b.rise) return a.rise > b.rise;
  if (a.now !== b.now) return a.now > b.now;
  return a.process.id === b.process.id ? a.id < b.id : a.process.id < b.process.id;
}

function rateAt({ rings }: FollowedProcess, row: number): (back: number) => number {
  return (back) => rings.rate(row, back);
}

const those = (processes: readonly FollowedProcess[]): Pick<Regression, 'pods' | 'growers' | 'processes'> => ({
  pods: [...new Set(processes.map(({ pod }) => pod))].sort(),
  growers: processes.map(({ id }) => id).sort(),
  processes: processes.length,
});

/** The same function in several processes: the sums, and the largest rise of one. */
function together(a: Regression | undefined, b: Regression): Regression {
  if (!a) return b;
  const worst = hasRisenMore(b, a) ? b : a;
  const pods = [...new Set([...a.pods, ...b.pods])].sort();
  return { ...worst, pods, growers: [...a.growers, ...b.growers].sort(), processes: a.processes + b.processes };
}

function hasRisenMore(a: Regression, b: Regression): boolean {
  const more = a.now - a.before - (b.now - b.before) || a.now - b.now;
  return more === 0 ? a.revision > b.revision : more > 0;
}

function shownOf(found: readonly Regression[]): Shown {
  const largestFirst = found.toSorted(
    (a, b) => b.processes * (b.now - b.before) - a.processes * (a.now - a.before) || (a.id < b.id ? -1 : 1),
  );
  const worst = largestFirst[0] as Regression;
  const rise = worst.now - worst.before;
  return {
    tier: 'suspected',
    because: undefined,
    revision: worst.revision,
    start: Math.min(...found.map(({ start }) => start)),
    growers: [...new Set(found.flatMap(({ growers }) => growers))].sort(),
    pods: [...new Set(found.flatMap(({ pods }) => pods))].sort(),
    functions: largestFirst.slice(0, 5).map(functionOf),
    slope: { perSecond: rise, low: rise, high: rise },
    rise,
    baseline: {
      kind: worst.baseline,
      level: worst.before,
      ...(worst.than === undefined ? {} : { revision: worst.than }),
    },
  };
}

function functionOf({ id, name, before, now, processes }: Regression): GrowingFunction {
  return { id, name, perSecond: processes * (now - before), level: processes * now };
}
