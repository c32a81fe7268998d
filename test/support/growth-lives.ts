import { createDetector } from '../../src/growth/detector/detector.ts';
import type { GrowthSignal, GrowthVerdict, SignalVerdict } from '../../src/model/growth.ts';
import type { FunctionFloor, ProcessFloors } from '../../src/store/growth-store.ts';
import { firstBucket } from './growth-histories.ts';
import { usualSettings } from './growth-score.ts';
import { testWorkload } from './growth-scrapes.ts';

/** Processes as a test draws them: what each function holds (MiB) and allocates (MiB/s) at each bucket of its life. */

const MiB = 2 ** 20;

export interface DrawnLife {
  readonly pod: string;
  readonly revision?: string;
  /** The second process of a pod has another id. */
  readonly nth?: number;
  /** Buckets since the first, `[from, to)`. */
  readonly from?: number;
  readonly to?: number;
  /** undefined: not among the floors. */
  readonly holds?: Readonly<Record<string, (age: number, at: number) => number | undefined>>;
  readonly allocates?: Readonly<Record<string, (age: number, at: number) => number>>;
  readonly goroutines?: (age: number, at: number) => number;
}

export function floorsAt(at: number, lives: readonly DrawnLife[]): ProcessFloors[] {
  return lives
    .filter(({ from = 0, to = Infinity }) => at >= from && at < to)
    .map(({ pod, revision = '1', nth = 1, from = 0, holds = {}, allocates = {}, goroutines }) => {
      const age = at - from;
      const names = [...new Set([...Object.keys(holds), ...Object.keys(allocates)])];
      const all = names.flatMap((name) =>
        functionFloor(name, holds[name]?.(age, at) ?? 0, allocates[name]?.(age, at) ?? 0),
      );
      const bytes = all.reduce((sum, one) => sum + one.bytes, 0);
      return {
        workload: testWorkload,
        process: {
          id: `${pod}-${nth}`,
          slot: `shop/${pod}/app`,
          pod,
          revision,
          startedMs: 600_000 * (firstBucket + from),
        },
        bucket: firstBucket + at,
        heap: {
          bytes,
          objects: Math.ceil(bytes / 8192),
          period: 524_288,
          weight: 528_000,
          allocBytes: all.reduce((sum, one) => sum + one.allocBytes, 0),
          allocMs: 600_000,
        },
        ...(goroutines ? { goroutines: Math.round(goroutines(age, at)) } : {}),
        functions: all.filter(({ name }) => holds[name] === undefined || holds[name](age, at) !== undefined),
      };
    });
}

function functionFloor(name: string, mib: number, rate: number): FunctionFloor {
  const bytes = Math.round(mib * MiB);
  return { id: name, name, bytes, objects: Math.ceil(bytes / 8192), allocBytes: Math.round(600 * rate * MiB) };
}

/** What comes between: buckets without floors, and those after which the collector is restarted. */
export interface Disturbances {
  readonly without?: (at: number) => boolean;
  readonly restartsAt?: readonly number[];
}

/** The verdicts of one signal, bucket by bucket; buckets without floors are not judged. */
export function judged(
  signal: GrowthSignal,
  buckets: number,
  lives: readonly DrawnLife[],
  { without = () => false, restartsAt = [] }: Disturbances = {},
): Map<number, SignalVerdict> {
  let detector = createDetector(testWorkload, usualSettings);
  const verdicts = new Map<number, SignalVerdict>();
  const history: ProcessFloors[] = [];
  for (let at = 0; at < buckets; at++) {
    const bucket = firstBucket + at;
    const floors = without(at) ? [] : floorsAt(at, lives);
    if (floors.length > 0) verdicts.set(at, signalOf(detector.step(bucket, floors), signal));
    if (restartsAt.length > 0) history.push(...floors);
    if (restartsAt.includes(at)) {
      detector = createDetector(testWorkload, usualSettings, { memory: detector.memory(), bucket, history });
    }
  }
  return verdicts;
}

function signalOf({ signals }: GrowthVerdict, wanted: GrowthSignal): SignalVerdict {
  const found = signals.find(({ signal }) => signal === wanted);
  if (!found) throw new Error(`no verdict of ${wanted}`);
  return found;
}

/** Stretches of buckets with a finding: `36-50 suspected, 80- likely`. */
export function drawFindings(verdicts: ReadonlyMap<number, SignalVerdict>): string {
  const stretches: { from: number; to: number; tier: string }[] = [];
  let last: { from: number; to: number; tier: string } | undefined;
  let end = 0;
  for (const [at, { tier }] of verdicts) {
    end = at;
    if (tier === undefined) last = undefined;
    else if (last?.tier === tier) last.to = at;
    else stretches.push((last = { from: at, to: at, tier }));
  }
  return stretches.map(({ from, to, tier }) => `${from}-${to === end ? '' : to} ${tier}`).join(', ');
}
